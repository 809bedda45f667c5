// Two samples, with and without what was left out, joined into one estimate of its density.
#pragma once

#include <cstddef>

#include "tarn/vector.hpp"

namespace tarn::information {

/// The log likelihood of what was left out in draws of some chains, one chain after another.
struct Sampled {
  Eigen::ArrayXd log_likelihood;
  std::size_t chains;
};

struct Bridged {
  double elpd;  // log p(y_j | the others)
  double mcse;  // its Monte Carlo standard error
};

/// The ratio of the normalising constants of p(theta | y) and p(theta | y without y_j) is
/// p(y_j | y without y_j), and that of their densities p(y_j | theta): so the optimal bridge
/// between the two (Meng & Wong 1996, equation 4.1) needs nothing else. Its error is that of
/// Fruehwirth- Schnatter (2004), with effective draws. It averages bounded functions, so that no
/// heavy tail of either sample makes it worse than it says.
Bridged bridge(const Sampled& with, const Sampled& without);

}  // namespace tarn::information
