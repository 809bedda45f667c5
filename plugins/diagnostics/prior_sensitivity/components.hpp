// What power scaling needs of a fit: the log density of its parts in every draw.
#pragma once

#include "tarn/diagnostic.hpp"

namespace tarn::power_scaling {

struct Components {
  Eigen::ArrayXd log_prior;       // all draws of chain 0 first
  Eigen::ArrayXd log_likelihood;  // summed over the rows
};

/// Rows are read in blocks, and draws as they are stored together: never all of both at once.
Components components(const Fit& fit);

}  // namespace tarn::power_scaling
