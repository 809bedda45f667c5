// Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao & Gabry 2024).
#pragma once

#include <span>

#include <tarn/vector.hpp>

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
};

/// -inf is allowed, NaN is not.
SmoothedRatios smooth_ratios(const Eigen::ArrayXd& log_ratios);
