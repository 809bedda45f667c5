// The average of functions of a normal variable, many side by side.
#pragma once

#include <algorithm>
#include <cmath>

#include "tarn/vector.hpp"

namespace tarn {

/// E[f_i(sd_i z)] over the standard normal z, where at(z, values) writes f_i(sd_i z) for all i. By
/// the trapezoidal rule, whose error falls exponentially with the number of steps (Trefethen &
/// Weideman 2014): means of all links are analytic within pi / 2 of the real line (cloglog; logit
/// within pi), so that a step of 0.6 leaves exp(-pi^2 / 0.6) = 7e-8 at most.
template <class At>
void normal_average(const Vector& sd, const At& at, VectorRef average) {
  constexpr double step_of_z = 0.4;
  constexpr double step_of_f = 0.6;  // of sd z
  // What lies beyond is below 1e-16 of the whole, and with the log link moves by sd. Farther off
  // than `end` weights are 0.
  constexpr double reach = 8.5;
  constexpr double end = 38.6;
  constexpr double most_steps = 2000;  // where sd is above 30, the steps of sd z are longer
  const double widest = sd.maxCoeff();
  const double length = std::min(end, reach + widest);
  const double step = std::max(std::min(step_of_z, step_of_f / widest), length / most_steps);
  const auto steps = static_cast<Eigen::Index>(std::ceil(length / step));
  Vector values(sd.size());
  average.setZero();
  double total = 0;
  for (Eigen::Index k = -steps; k <= steps; ++k) {
    const double z = step * static_cast<double>(k);
    const double weight = std::exp(-z * z / 2);
    if (weight == 0) continue;
    at(z, values);
    average += weight * values;
    total += weight;
  }
  average /= total;
}

}  // namespace tarn
