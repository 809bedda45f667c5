// The mode of a density and its curvature there.
#pragma once

#include <tarn/target.hpp>

/// Where the log density is greatest, and C with C C' = the inverse of its negative Hessian: the
/// coordinates w in z = mode + C w are standard normal as far as two derivatives can tell.
struct Mode {
  tarn::Vector at;
  tarn::Matrix whitening;    // C
  tarn::Matrix unwhitening;  // C^-1
  double log_density;
};

/// Damped Newton steps with differenced derivatives, from a point of finite density. Meant for a
/// few dimensions. Throws SamplingError if no mode is found.
Mode find_mode(const tarn::Target& target, tarn::Vector start);
