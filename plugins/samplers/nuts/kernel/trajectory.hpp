// One transition of the No-U-Turn sampler.
#pragma once

#include <tarn/rng.hpp>
#include <tarn/target.hpp>

#include "metric.hpp"

namespace nuts {

/// A place with what is known of it.
struct Point {
  tarn::Vector z;
  tarn::Vector gradient;
  double log_density;
};

Point point_at(const tarn::Target& target, tarn::ConstVectorRef z);

/// What a transition reports.
struct Transition {
  Point to;
  double energy;      // of `to` with its momentum
  double acceptance;  // mean Metropolis acceptance over all leaves
  double step_size;
  int depth = 0;
  int steps = 0;
  bool diverging = false;
  bool cut_off = false;  // at the greatest depth, before it turned
};

/// From `from` along the Hamiltonian flow, forwards and backwards in doubling stretches until the
/// trajectory turns. The draw is multinomial over its points (Hoffman & Gelman 2014; Betancourt
/// 2017, appendix A).
Transition transition(const tarn::Target& target, const Metric& metric, const Point& from,
                      double step, int max_depth, tarn::Rng& rng);

/// A step whose first acceptance is near 0.8, by doubling or halving from `step`.
double first_step(const tarn::Target& target, const Metric& metric, const Point& from, double step,
                  tarn::Rng& rng);

}  // namespace nuts
