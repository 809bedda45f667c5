// Householder QR of the rows of a leaf, block by block; leaves by a tree of factors.
#include "data/moments/moments_accumulator.hpp"

namespace tarn {

MomentsLeaf::MomentsLeaf(Eigen::Index columns, bool known_errors)
    : known_errors_(known_errors), rows_(columns) {}

void MomentsLeaf::add(const Rows& rows, Eigen::Index first, Eigen::Index count) {
  const Eigen::Index p = rows.X.cols();
  counts_.add(rows, first, count, known_errors_);
  rows_.add(count, [&](Eigen::Index at, auto block) {
    const Eigen::ArrayXd root = rows.weight.segment(first + at, block.rows()).array().sqrt();
    for (Eigen::Index k = 0; k < p; ++k) {
      block.col(k) = root * rows.X.col(k).segment(first + at, block.rows()).array();
    }
    block.col(p) = root * rows.y.segment(first + at, block.rows()).array();
  });
}

void MomentsLeaf::clear() {
  counts_ = {};
  rows_.clear();
}

MomentsAccumulator::MomentsAccumulator(const Design& design)
    : MomentsAccumulator(static_cast<Eigen::Index>(design.size()) + 1, design.known_errors) {}

MomentsAccumulator::MomentsAccumulator(Eigen::Index columns, bool known_errors)
    : columns_(columns), known_errors_(known_errors), tree_(MomentsLeaf(columns, known_errors)) {}

std::unique_ptr<MomentsAccumulator> MomentsAccumulator::without_rows() const {
  return std::unique_ptr<MomentsAccumulator>(new MomentsAccumulator(columns_, known_errors_));
}

Moments MomentsAccumulator::finish() {
  const auto root = tree_.root();
  if (!root) return {Matrix::Zero(columns_, columns_)};
  return {root->factor.matrix(), root->counts.rows(), root->counts.log_weight()};
}

}  // namespace tarn
