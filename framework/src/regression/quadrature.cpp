// Modes, nodes and exact draws of single effects, block by block.
#include "regression/quadrature.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <Eigen/Eigenvalues>

#include "regression/kernel/kernel.hpp"
#include "regression/tangents.hpp"
#include "tarn/index.hpp"
#include "tarn/normal_pieces.hpp"

namespace tarn::regression {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

HermiteRule make_rule(std::size_t nodes) {
  const auto n = static_cast<Eigen::Index>(nodes);
  Vector diagonal = Vector::Zero(n);
  Vector beside(n - 1);
  for (Eigen::Index k = 1; k < n; ++k) beside[k - 1] = std::sqrt(static_cast<double>(k));
  Eigen::SelfAdjointEigenSolver<Matrix> eigen;
  eigen.computeFromTridiagonal(diagonal, beside, Eigen::EigenvaluesOnly);
  HermiteRule rule{eigen.eigenvalues().array(), Eigen::ArrayXd(n)};
  // The orthonormal polynomials at a node: one step of Newton's, and the weight. Eigenvectors would
  // give it to 1e-16 of the largest only, and far nodes count e^(x^2 / 2) times as much.
  for (Eigen::Index k = 0; k < n; ++k) {
    double& x = rule.x[k];
    for (int time = 0; time < 2; ++time) {
      double before = 0;
      double now = 1;
      double squares = 0;
      for (Eigen::Index i = 0; i < n; ++i) {
        squares += now * now;
        const auto next = static_cast<double>(i + 1);
        const double after = (x * now - std::sqrt(next - 1) * before) / std::sqrt(next);
        before = std::exchange(now, after);
      }
      rule.log_weight[k] = -std::log(squares);
      if (time == 0) x -= now / (std::sqrt(static_cast<double>(n)) * before);
    }
  }
  return rule;
}

/// Moves a mode's search to the next point; `low` and `high` enclose the mode.
struct Bracket {
  double low = -infinity;
  double high = infinity;

  double next(double u, double slope, double step) {
    (slope > 0 ? low : high) = u;
    const double next = u + step;
    if (next == u) return u;  // normal rows: there by one step
    return next > low && next < high ? next : (low + high) / 2;
  }
};

}  // namespace

const HermiteRule& hermite_rule(std::size_t nodes) {
  static const std::vector<HermiteRule> rules = [] {
    std::vector<HermiteRule> all;
    for (std::size_t k = 0; k <= 2 * Quadrature::most_nodes + 9; ++k) {
      all.push_back(k == 0 ? HermiteRule{} : make_rule(k));
    }
    return all;
  }();
  return rules[nodes];
}

Quadrature::Quadrature(const Design& design, std::size_t nodes)
    : design_(design), likelihood_(make_group_likelihood(*design.family)), nodes_(nodes) {}

void Quadrature::Point::psi_of(const Rows& rows, Matrix& psi_of_rows) const {
  if (predictors != nullptr) return predictors->of_rows(psi, *now, rows, psi_of_rows);
  psi_of_rows = psi.transpose();
}

void Quadrature::look_at(const RowBlock& block, const Point& at) {
  eta_.resize(block.rows.y.size());
  shift_kernel::fastest().predict(as_size(eta_.size()), as_size(at.b.size()), block.rows.X.data(),
                                  at.b.data(), eta_.data());
  if (block.rows.offset.size() > 0) eta_ += block.rows.offset;
  at.psi_of(block.rows, psi_);
  likelihood_->begin(block, eta_, psi_);
  mode_.resize(static_cast<Eigen::Index>(block.groups()));
  find_modes(*likelihood_, at.sd);
}

void Quadrature::find_modes(GroupLikelihood& likelihood, double sd) {
  constexpr double near = 0.05;  // of a standard deviation: where nodes lie changes little
  const Eigen::Index groups = mode_.size();
  const double precision = 1 / (sd * sd);
  likelihood.guess(sd, mode_);
  for (Vector* part : {&scale_, &score_, &curvature_}) part->resize(groups);
  std::vector<Bracket> bracket(static_cast<std::size_t>(groups));
  wanted_.assign(static_cast<std::size_t>(groups), 1);
  for (int iteration = 0; iteration < 60; ++iteration) {
    likelihood.derivatives(mode_, wanted_, score_, curvature_);
    bool more = false;
    for (Eigen::Index j = 0; j < groups; ++j) {
      const auto at = static_cast<std::size_t>(j);
      if (!wanted_[at]) continue;
      const double slope = score_[j] - precision * mode_[j];
      const double curvature = curvature_[j] + precision;
      if (!std::isfinite(slope) || !std::isfinite(curvature)) {  // too far from 0
        mode_[j] /= 2;
        more = true;
        continue;
      }
      scale_[j] = 1 / std::sqrt(curvature);
      const double step = slope / curvature;
      mode_[j] = bracket[at].next(mode_[j], slope, step);
      wanted_[at] = std::abs(step) > near * scale_[j];
      more = more || wanted_[at];
    }
    if (!more) break;
  }
  std::ranges::fill(wanted_, 1);
}

void Quadrature::place_nodes(GroupLikelihood& likelihood, double sd, std::size_t nodes) {
  const HermiteRule& rule = hermite_rule(nodes);
  const Eigen::Index groups = mode_.size();
  const auto K = static_cast<Eigen::Index>(nodes);
  u_.resize(K, groups);
  l_.resize(K, groups);
  share_.resize(K, groups);
  by_level_.resize(groups);
  for (Eigen::Index j = 0; j < groups; ++j) u_.col(j) = mode_[j] + scale_[j] * rule.x;
  likelihood.values(u_, wanted_, l_);
  const Eigen::ArrayXd constant = rule.log_weight + rule.x.square() / 2;
  Vector most(groups);
  for (Eigen::Index j = 0; j < groups; ++j) {
    auto share = share_.col(j).array();
    share = l_.col(j).array() - (u_.col(j).array() / sd).square() / 2 + constant;
    most[j] = share.maxCoeff();
    share -= most[j];
  }
  share_ = share_.array().exp();
  for (Eigen::Index j = 0; j < groups; ++j) by_level_[j] = share_.col(j).sum();
  for (Eigen::Index j = 0; j < groups; ++j) share_.col(j) /= by_level_[j];
  by_level_ = most.array() + (by_level_.array() * scale_.array() / sd).log();
}

double Quadrature::log_likelihood(const Point& at) {
  double sum = 0;
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    look_at(block, at);
    place_nodes(*likelihood_, at.sd, nodes_);
    sum += by_level_.sum();
  }
  return sum;
}

double Quadrature::log_likelihood_gradient(const Point& at, Slope& slope) {
  // Fisher's identity: derivatives are means over the effects given y.
  double sum = 0;
  slope.b.setZero(at.b.size());
  slope.psi.setZero(at.psi.size());
  slope.sd = 0;
  if (at.now != nullptr) slope.predictors = *at.now;
  for (Values& predictor : slope.predictors) predictor.b.setZero();
  Matrix psi_scores, of_psi;
  Vector shifted;
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    look_at(block, at);
    place_nodes(*likelihood_, at.sd, nodes_);
    sum += by_level_.sum();
    likelihood_->mean_scores(u_, share_, by_row_);
    slope.b += block.rows.X.transpose() * by_row_;
    const double squares = (share_.array() * u_.array().square()).sum();
    slope.sd += (squares / (at.sd * at.sd) - static_cast<double>(block.groups())) / at.sd;
    of_psi.setZero(eta_.size(), psi_.cols());
    for (Eigen::Index k = 0; k < u_.rows() && psi_.cols() > 0; ++k) {
      shifted = eta_;
      by_row_.resize(eta_.size());
      for (std::size_t j = 0; j < block.groups(); ++j) {
        const Eigen::Index first = block.first[j];
        const Eigen::Index count = block.first[j + 1] - first;
        shifted.segment(first, count).array() += u_(k, static_cast<Eigen::Index>(j));
        by_row_.segment(first, count).setConstant(share_(k, static_cast<Eigen::Index>(j)));
      }
      psi_scores.resize(eta_.size(), psi_.cols());
      design_.family->psi_scores(block.rows, shifted, psi_, psi_scores);
      of_psi += by_row_.cwiseProduct(block.rows.frequency).asDiagonal() * psi_scores;
    }
    if (at.predictors != nullptr) {
      at.predictors->add_slopes(block.rows, psi_, of_psi, slope.psi, slope.predictors);
    } else {
      slope.psi += of_psi.colwise().sum().transpose();
    }
  }
  return sum;
}

double Quadrature::error(const Point& at) {
  double sum = 0;
  Vector coarse;
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    look_at(block, at);
    place_nodes(*likelihood_, at.sd, nodes_);
    coarse = by_level_;
    place_nodes(*likelihood_, at.sd, 2 * nodes_ + 9);
    sum += (coarse - by_level_).cwiseAbs().sum();
  }
  return sum;
}

Quadrature::Integrals Quadrature::of_levels(const RowBlock& block, const Vector& eta,
                                            const Matrix& psi, double sd, std::size_t nodes) {
  const auto likelihood = make_group_likelihood(*design_.family);
  likelihood->begin(block, eta, psi);
  mode_.resize(static_cast<Eigen::Index>(block.groups()));
  find_modes(*likelihood, sd);
  place_nodes(*likelihood, sd, nodes);
  return {by_level_, u_, share_};
}

void Quadrature::draw_effects(const Point& at, VectorRef u, Rng& rng) {
  const Eigen::Index levels = u.size();
  for (double& effect : u) effect = std::numeric_limits<double>::quiet_NaN();
  const std::uint64_t first_stream = levels > NormalPieces::groups_each ? rng.bits() : 0;
  std::int32_t piece = -1;
  Rng own = rng;
  Rng* stream = &rng;
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    const auto of_block =
        block.level.front() / static_cast<std::int32_t>(NormalPieces::groups_each);
    if (levels > NormalPieces::groups_each && of_block != piece) {
      piece = of_block;
      own = rng.piece(first_stream + static_cast<std::uint64_t>(piece));
      stream = &own;
    }
    look_at(block, at);
    draw_block(block, at.sd, u, *stream);
  }
  for (double& effect : u) {  // levels without rows
    if (std::isnan(effect)) effect = at.sd * rng.normal();
  }
}

void Quadrature::draw_block(const RowBlock& block, double sd, VectorRef u, Rng& rng) {
  const Eigen::Index groups = mode_.size();
  const double precision = 1 / (sd * sd);
  const auto log_prior = [&](double x) { return -precision * x * x / 2; };
  std::vector<std::array<Tangents::Line, 3>> lines(block.groups());
  Vector proposed(groups);
  std::vector<char> wanted = wanted_;
  Vector distance = 1.1 * scale_;
  u_.resize(1, groups);
  l_.resize(1, groups);
  // Tangents on both sides of the mode: further off where the slope is not yet that of a side.
  for (int side : {0, 1, 2}) {
    std::ranges::fill(wanted, 1);
    for (bool more = true; more;) {
      more = false;
      u_.row(0) = (mode_ + (side - 1) * distance).transpose();
      proposed = u_.row(0).transpose();
      likelihood_->values(u_, wanted, l_);
      likelihood_->derivatives(proposed, wanted, score_, curvature_);
      for (Eigen::Index j = 0; j < groups; ++j) {
        const auto at = static_cast<std::size_t>(j);
        if (!wanted[at]) continue;
        const double x = proposed[j];
        lines[at][static_cast<std::size_t>(side)] = {x, l_(0, j) + log_prior(x),
                                                     score_[j] - precision * x};
        const double slope = lines[at][static_cast<std::size_t>(side)].slope;
        wanted[at] = (side == 0 && !(slope > 0)) || (side == 2 && !(slope < 0));
        if (!wanted[at]) continue;
        distance[j] *= 2;
        more = true;
      }
    }
  }
  std::vector<Tangents> envelope;
  envelope.reserve(block.groups());
  for (const auto& of_level : lines) envelope.emplace_back(of_level);
  std::ranges::fill(wanted, 1);
  for (bool more = true; more;) {
    more = false;
    for (Eigen::Index j = 0; j < groups; ++j) {
      if (wanted[static_cast<std::size_t>(j)]) {
        u_(0, j) = envelope[static_cast<std::size_t>(j)].draw(rng);
      }
    }
    likelihood_->values(u_, wanted, l_);
    for (Eigen::Index j = 0; j < groups; ++j) {
      const auto at = static_cast<std::size_t>(j);
      if (!wanted[at]) continue;
      const double x = u_(0, j);
      if (-rng.exponential() < l_(0, j) + log_prior(x) - envelope[at].log_density(x)) {
        u[block.level[at]] = x;
        wanted[at] = 0;
      } else {
        more = true;
      }
    }
  }
}

}  // namespace tarn::regression
