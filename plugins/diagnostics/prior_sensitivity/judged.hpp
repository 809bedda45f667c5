// What power scaling says of one fit.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "power_scaling.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::power_scaling {

/// Above this Pareto k, weights say too little (Vehtari et al. 2024).
inline constexpr double reliable = 0.7;

/// Powers at which quantities are shown.
inline constexpr std::array<double, 5> shown_alphas{0.8, 0.9, 1, 1 / 0.9, 1.25};

/// One component to all powers.
struct Scalings {
  std::string component;  // prior, likelihood
  Scaled lower;
  Scaled upper;
  std::array<Scaled, shown_alphas.size()> shown;

  /// The greatest Pareto k where the derivative is taken, and of what is shown.
  double local_k() const { return std::max(lower.pareto_k, upper.pareto_k); }
  double shown_k() const;
};

struct Judged {
  /// A scalar parameter.
  struct Parameter {
    std::string name;
    std::size_t block;
    std::size_t element;
    double by_prior;  // sensitivities
    double by_likelihood;
  };

  double threshold;
  Scalings prior;
  Scalings likelihood;
  std::vector<Parameter> parameters;

  bool conflict(const Parameter& p) const {
    return p.by_prior >= threshold && p.by_likelihood >= threshold;
  }
  bool strong_prior(const Parameter& p) const {
    return p.by_prior >= threshold && p.by_likelihood < threshold;
  }
};

Vector draws_of(const Draws& draws, const Judged::Parameter& parameter);

void add_findings(const Judged& judged, Report& report);
void add_figures(const Judged& judged, const Draws& draws, Report& report);

}  // namespace tarn::power_scaling
