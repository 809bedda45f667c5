// Fisher scoring of all parts at once, one pass over the rows a step.
#include "maximum_likelihood.hpp"

#include <cmath>
#include <functional>
#include <limits>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "elements.hpp"
#include "predictor.hpp"
#include "tarn/family.hpp"

namespace tarn::pooling {
namespace {

constexpr int most_steps = 60;
constexpr double settled = 1e-9;       // root mean square change of the predictor, in its scale
constexpr double longest_step = 2;     // the same
constexpr double vanished = 1e-6;      // share of the information left: the maximum is at infinity
constexpr double independence = 1e-9;  // of columns

/// What rows say of the coefficients of their parts.
struct Task {
  Matrix start;  // q x J
  /// Columns, the predictor without them, and the part of each row.
  std::function<void(const Rows& rows, Matrix& Z, Vector& base, std::vector<std::int32_t>& part)>
      look;
};

Matrix psi_means(const Fit& fit) {
  const Design& design = fit.model->design;
  std::vector<double> means;
  for (const FamilyParameter& psi : design.family->parameters(design)) {
    for_elements(fit.posterior, *fit.posterior.layout().find(psi.block.name),
                 [&](std::size_t, const auto& x) { means.push_back(x.mean()); });
  }
  return Eigen::Map<const Matrix>(means.data(), 1, as_index(means.size()));
}

/// The least share of `before` that `now` holds in any direction.
double share_left(const Matrix& before, const Matrix& now) {
  const Eigen::LLT<Matrix> factor(before);
  if (factor.info() != Eigen::Success) return 0;
  const Matrix half = factor.matrixL().solve(now);
  const Matrix both = factor.matrixL().solve(half.transpose());
  return Eigen::SelfAdjointEigenSolver<Matrix>(both, Eigen::EigenvaluesOnly).eigenvalues()[0];
}

bool has_full_rank(const Matrix& products) {
  const Vector root = products.diagonal().cwiseSqrt();
  if (!(root.minCoeff() > 0)) return false;
  const Matrix scaled =
      root.cwiseInverse().asDiagonal() * products * root.cwiseInverse().asDiagonal();
  return Eigen::SelfAdjointEigenSolver<Matrix>(scaled, Eigen::EigenvaluesOnly).eigenvalues()[0] >
         independence;
}

Maxima maximise(const Fit& fit, const Task& task) {
  const Design& design = fit.model->design;
  const Family& family = *design.family;
  const Matrix psi = psi_means(fit);
  const double scale = predictor_scale(design).sd;
  const Eigen::Index q = task.start.rows();
  const Eigen::Index J = task.start.cols();
  const auto count = static_cast<std::size_t>(J);
  Maxima found{task.start, {}, {}, Vector::Zero(J)};
  std::vector<char> moves(count, 1);
  std::vector<Matrix> squares(count, Matrix::Zero(q, q));  // Z'Z
  Matrix Z, slope(q, J);
  Vector base, eta, score, curvature;
  std::vector<std::int32_t> part;
  for (int step = 0; step < most_steps; ++step) {
    std::vector<Matrix> information(count, Matrix::Zero(q, q));
    slope.setZero();
    for_each_block(*design.rows, block_rows, [&](const Rows& rows) {
      task.look(rows, Z, base, part);
      eta = base;
      for (Eigen::Index i = 0; i < eta.size(); ++i) {
        eta[i] += Z.row(i).dot(found.at.col(part[as_size(i)]));
      }
      score.resize(eta.size());
      curvature.resize(eta.size());
      family.derivatives(rows, eta, psi, score, curvature);
      for (Eigen::Index i = 0; i < eta.size(); ++i) {
        const auto j = static_cast<std::size_t>(part[as_size(i)]);
        const double w = rows.frequency[i];
        slope.col(as_index(j)) += w * score[i] * Z.row(i).transpose();
        information[j] += w * curvature[i] * Z.row(i).transpose() * Z.row(i);
        if (step > 0) continue;
        squares[j] += w * Z.row(i).transpose() * Z.row(i);
        found.count[as_index(j)] += w;
      }
    });
    if (step == 0) found.of_means = information;
    found.of_maxima = information;
    bool more = false;
    for (std::size_t j = 0; j < count; ++j) {
      if (!moves[j]) continue;
      const auto at = as_index(j);
      if (!has_full_rank(squares[j]) ||
          !(share_left(found.of_means[j], information[j]) > vanished)) {
        found.at.col(at).setConstant(std::numeric_limits<double>::quiet_NaN());
        moves[j] = 0;
        continue;
      }
      Vector change = information[j].llt().solve(slope.col(at));
      const double size = std::sqrt(change.dot(squares[j] * change) / found.count[at]) / scale;
      if (!std::isfinite(size)) {
        found.at.col(at).setConstant(std::numeric_limits<double>::quiet_NaN());
        moves[j] = 0;
        continue;
      }
      if (size > longest_step) change *= longest_step / size;
      found.at.col(at) += change;
      moves[j] = size > settled;
      more = more || moves[j];
    }
    if (!more) return found;
  }
  for (std::size_t j = 0; j < count; ++j) {
    if (moves[j]) found.at.col(as_index(j)).setConstant(std::numeric_limits<double>::quiet_NaN());
  }
  return found;
}

}  // namespace

std::optional<std::string> varying_parameter(const Fit& fit) {
  const Design& design = fit.model->design;
  for (const FamilyParameter& psi : design.family->parameters(design)) {
    if (!fit.posterior.layout().find(psi.block.name)) return psi.block.name;
  }
  return std::nullopt;
}

Maxima maxima_of_levels(const Fit& fit, std::size_t grouping, const Means& means) {
  const Design& design = fit.model->design;
  const auto q = as_index(columns_on(design, grouping).size());
  const auto J = as_index(design.groupings[grouping].levels.size());
  Task task{Matrix::Zero(q, J), {}};
  if (means.r[grouping].size() > 0) {
    task.start = working_effects(design, grouping, means.r[grouping]);
  }
  task.look = [&](const Rows& rows, Matrix& Z, Vector& base, std::vector<std::int32_t>& part) {
    Z = columns(design, grouping, rows);
    base = predictor(design, grouping, means, rows);
    part = rows.level[grouping];
  };
  return maximise(fit, task);
}

Pooled maximum_likelihood(const Fit& fit, const Means& means) {
  const Design& design = fit.model->design;
  if (design.size() == 0) return {Vector(0), Vector(0)};  // cuts alone
  Vector b = means.b;
  design.to_working(b);
  const Task task{b,
                  [&](const Rows& rows, Matrix& Z, Vector& base, std::vector<std::int32_t>& part) {
                    Z = rows.X;
                    base = rows.offset.size() > 0 ? rows.offset : Vector::Zero(rows.y.size());
                    part.assign(rows.count(), 0);
                  }};
  const Maxima found = maximise(fit, task);
  Pooled pooled{found.at.col(0),
                Vector::Constant(b.size(), std::numeric_limits<double>::quiet_NaN())};
  if (pooled.b.hasNaN()) return pooled;
  design.to_user(pooled.b);
  const Eigen::LLT<Matrix> factor(found.of_maxima.front());
  Matrix root = factor.matrixU().solve(Matrix::Identity(b.size(), b.size()));
  for (Eigen::Index k = 0; k < root.cols(); ++k) design.to_user(root.col(k));
  pooled.se = root.rowwise().norm();
  return pooled;
}

}  // namespace tarn::pooling
