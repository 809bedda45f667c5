// Newton's method for the mode, and densities in standardised coordinates.
#include "regression/laplace_place.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

#include "tarn/family.hpp"
#include "tarn/index.hpp"

namespace tarn::regression {

bool Hyperparameters::exist(const Design& design) {
  constexpr std::size_t most = 12;  // proposals are fitted in so many dimensions more
  std::size_t coefficients = 0;
  for (const PredictorDesign& predictor : design.predictors) coefficients += predictor.size();
  return coefficients <= most && !predicts_with_groups(design);
}

Hyperparameters::Hyperparameters(const Design& design, const Priors& priors, const Terms& terms)
    : terms_(terms), psi_(design, priors), predictors_(design, priors) {
  psi_.add_working_to(layout_);
  predictors_.add_working_to(layout_);
  for (std::size_t f = 0; f < terms.factors(); ++f) {
    covariances_.push_back(terms.covariance(f).add_to(layout_));
  }
}

void Hyperparameters::read(ConstVectorRef phi, State& now) const {
  psi_.read(layout_, phi, now.psi);
  predictors_.read(layout_, phi, now.predictors);
  for (std::size_t f = 0; f < covariances_.size(); ++f) {
    terms_.covariance(f).read(layout_, covariances_[f], phi, now.covariances[f]);
  }
}

void Hyperparameters::write(const State& now, VectorRef phi) const {
  psi_.write(now.psi, layout_, phi);
  predictors_.write(now.predictors, layout_, phi);
  for (std::size_t f = 0; f < covariances_.size(); ++f) {
    terms_.covariance(f).write(now.covariances[f], layout_, covariances_[f], phi);
  }
}

Vector Anchor::predict(ConstVectorRef phi) const {
  if (coordinates == nullptr) return mode;
  // Further out a parabola is no guide.
  const Vector away = (coordinates->free(phi) - at).cwiseMax(-1.0).cwiseMin(1.0);
  return mode + slope * away + bend * away.cwiseAbs2();
}

void Anchor::move_to(ConstVectorRef phi, const PivotParts& parts) {
  Anchor found;
  found.mode = mode;
  LaplacePlace place(parts, found);
  if (!place.set(phi)) return;
  found.mode = place.mode();
  constexpr double step = 0.3;  // of a logarithm and the like
  auto coordinates_of =
      std::make_shared<const Target>(parts.hyperparameters.layout(), Target::LogDensity());
  const Vector here = coordinates_of->free(phi);
  Matrix first = Matrix::Zero(mode.size(), here.size());
  Matrix second = first;
  Vector other = phi;
  const auto mode_at = [&](Eigen::Index k, double by) -> std::optional<Vector> {
    Vector there = here;
    there[k] += by;
    coordinates_of->to_natural(there, other);
    if (!place.set(other)) return std::nullopt;
    return place.mode();
  };
  for (Eigen::Index k = 0; k < here.size(); ++k) {
    const auto above = mode_at(k, step);
    const auto below = mode_at(k, -step);
    if (!above || !below) continue;
    first.col(k) = (*above - *below) / (2 * step);
    second.col(k) = (*above + *below - 2 * found.mode) / (2 * step * step);
  }
  found.coordinates = std::move(coordinates_of);
  found.at = here;
  found.slope = std::move(first);
  found.bend = std::move(second);
  *this = std::move(found);
}

LaplacePlace::LaplacePlace(const PivotParts& parts, const Anchor& anchor)
    : parts_(parts),
      anchor_(anchor),
      blocks_(parts.design.derived<RowBlocks>()),
      rows_(*parts.design.family),
      unit_(1e-3 * predictor_scale(parts.design).sd * column_sizes(parts.design).cwiseInverse()),
      precision_(parts.structure.factors()),
      Q_(parts.structure.pattern()),
      weight_(blocks_.all.size()) {
  static_cast<Values&>(now_) = parts_.terms.empty();
  now_.psi = Vector::Ones(parts_.psi.size());
  now_.predictors = parts_.predictors.empty();
  psi_.resize(parts_.predictors.any() ? blocks_.all.size() : 1);
  llt_.analyzePattern(Q_);
}

void LaplacePlace::latents_to_state(const Vector& x, State& now) const {
  const LatentStructure& structure = parts_.structure;
  now.b = x.head(structure.p());
  for (std::size_t f = 0; f < structure.factors(); ++f) {
    now.r[f] = x.segment(structure.first(f), structure.q(f) * structure.levels(f));
  }
}

void LaplacePlace::state_to_latents(const State& now, Vector& x) const {
  const LatentStructure& structure = parts_.structure;
  x.resize(structure.size());
  x.head(structure.p()) = now.b;
  for (std::size_t f = 0; f < structure.factors(); ++f) {
    x.segment(structure.first(f), now.r[f].size()) = now.r[f];
  }
}

double LaplacePlace::evaluate(const Vector& x, Wanted wanted) {
  const bool value = wanted != Wanted::gradient;
  const bool gradient = wanted != Wanted::value;
  const bool curvature = wanted == Wanted::all;
  const LatentStructure& structure = parts_.structure;
  double sum = 0;
  if (gradient) gradient_.setZero(x.size());
  for (const RowBlock& block : blocks_.all) {
    structure.predict(block, x, eta_);
    rows_.evaluate(block, eta_, psi_[psi_.size() > 1 ? block.number : 0],
                   {value ? &by_row_ : nullptr, gradient ? &score_ : nullptr,
                    curvature ? &weight_[block.number] : nullptr});
    if (value) sum += by_row_.sum();
    if (gradient) structure.add_transposed(block, score_, gradient_);
  }
  const Coefficients& b = parts_.terms.coefficients();
  const Vector coefficients = x.head(structure.p());
  if (gradient) {
    Vector slope = Vector::Zero(structure.p());
    double dsigma = 0;
    sum += b.log_density_gradient(coefficients, now_.sigma(), slope, dsigma);
    gradient_.head(structure.p()) += slope;
  } else {
    sum += b.log_density(coefficients, now_.sigma());
  }
  for (std::size_t f = 0; f < structure.factors(); ++f) {
    const Eigen::Map<const Matrix> r(x.data() + structure.first(f), structure.q(f),
                                     structure.levels(f));
    const Matrix weighted = precision_[f] * r;
    sum -= weighted.cwiseProduct(r).sum() / 2;
    if (gradient) {
      gradient_.segment(structure.first(f), weighted.size()) -=
          Eigen::Map<const Vector>(weighted.data(), weighted.size());
    }
  }
  return sum;
}

bool LaplacePlace::factorise(const Vector& x) {
  const LatentStructure& structure = parts_.structure;
  Eigen::Map<Vector>(Q_.valuePtr(), Q_.nonZeros()).setZero();
  structure.add_rows(blocks_, weight_, Q_);
  // Priors of coefficients are independent: one pair of gradients holds all second derivatives.
  const Coefficients& b = parts_.terms.coefficients();
  const Vector coefficients = x.head(structure.p());
  Vector above = Vector::Zero(structure.p());
  Vector below = above;
  double dsigma = 0;
  b.log_density_gradient(coefficients + unit_, now_.sigma(), above, dsigma);
  b.log_density_gradient(coefficients - unit_, now_.sigma(), below, dsigma);
  for (Eigen::Index k = 0; k < structure.p(); ++k) {
    const double curvature = (below[k] - above[k]) / (2 * unit_[k]);
    if (curvature > 0) Q_.valuePtr()[Q_.outerIndexPtr()[k]] += curvature;
  }
  for (std::size_t f = 0; f < structure.factors(); ++f) {
    structure.add_prior(f, precision_[f], Q_);
  }
  llt_.factorize(Q_);
  return llt_.info() == Eigen::Success;
}

bool LaplacePlace::set(ConstVectorRef phi) {
  const LatentStructure& structure = parts_.structure;
  parts_.hyperparameters.read(phi, now_);
  for (std::size_t k = 0; k < std::min(psi_.size(), blocks_.all.size()); ++k) {
    parts_.predictors.of_rows(now_.psi, now_.predictors, blocks_.all[k].rows, psi_[k]);
  }
  double constant = parts_.psi.log_prior(now_.psi) + parts_.predictors.log_prior(now_.predictors);
  for (std::size_t f = 0; f < structure.factors(); ++f) {
    const Matrix factor = now_.covariances[f].factor();
    const Eigen::Index q = structure.q(f);
    const Matrix inverse = factor.triangularView<Eigen::Lower>().solve(Matrix::Identity(q, q));
    precision_[f] = inverse.transpose() * inverse;
    if (!precision_[f].allFinite()) return false;
    constant += parts_.terms.covariance(f).log_density(now_.covariances[f]) -
                static_cast<double>(structure.levels(f)) *
                    (factor.diagonal().array().log().sum() +
                     static_cast<double>(q) * 0.5 * std::log(2 * std::numbers::pi));
  }
  if (!std::isfinite(constant)) return false;

  constexpr double near = 0.05;  // of the squared distance to the mode in standard deviations
  constexpr int most = 100;
  Vector x = anchor_.predict(phi);
  double value = evaluate(x, Wanted::all);
  if (!std::isfinite(value)) {
    x = anchor_.mode;
    value = evaluate(x, Wanted::all);
  }
  if (!std::isfinite(value)) return false;
  for (int iteration = 0; iteration < most; ++iteration) {
    if (!factorise(x)) return false;
    const Vector step = llt_.solve(gradient_);
    const double distance = gradient_.dot(step);
    if (!std::isfinite(distance)) return false;
    if (distance < near) {
      mode_ = x + step;
      constant_ = constant - half_log_determinant();
      return true;
    }
    // Rises at least a little of what the parabola promises.
    double length = 1;
    double next = value;
    for (; length > 1e-10; length /= 2) {
      next = evaluate(x + length * step, Wanted::all);
      if (next > value + 1e-4 * length * distance - 1e-9 * std::abs(value)) break;
    }
    if (!(length > 1e-10)) return false;
    x += length * step;
    value = next;
  }
  return false;
}

double LaplacePlace::half_log_determinant() const {
  const auto& L = llt_.matrixL().nestedExpression();
  double sum = 0;
  for (Eigen::Index k = 0; k < L.outerSize(); ++k) {
    sum += std::log(L.valuePtr()[L.outerIndexPtr()[k]]);
  }
  return sum;
}

Vector LaplacePlace::at(ConstVectorRef xi) const {
  return mode_ + llt_.permutationPinv() * llt_.matrixU().solve(Vector(xi));
}

double LaplacePlace::log_density(ConstVectorRef xi) {
  return constant_ + evaluate(at(xi), Wanted::value);
}

double LaplacePlace::log_density_gradient(ConstVectorRef xi, VectorRef gradient) {
  const double value = constant_ + evaluate(at(xi), Wanted::value_and_gradient);
  gradient = llt_.matrixL().solve(llt_.permutationP() * gradient_);
  return value;
}

void LaplacePlace::gradient(ConstVectorRef xi, VectorRef gradient) {
  evaluate(at(xi), Wanted::gradient);
  gradient = llt_.matrixL().solve(llt_.permutationP() * gradient_);
}

void LaplacePlace::to_standard(ConstVectorRef theta, VectorRef xi) {
  State now = now_;
  parts_.psi.read(parts_.layout, theta, now.psi);
  parts_.predictors.read(parts_.layout, theta, now.predictors);
  parts_.terms.read(parts_.layout, theta, now);
  Vector x;
  state_to_latents(now, x);
  const Vector moved = llt_.permutationP() * (x - mode_);
  xi = llt_.matrixU() * moved;
}

void LaplacePlace::from_standard(ConstVectorRef xi, VectorRef theta) {
  latents_to_state(at(xi), now_);
  parts_.psi.write(now_.psi, parts_.layout, theta);
  parts_.predictors.write(now_.predictors, parts_.layout, theta);
  parts_.terms.write(now_, parts_.layout, theta);
  parts_.psi.derive(parts_.terms.b(), parts_.layout, theta);
}

}  // namespace tarn::regression
