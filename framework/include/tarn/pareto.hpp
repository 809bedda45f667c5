// Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao & Gabry 2024).
#pragma once

#include <span>

#include "tarn/vector.hpp"

namespace tarn {

/// A generalised Pareto distribution that starts at 0.
struct GeneralisedPareto {
  double k;      // shape; moments below 1 / k exist
  double sigma;  // scale

  double quantile(double p) const;
};

/// Fitted by the quick estimate of Zhang & Stephens (2009), its shape drawn towards 1/2 by 10
/// observations' worth (Vehtari et al. 2024, appendix G). Positive numbers, ascending.
GeneralisedPareto fit_generalised_pareto(std::span<const double> ascending);

/// Importance ratios whose tail is smoothed.
struct SmoothedRatios {
  Eigen::ArrayXd log_ratios;  // greatest at most 0
  double k;                   // of the raw ratios' tail; infinite where it cannot be told

  /// Weights whose sum is 1.
  Eigen::ArrayXd weights() const;
};

/// The ratios of draws that are worth `relative_efficiency` independent ones each: dependent draws
/// have a longer tail smoothed. -inf is allowed, NaN is not.
SmoothedRatios smooth_ratios(const Eigen::ArrayXd& log_ratios, double relative_efficiency = 1);

/// Above this shape the ratios of so many draws say too little: min(1 - 1 / log10 S, 0.7)
/// (Vehtari et al. 2024, section 3.2.4).
double reliable_pareto_k(double draws);

}  // namespace tarn
