// From a draw to the parts of the predictor and back, and the priors of those parts.
#include "regression/terms.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "tarn/index.hpp"
#include "tarn/normal_pieces.hpp"

namespace tarn::regression {

std::vector<std::size_t> all_groupings(const PredictorDesign& design) {
  std::vector<std::size_t> all(design.groupings.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Vector column_sizes(const PredictorDesign& design) {
  Vector sizes(as_index(design.size()));
  for (std::size_t k = 0; k < design.size(); ++k) {
    const ColumnScale& x = design.column_scale[k];
    const double size = x.sd > 0 ? x.sd : std::abs(x.mean);
    sizes[as_index(k)] = size > 0 ? size : 1;
  }
  return sizes;
}

Terms::Terms(const PredictorDesign& design, const Priors& priors,
             std::vector<std::size_t> groupings)
    : design_(design),
      coefficients_(design, priors),
      groupings_(std::move(groupings)),
      sds_(groupings_.size()),
      r_(groupings_.size()) {
  for (std::size_t f = 0; f < factors(); ++f) {
    covariances_.emplace_back(design, priors, groupings_[f]);
    covariances_.back().check_proper(levels(f));
  }
}

void Terms::add_coefficients(Layout& layout) { b_ = layout.add(coefficient_block(design_)); }

void Terms::add_groups(Layout& layout) {
  for (std::size_t g = 0; g < factors(); ++g) {
    const std::size_t f = factor_of(g);
    sds_[f] = covariances_[f].add_to(layout);
  }
  for (std::size_t g = 0; g < factors(); ++g) {
    const std::size_t f = factor_of(g);
    r_[f] = layout.add(covariances_[f].effects_block(design_.groupings[g]));
  }
}

std::size_t Terms::factor_of(std::size_t grouping) const {
  return static_cast<std::size_t>(std::ranges::find(groupings_, grouping) - groupings_.begin());
}

Eigen::Index Terms::columns() const {
  Eigen::Index sum = 0;
  for (const GroupCovariance& covariance : covariances_) sum += covariance.size();
  return sum;
}

std::vector<std::size_t> Terms::of_sds(std::size_t f) const {
  return covariances_[f].centred() ? of_covariance(f) : std::vector{sds_[f].sd};
}

Values Terms::empty() const {
  Values values{{}, Vector::Zero(p()), {}};
  for (std::size_t f = 0; f < factors(); ++f) {
    values.covariances.push_back({Vector::Ones(q(f)), Matrix::Identity(q(f), q(f))});
    values.r.push_back(Vector::Zero(levels(f) * q(f)));
  }
  return values;
}

void Terms::read_coefficients(const Layout& layout, ConstVectorRef theta, Vector& b) const {
  b = layout.of(theta, b_);
  design_.to_working(b);
}

void Terms::write_coefficients(const Vector& b, const Layout& layout, VectorRef theta) const {
  auto to = layout.of(theta, b_);
  to = b;
  design_.to_user(to);
}

void Terms::read(const Layout& layout, ConstVectorRef theta, Values& into) const {
  read_coefficients(layout, theta, into.b);
  for (std::size_t f = 0; f < factors(); ++f) {
    covariances_[f].read(layout, sds_[f], theta, into.covariances[f]);
    into.r[f] = layout.of(theta, r_[f]);
    covariances_[f].to_working(by_column(f, into.r[f]));
  }
}

void Terms::write(const Values& now, const Layout& layout, VectorRef theta) const {
  write_coefficients(now.b, layout, theta);
  for (std::size_t f = 0; f < factors(); ++f) {
    covariances_[f].write(now.covariances[f], layout, sds_[f], theta);
    auto r = layout.of(theta, r_[f]);
    r = now.r[f];
    covariances_[f].to_user(r.reshaped(q(f), levels(f)));
  }
}

void Terms::derive(const Layout& layout, VectorRef theta) const {
  for (std::size_t f = 0; f < factors(); ++f) {
    if (!covariances_[f].centred()) continue;
    covariances_[f].write(read_covariance(f, layout, theta), layout, sds_[f], theta);
  }
}

void Terms::predict(const Values& now, const PredictorRows& rows, VectorRef eta) const {
  eta = rows.X * now.b;
  if (rows.offset.size() > 0) eta += rows.offset;
  for (std::size_t f = 0; f < factors(); ++f) {
    covariances_[f].add_to_mean(rows, by_column(f, now.r[f]), eta);
  }
}

void Terms::add_variance(std::size_t f, const Values& now, const PredictorRows& rows,
                         VectorRef variance) const {
  const Matrix factor = now.covariances[f].factor();
  Matrix scaled = Matrix::Zero(variance.size(), factor.cols());  // Z_f chol(Sigma_f)
  Eigen::Index at = 0;
  for (const std::size_t t : design_.terms_on(groupings_[f])) {
    const Matrix& Z = rows.Z[t];
    scaled.noalias() += Z * factor.middleRows(at, Z.cols());
    at += Z.cols();
  }
  variance += scaled.rowwise().squaredNorm();
}

void Terms::add_scores(const PredictorRows& rows, const Vector& score, Values& slope) const {
  slope.b += rows.X.transpose() * score;
  for (std::size_t f = 0; f < factors(); ++f) {
    auto of_r = by_column(f, slope.r[f]);
    const auto& level = rows.level[grouping(f)];
    Eigen::Index at = 0;
    for (const std::size_t t : design_.terms_on(grouping(f))) {
      const Matrix& Z = rows.Z[t];
      for (Eigen::Index k = 0; k < Z.cols(); ++k, ++at) {
        for (Eigen::Index i = 0; i < score.size(); ++i) {
          of_r(at, level[static_cast<std::size_t>(i)]) += Z(i, k) * score[i];
        }
      }
    }
  }
}

double Terms::log_prior(const Values& now, double sigma) const {
  double sum = coefficients_.log_density(now.b, sigma);
  for (std::size_t f = 0; f < factors(); ++f) {
    sum += covariances_[f].log_density(now.covariances[f]);
  }
  return sum;
}

double Terms::log_density(const Values& now, double sigma) const {
  double sum = log_prior(now, sigma);
  for (std::size_t f = 0; f < factors(); ++f) {
    sum += covariances_[f].effects_log_density(now.covariances[f], by_column(f, now.r[f]));
  }
  return sum;
}

double Terms::log_density_gradient(const Values& now, double sigma, Values& slope,
                                   double& dsigma) const {
  double sum = coefficients_.log_density_gradient(now.b, sigma, slope.b, dsigma);
  for (std::size_t f = 0; f < factors(); ++f) {
    slope.covariances[f].sd.setZero();
    slope.covariances[f].correlation.setZero();
    covariances_[f].add_gradient(now.covariances[f], slope.covariances[f].sd,
                                 slope.covariances[f].correlation);
    sum += covariances_[f].log_density(now.covariances[f]) +
           covariances_[f].add_effects_gradient(now.covariances[f], by_column(f, now.r[f]),
                                                by_column(f, slope.r[f]), slope.covariances[f]);
  }
  return sum;
}

void Terms::write_gradient(Values& slope, const Layout& layout, VectorRef gradient) const {
  design_.gradient_to_user(slope.b);
  layout.of(gradient, b_) = slope.b;
  for (std::size_t f = 0; f < factors(); ++f) {
    covariances_[f].write_gradient(slope.covariances[f], layout, sds_[f], gradient);
    covariances_[f].gradient_to_user(by_column(f, slope.r[f]));
    layout.of(gradient, r_[f]) = slope.r[f];
  }
}

void Terms::draw_prior(Values& now, double sigma, Rng& rng) const {
  coefficients_.draw_prior(now.b, sigma, rng);
  for (std::size_t f = 0; f < factors(); ++f) {
    now.covariances[f] = covariances_[f].draw_prior(rng);
    fill_normal_by_pieces(now.r[f], q(f), rng);
    covariances_[f].spread(now.covariances[f], by_column(f, now.r[f]));
  }
}

void Terms::start(const ColumnScale& scale, Values& now, Rng& rng) const {
  for (std::size_t k = 0; k < design_.size(); ++k) {
    const ColumnScale& x = design_.column_scale[k];
    now.b[as_index(k)] = k == 0 && design_.has_intercept
                             ? scale.mean + 0.5 * scale.sd * rng.normal()
                             : 0.3 * scale.sd / (x.sd > 0 ? x.sd : std::abs(x.mean)) * rng.normal();
  }
  for (std::size_t f = 0; f < factors(); ++f) {
    now.covariances[f] = covariance(f).start(0.5 * scale.sd, columns(), rng);
    auto of_r = by_column(f, now.r[f]);
    for (Eigen::Index j = 0; j < of_r.cols(); ++j) {
      for (Eigen::Index k = 0; k < of_r.rows(); ++k) {
        of_r(k, j) = 0.3 * now.covariances[f].sd[k] * rng.normal();
      }
    }
  }
}

void Terms::draw_level(std::size_t f, std::size_t level, const Layout& layout, VectorRef theta,
                       Rng& rng) const {
  covariances_[f].draw_effects(read_covariance(f, layout, theta), level, layout.of(theta, r_[f]),
                               rng);
}

void Terms::center_level(std::size_t f, std::size_t level, const Layout& layout,
                         VectorRef theta) const {
  covariances_[f].center_effects(level, layout.of(theta, r_[f]));
}

}  // namespace tarn::regression
