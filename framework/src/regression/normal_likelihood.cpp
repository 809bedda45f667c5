// Parabolas of levels.
#include "regression/normal_likelihood.hpp"

#include <cmath>
#include <numbers>

namespace tarn::regression {

void NormalLikelihood::begin(const RowBlock& block, const Vector& eta, const Matrix& psi) {
  GeneralLikelihood::begin(block, eta, psi);
  const Rows& rows = block.rows;
  const double of_row = 0.5 * std::log(2 * std::numbers::pi);
  residual_ = rows.y - eta;
  precision_.resize(eta.size());
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    const double sd = normal_.row_sd(rows, i, psi);
    precision_[i] = rows.frequency[i] / (sd * sd);
    by_row_[i] = -rows.frequency[i] * (of_row + std::log(sd));
  }
  for (Vector* of_levels : {&greatest_, &mode_, &squares_}) {
    of_levels->resize(static_cast<Eigen::Index>(block.groups()));
  }
  for (std::size_t j = 0; j < block.groups(); ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    const Eigen::Index first = block.first[j];
    const Eigen::Index count = block.first[j + 1] - first;
    const auto own = precision_.segment(first, count);
    const auto residual = residual_.segment(first, count);
    squares_[at] = own.sum();
    mode_[at] = squares_[at] > 0 ? own.dot(residual) / squares_[at] : 0;
    // About the mode, where little cancels however large effects are.
    greatest_[at] = by_row_.segment(first, count).sum() -
                    0.5 * own.dot((residual.array() - mode_[at]).square().matrix());
  }
}

void NormalLikelihood::guess(double sd, Vector& u) const {
  u = squares_.array() * mode_.array() / (squares_.array() + 1 / (sd * sd));
}

void NormalLikelihood::derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                                   Vector& curvature) {
  for (Eigen::Index j = 0; j < u.size(); ++j) {
    if (!wanted[static_cast<std::size_t>(j)]) continue;
    score[j] = squares_[j] * (mode_[j] - u[j]);
    curvature[j] = squares_[j];
  }
}

void NormalLikelihood::values(const Matrix& u, const Wanted& wanted, Matrix& l) {
  for (Eigen::Index j = 0; j < u.cols(); ++j) {
    if (!wanted[static_cast<std::size_t>(j)]) continue;
    l.col(j) = greatest_[j] - 0.5 * squares_[j] * (u.col(j).array() - mode_[j]).square();
  }
}

void NormalLikelihood::mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) {
  by_row = precision_.cwiseProduct(residual_);
  for (std::size_t j = 0; j < block_->groups(); ++j) {
    const auto at = static_cast<Eigen::Index>(j);
    const Eigen::Index first = block_->first[j];
    const Eigen::Index count = block_->first[j + 1] - first;
    const double total = share.col(at).sum();
    auto own = by_row.segment(first, count);
    own = total * own - share.col(at).dot(u.col(at)) * precision_.segment(first, count);
  }
}

}  // namespace tarn::regression
