// Weights of a level's nodes without one of its rows; other nodes where these do not hold it.
#include "regression/left_out_rows.hpp"

#include <algorithm>
#include <cmath>

namespace tarn::regression {
namespace {

/// What is left without a row is further from normal than the whole, so that there are more nodes
/// than the density of the whole needs; probabilities are steps over u where a row says much, and
/// are given still more.
constexpr std::size_t density_nodes = 31;
constexpr std::size_t probability_nodes = 59;

/// How far, in sds of u given the level, what is left may lie from it, and how wide it may be.
constexpr double most_moved = 1.5;
constexpr double most_variance = 2;

/// The nodes' weights without the row, normalised; log of the sum that they had.
double without(const Eigen::ArrayXd& log_share, const Eigen::ArrayXd& l, Eigen::ArrayXd& weight) {
  weight = log_share - l;
  const double most = weight.maxCoeff();
  weight = (weight - most).exp();
  const double sum = weight.sum();
  weight /= sum;
  return most + std::log(sum);
}

}  // namespace

void distribution_of(const Family& family, const Rows& rows, const Vector& eta, const Matrix& psi,
                     VectorRef below, VectorRef up_to) {
  query<DistributionFunction>(family)->cumulative(rows, eta, psi, up_to);
  below = up_to;
  if (!family.has_atoms()) return;
  if (family.probability_mass()) {  // not by subtraction, which leaves a rest below the least value
    Rows before;
    before.y = rows.y.array() - 1;
    before.trials = rows.trials;
    before.frequency = rows.frequency;
    before.weight = rows.weight;
    return query<DistributionFunction>(family)->cumulative(before, eta, psi, below);
  }
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    if (rows.y[i] == 0) below[i] = 0;  // of a hurdle's numbers only 0 has a probability
  }
}

void LeftOutRows::values(const Rows& rows, const Vector& eta, const Matrix& psi, const Matrix& u,
                         const std::vector<Eigen::Index>& column, const Parts& parts) {
  const Eigen::Index n = eta.size();
  Vector shifted(n), by_row(n), below(n), up_to(n);
  l_.resize(u.rows(), n);
  if (parts.below != nullptr) below_.resize(u.rows(), n), up_to_.resize(u.rows(), n);
  for (Eigen::Index k = 0; k < u.rows(); ++k) {
    for (Eigen::Index i = 0; i < n; ++i) shifted[i] = eta[i] + u(k, column[as_size(i)]);
    family_.log_likelihood(rows, shifted, psi, by_row);
    l_.row(k) = by_row.cwiseProduct(rows.frequency).transpose();
    if (parts.below == nullptr) continue;
    distribution_of(family_, rows, shifted, psi, below, up_to);
    below_.row(k) = below.transpose();
    up_to_.row(k) = up_to.transpose();
  }
}

void LeftOutRows::evaluate(const RowBlock& block, const Point& at, const Parts& parts) {
  const std::size_t nodes = parts.below != nullptr ? probability_nodes : density_nodes;
  const Quadrature::Integrals whole = quadrature_.of_levels(block, at.eta, at.psi, at.sd, nodes);
  u_ = whole.u;
  share_ = whole.share.array().log();
  const Vector of_levels = whole.log_likelihood;
  level_.clear();
  for (std::size_t j = 0; j < block.groups(); ++j) {
    level_.insert(level_.end(), as_size(block.first[j + 1] - block.first[j]), as_index(j));
  }
  values(block.rows, at.eta, at.psi, u_, level_, parts);

  const Eigen::ArrayXd& x = hermite_rule(nodes).x;
  Eigen::ArrayXd weight;
  alone_.clear();
  for (Eigen::Index i = 0; i < at.eta.size(); ++i) {
    const Eigen::Index j = level_[as_size(i)];
    const double inverse = without(share_.col(j), l_.col(i), weight);
    const double moved = (weight * x).sum();
    const double variance = (weight * x.square()).sum() - moved * moved;
    const bool only = block.first[as_size(j) + 1] - block.first[as_size(j)] == 1;
    if (only || !(std::abs(moved) <= most_moved && variance <= most_variance)) {
      alone_.push_back(as_size(i));
      continue;
    }
    if (parts.log_likelihood != nullptr) (*parts.log_likelihood)[i] = -inverse;
    if (parts.below == nullptr) continue;
    (*parts.below)[i] = (weight * below_.col(i).array()).sum();
    (*parts.up_to)[i] = (weight * up_to_.col(i).array()).sum();
  }
  if (!alone_.empty()) of_own_nodes(block, at, of_levels, parts);
}

void LeftOutRows::of_own_nodes(const RowBlock& block, const Point& at, const Vector& of_levels,
                               const Parts& parts) {
  const std::size_t nodes = parts.below != nullptr ? probability_nodes : density_nodes;
  const auto count = as_index(alone_.size());
  // Each such row stands for a level that has the other rows of its own; where there are none, its
  // effect is that of the population, and the integral 1.
  RowBlock rest;
  std::vector<std::size_t> chosen, has_others;
  for (std::size_t c = 0; c < alone_.size(); ++c) {
    const auto j = as_size(level_[alone_[c]]);
    if (block.first[j + 1] - block.first[j] == 1) continue;
    has_others.push_back(c);
    rest.level.push_back(static_cast<std::int32_t>(rest.level.size()));
    rest.first.push_back(as_index(chosen.size()));
    for (auto k = as_size(block.first[j]); k < as_size(block.first[j + 1]); ++k) {
      if (k != alone_[c]) chosen.push_back(k);
    }
  }
  rest.first.push_back(as_index(chosen.size()));
  const HermiteRule& rule = hermite_rule(nodes);
  Vector log_likelihood = Vector::Zero(count);
  u_ = (at.sd * rule.x).matrix().replicate(1, count);
  share_ = rule.log_weight.exp().matrix().replicate(1, count);
  if (!has_others.empty()) {
    rest.rows = block.rows.select(chosen);
    const Vector eta = at.eta(chosen);
    const Quadrature::Integrals left =
        quadrature_.of_levels(rest, eta, at.psi_of(chosen), at.sd, nodes);
    log_likelihood(has_others) = left.log_likelihood;
    u_(Eigen::all, has_others) = left.u;
    share_(Eigen::all, has_others) = left.share;
  }
  for (Eigen::Index c = 0; c < count && parts.log_likelihood != nullptr; ++c) {
    const std::size_t i = alone_[as_size(c)];
    (*parts.log_likelihood)[as_index(i)] = of_levels[level_[i]] - log_likelihood[c];
  }
  if (parts.below == nullptr) return;
  const Rows own = block.rows.select(alone_);
  const Vector own_eta = at.eta(alone_);
  std::vector<Eigen::Index> column(alone_.size());
  for (std::size_t c = 0; c < column.size(); ++c) column[c] = as_index(c);
  values(own, own_eta, at.psi_of(alone_), u_, column, parts);
  for (Eigen::Index c = 0; c < count; ++c) {
    const auto i = as_index(alone_[as_size(c)]);
    (*parts.below)[i] = share_.col(c).dot(below_.col(c));
    (*parts.up_to)[i] = share_.col(c).dot(up_to_.col(c));
  }
}

}  // namespace tarn::regression
