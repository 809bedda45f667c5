// R-hat and effective draws of sequences. NaN: cannot say.
#pragma once

#include <vector>

#include "tarn/statistics/sequences.hpp"

namespace tarn::statistics {

/// The potential scale reduction factor (Gelman & Rubin 1992).
double rhat(const Sequences& sequences);

/// Effective draws of all sequences together (Vehtari et al. 2021, section 3.2), by Geyer's (1992)
/// initial monotone positive sequence of pairs of autocorrelations. Keeps its work space.
class EffectiveDraws {
 public:
  double operator()(Sequences& sequences);

 private:
  std::vector<double> rho_;
};

}  // namespace tarn::statistics
