// Sums over the rows of levels by calls of the family.
#include "regression/group_likelihood.hpp"

#include "regression/normal_likelihood.hpp"
#include "regression/shift_likelihood.hpp"

namespace tarn::regression {

std::unique_ptr<GroupLikelihood> make_group_likelihood(const Family& family) {
  if (const auto* normal = query<GaussianRows>(family)) {
    return std::make_unique<NormalLikelihood>(family, *normal);
  }
  const auto* form = query<ShiftForm>(family);
  if (form == nullptr) return std::make_unique<GeneralLikelihood>(family);
  return std::make_unique<ShiftLikelihood>(family, *form);
}

void GroupLikelihood::guess(double, Vector& u) const { u.setZero(); }

void GeneralLikelihood::begin(const RowBlock& block, const Vector& eta, const Matrix& psi) {
  block_ = &block;
  eta_ = &eta;
  psi_ = psi;
  for (Vector* scratch : {&shifted_, &by_row_, &score_, &curvature_}) scratch->resize(eta.size());
}

template <class Shift>
void GeneralLikelihood::shift(Shift of_level) {
  for (std::size_t j = 0; j < block_->groups(); ++j) {
    const Eigen::Index first = block_->first[j];
    const Eigen::Index count = block_->first[j + 1] - first;
    shifted_.segment(first, count) =
        eta_->segment(first, count).array() + of_level(static_cast<Eigen::Index>(j));
  }
}

void GeneralLikelihood::derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                                    Vector& curvature) {
  shift([&](Eigen::Index j) { return u[j]; });
  family_.derivatives(block_->rows, shifted_, psi_, score_, curvature_);
  const Vector& frequency = block_->rows.frequency;
  for (std::size_t j = 0; j < block_->groups(); ++j) {
    if (!wanted[j]) continue;
    const Eigen::Index first = block_->first[j];
    const Eigen::Index count = block_->first[j + 1] - first;
    const auto at = static_cast<Eigen::Index>(j);
    score[at] = frequency.segment(first, count).dot(score_.segment(first, count));
    curvature[at] = frequency.segment(first, count).dot(curvature_.segment(first, count));
  }
}

void GeneralLikelihood::values(const Matrix& u, const Wanted& wanted, Matrix& l) {
  const Vector& frequency = block_->rows.frequency;
  for (Eigen::Index k = 0; k < u.rows(); ++k) {
    shift([&](Eigen::Index j) { return u(k, j); });
    family_.log_likelihood(block_->rows, shifted_, psi_, by_row_);
    for (std::size_t j = 0; j < block_->groups(); ++j) {
      if (!wanted[j]) continue;
      const Eigen::Index first = block_->first[j];
      const Eigen::Index count = block_->first[j + 1] - first;
      l(k, static_cast<Eigen::Index>(j)) =
          frequency.segment(first, count).dot(by_row_.segment(first, count));
    }
  }
}

void GeneralLikelihood::mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) {
  by_row.setZero(eta_->size());
  for (Eigen::Index k = 0; k < u.rows(); ++k) {
    shift([&](Eigen::Index j) { return u(k, j); });
    family_.derivatives(block_->rows, shifted_, psi_, score_, curvature_);
    for (std::size_t j = 0; j < block_->groups(); ++j) {
      const Eigen::Index first = block_->first[j];
      const Eigen::Index count = block_->first[j + 1] - first;
      by_row.segment(first, count) +=
          share(k, static_cast<Eigen::Index>(j)) * score_.segment(first, count);
    }
  }
  by_row.array() *= block_->rows.frequency.array();
}

}  // namespace tarn::regression
