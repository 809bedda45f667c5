// Within and between variances of chains.
#include "chains.hpp"

#include <cmath>
#include <limits>

namespace tarn::convergence {

void Chains::assign(ConstMatrixRef x) {
  // As posterior has it: a range below the machine's epsilon counts as constant.
  const double range = x.maxCoeff() - x.minCoeff();
  informative = std::isfinite(range) && range >= std::numeric_limits<double>::epsilon();
  if (!informative) return;

  centred.resize(x.rows(), x.cols());
  Eigen::RowVectorXd means(x.cols());
  within = 0;
  for (Eigen::Index chain = 0; chain < x.cols(); ++chain) {
    // From the first draw, so that a stuck chain has a variance of exactly 0.
    const double origin = x(0, chain);
    const double mean = (x.col(chain).array() - origin).mean();
    centred.col(chain) = (x.col(chain).array() - origin) - mean;
    within += centred.col(chain).squaredNorm();
    means[chain] = origin + mean;
  }
  within /= (draws() - 1) * count();  // one draw: NaN
  between = count() > 1 ? (means.array() - means.mean()).square().sum() / (count() - 1) : 0;
}

double rhat(const Chains& chains) {
  if (!chains.informative) return std::numeric_limits<double>::quiet_NaN();
  const double n = chains.draws();
  return std::sqrt((n * chains.between / chains.within + n - 1) / n);
}

}  // namespace tarn::convergence
