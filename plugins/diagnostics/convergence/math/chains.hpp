// Chains less their means, with the moments that R-hat and effective sample size share.
#pragma once

#include "tarn/vector.hpp"

namespace tarn::convergence {

/// One column per (half) chain.
struct Chains {
  Matrix centred;
  double within = 0;         // mean over chains of the variance
  double between = 0;        // variance of the chain means; 0 for one chain
  bool informative = false;  // finite and not constant: without that nothing can be said

  void assign(ConstMatrixRef x);
  double draws() const noexcept { return static_cast<double>(centred.rows()); }
  double count() const noexcept { return static_cast<double>(centred.cols()); }
};

/// The potential scale reduction factor (Gelman & Rubin 1992). NaN: cannot say.
double rhat(const Chains& chains);

}  // namespace tarn::convergence
