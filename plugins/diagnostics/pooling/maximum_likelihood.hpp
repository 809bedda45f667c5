// Maximum likelihood of groups by themselves, and without groups, for families other than the
// normal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "groups.hpp"

namespace tarn::pooling {

/// A parameter of the family that the draws hold no block of, for it differs between rows; or
/// nothing. Then nothing here can be had.
std::optional<std::string> varying_parameter(const Fit& fit);

/// Of each of J parts of the rows: q coefficients, the family's parameters at their posterior
/// means.
struct Maxima {
  Matrix at;                      // q x J; NaN where there is no finite maximum, or no single one
  std::vector<Matrix> of_means;   // information at the posterior means
  std::vector<Matrix> of_maxima;  // and at the maxima
  Vector count;                   // rows, or the sum of their weights
};

/// The effects of each level of a grouping, everything else at its posterior mean.
Maxima maxima_of_levels(const Fit& fit, std::size_t grouping, const Means& means);

/// All coefficients, as if there were no groups; in the user's coordinates, with standard errors.
struct Pooled {
  Vector b;
  Vector se;
};
Pooled maximum_likelihood(const Fit& fit, const Means& means);

}  // namespace tarn::pooling
