// Covariance matrices of group effects. The matrix densities themselves are in matrix_density.hpp.
#include "tarn/covariance.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>
#include <Eigen/Cholesky>

#include "prior/matrix_density.hpp"
#include "tarn/distributions.hpp"
#include "tarn/error.hpp"
#include "tarn/scale.hpp"
#include "tarn/target.hpp"

namespace tarn {

Matrix Covariance::factor() const {
  if (sd.size() == 1) return sd;
  const Eigen::LLT<Matrix> llt(correlation);
  if (llt.info() != Eigen::Success) {
    return Matrix::Constant(sd.size(), sd.size(), std::numeric_limits<double>::quiet_NaN());
  }
  return sd.asDiagonal() * Matrix(llt.matrixL());
}

GroupCovariance::GroupCovariance(const PredictorDesign& design, const Priors& priors,
                                 std::size_t grouping)
    : name_(design.groupings[grouping].variable()), grouping_(grouping) {
  const std::string& g = design.groupings[grouping].name;
  const std::string& parameter = design.parameter;
  if (!parameter.empty()) name_ += "__" + parameter;
  std::vector<double> sizes;
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const GroupTerm& term = design.terms[t];
    if (term.grouping != grouping) continue;
    numbers_.push_back(t);
    const Centering centering = design.term_centering(t);
    for (std::size_t k = 0; k < term.columns.size(); ++k) {
      const ColumnScale& z = design.group_column_scale[t][k];
      const bool moved = centering.moves() && centering.mean[static_cast<Eigen::Index>(k)] != 0;
      sizes.push_back(moved ? z.sd : std::sqrt(z.mean * z.mean + z.sd * z.sd));
    }
    const auto q = static_cast<Eigen::Index>(term.columns.size());
    const bool together = term.correlated && q > 1;
    const ParameterPrior* covariance =
        together ? priors.find({Subject::Kind::group_covariance, {}, g, parameter}) : nullptr;
    if (covariance != nullptr) {
      const std::string why = covariance->density.proper()
                                  ? covariance->density.misfit(q)
                                  : "a covariance takes inv_wishart(nu, s)";
      if (!why.empty()) throw InputError(fmt::format("prior '{}': {}", covariance->text(), why));
    }
    for (const std::string& column : term.columns) {
      columns_.push_back(column);
      sds_.push_back(covariance != nullptr
                         ? nullptr
                         : &priors.of({Subject::Kind::group_sd, column, g, parameter}));
    }
    if (together) {
      terms_.push_back({size_, q,
                        covariance != nullptr
                            ? nullptr
                            : &priors.of({Subject::Kind::group_correlation, {}, g, parameter}),
                        covariance});
    } else {
      for (Eigen::Index k = 0; k < q; ++k) terms_.push_back({size_ + k, 1, nullptr, nullptr});
    }
    size_ += q;
  }
  root_mean_square_ = Eigen::Map<const Vector>(sizes.data(), size_);
  centering_ = design.centering_on(grouping);
}

std::vector<const GroupCovariance::Term*> GroupCovariance::correlated() const {
  std::vector<const Term*> all;
  for (const Term& term : terms_) {
    if (term.size > 1) all.push_back(&term);
  }
  return all;
}

double GroupCovariance::log_density(const Term& term, const Covariance& sigma) const {
  const auto C = sigma.correlation.block(term.first, term.first, term.size, term.size);
  const auto sd = sigma.sd.segment(term.first, term.size);
  if (term.covariance != nullptr) {
    const Density& prior = term.covariance->density;
    if (const auto w = prior.inverse_wishart())
      return inv_wishart_log_density(sd, C, w->at(0), w->at(1));
    // |d Sigma / d (sd, C)| = 2^q prod sd^q
    return prior.log_density_of(sd.asDiagonal() * C * sd.asDiagonal()) +
           static_cast<double>(term.size) * (std::numbers::ln2 + sd.array().log().sum());
  }
  double sum = 0;
  for (Eigen::Index k = 0; k < term.size; ++k) {
    sum += sds_[static_cast<std::size_t>(term.first + k)]->log_density(sd[k]);
  }
  if (term.correlation != nullptr) sum += term.correlation->density.log_density_of(C);
  return sum;
}

double GroupCovariance::log_density(const Covariance& sigma) const {
  double sum = 0;
  for (const Term& term : terms_) sum += log_density(term, sigma);
  return sum;
}

void GroupCovariance::add_gradient(const Covariance& sigma, VectorRef sd,
                                   MatrixRef correlation) const {
  for (const Term& term : terms_) {
    const auto C = sigma.correlation.block(term.first, term.first, term.size, term.size);
    const auto s = sigma.sd.segment(term.first, term.size);
    auto by_sd = sd.segment(term.first, term.size);
    auto by_C = correlation.block(term.first, term.first, term.size, term.size);
    if (term.covariance != nullptr) {
      const Density& prior = term.covariance->density;
      if (const auto w = prior.inverse_wishart()) {
        add_inv_wishart_gradient(s, C, w->at(0), w->at(1), by_sd, by_C);
        continue;
      }
      Matrix by_sigma = Matrix::Zero(term.size, term.size);
      prior.add_gradient_of(s.asDiagonal() * C * s.asDiagonal(), by_sigma);
      add_chain({s, C}, 0.5 * (by_sigma + by_sigma.transpose()), by_sd, by_C);
      by_sd.array() += static_cast<double>(term.size) / s.array();
      continue;
    }
    for (Eigen::Index k = 0; k < term.size; ++k) {
      by_sd[k] += sds_[static_cast<std::size_t>(term.first + k)]->score(s[k]);
    }
    if (term.correlation != nullptr) term.correlation->density.add_gradient_of(C, by_C);
  }
}

void GroupCovariance::add_chain(const Covariance& sigma, ConstMatrixRef by_sigma, VectorRef sd,
                                MatrixRef correlation) const {
  // d Sigma = dD C D + D C dD + D dC D, and by_sigma is symmetric.
  sd += 2 * (by_sigma * sigma.sd.asDiagonal()).cwiseProduct(sigma.correlation).rowwise().sum();
  correlation += sigma.sd.asDiagonal() * by_sigma * sigma.sd.asDiagonal();
}

Covariance GroupCovariance::start(double size, Eigen::Index columns, Rng& rng) const {
  Covariance sigma{Vector(size_), Matrix::Identity(size_, size_)};
  for (const Term& term : terms_) {
    for (Eigen::Index k = term.first; k < term.first + term.size; ++k) {
      const double guess = size / std::sqrt(static_cast<double>(columns)) / root_mean_square_[k];
      if (term.covariance == nullptr) {
        sigma.sd[k] = start_scale(*sds_[static_cast<std::size_t>(k)], guess, rng);
        continue;
      }
      const auto wishart = term.covariance->density.inverse_wishart();
      if (!wishart) {
        sigma.sd[k] = guess * std::exp(rng.normal());
        continue;
      }
      // A variance of an inverse Wishart is inverse gamma.
      const double shape = (wishart->at(0) - static_cast<double>(term.size) + 1) / 2;
      const auto variance =
          Density::parse(fmt::format("inv_gamma({}, {})", shape, wishart->at(1) / 2));
      sigma.sd[k] = start_scale({{}, variance, true, {}}, guess, rng);
    }
  }
  return sigma;
}

Covariance GroupCovariance::draw_prior(Rng& rng) const {
  Covariance sigma{Vector(size_), Matrix::Identity(size_, size_)};
  for (const Term& term : terms_) {
    auto C = sigma.correlation.block(term.first, term.first, term.size, term.size);
    auto sd = sigma.sd.segment(term.first, term.size);
    if (term.covariance != nullptr) {
      Matrix drawn = C;
      term.covariance->density.draw_block(drawn, rng);
      split(drawn, sd, C);
      continue;
    }
    for (Eigen::Index k = 0; k < term.size; ++k) {
      sd[k] = sds_[static_cast<std::size_t>(term.first + k)]->draw(rng);
    }
    if (term.correlation != nullptr) term.correlation->density.draw_block(C, rng);
  }
  return sigma;
}

double GroupCovariance::effects_log_density(const Covariance& sigma, ConstMatrixRef r) const {
  if (size_ == 1) {
    const double sd = sigma.sd[0];
    return -static_cast<double>(r.cols()) * (0.5 * std::log(2 * std::numbers::pi) + std::log(sd)) -
           r.squaredNorm() / (2 * sd * sd);
  }
  const Matrix L = sigma.factor();
  const double volume = 0.5 * static_cast<double>(size_) * std::log(2 * std::numbers::pi) +
                        L.diagonal().array().log().sum();
  return -static_cast<double>(r.cols()) * volume -
         0.5 * L.triangularView<Eigen::Lower>().solve(r).squaredNorm();
}

double GroupCovariance::add_effects_gradient(const Covariance& sigma, ConstMatrixRef r,
                                             MatrixRef by_r, Covariance& slope) const {
  const Matrix precision_root =
      sigma.factor().triangularView<Eigen::Lower>().solve(Matrix::Identity(size_, size_));
  const Matrix precision = precision_root.transpose() * precision_root;
  const Matrix pull = precision * r;
  by_r -= pull;
  const Matrix by_sigma =
      0.5 * (pull * pull.transpose() - static_cast<double>(r.cols()) * precision);
  add_chain(sigma, by_sigma, slope.sd, slope.correlation);
  return effects_log_density(sigma, r);
}

void GroupCovariance::spread(const Covariance& sigma, MatrixRef r) const {
  r = sigma.factor().triangularView<Eigen::Lower>() * Matrix(r);
}

void GroupCovariance::draw_effects(const Covariance& sigma, std::size_t j, VectorRef r,
                                   Rng& rng) const {
  auto own = r.segment(static_cast<Eigen::Index>(j) * size_, size_);
  fill_normal(own, rng);
  own = sigma.factor().triangularView<Eigen::Lower>() * Vector(own);
  to_user(own);
}

void GroupCovariance::center_effects(std::size_t j, VectorRef r) const {
  r.segment(static_cast<Eigen::Index>(j) * size_, size_).setZero();
}

void GroupCovariance::add_to_mean(const PredictorRows& rows, ConstMatrixRef r,
                                  VectorRef mean) const {
  Eigen::Index column = 0;
  for (const std::size_t t : numbers_) {
    const Matrix& Z = rows.Z[t];
    for (Eigen::Index k = 0; k < Z.cols(); ++k, ++column) {
      for (Eigen::Index i = 0; i < mean.size(); ++i) {
        mean[i] += Z(i, k) * r(column, rows.level[grouping_][static_cast<std::size_t>(i)]);
      }
    }
  }
}

void GroupCovariance::draw_sds(Covariance& sigma, ConstMatrixRef quadratic, ConstVectorRef linear,
                               double residual_variance, Rng& rng) const {
  Vector& sd = sigma.sd;
  for (Eigen::Index k = 0; k < size_; ++k) {
    const ParameterPrior* const own = sds_[static_cast<std::size_t>(k)];
    const double a = quadratic(k, k);
    const double c = linear[k] - quadratic.col(k).dot(sd) + a * sd[k];
    const auto along = [&](double x) {  // x = log sd_k; + x is the Jacobian
      sd[k] = std::exp(x);
      const double prior = own != nullptr ? own->log_density(sd[k]) : log_density(sigma);
      return prior + x - (a * sd[k] - 2 * c) * sd[k] / (2 * residual_variance);
    };
    sd[k] = std::exp(slice(std::log(sd[k]), 1.0, along, rng));
  }
}

void GroupCovariance::draw(Covariance& sigma, ConstMatrixRef squares, double count,
                           Rng& rng) const {
  for (const Term& term : terms_) {
    const auto U = squares.block(term.first, term.first, term.size, term.size);
    const auto wishart =
        term.covariance != nullptr ? term.covariance->density.inverse_wishart() : std::nullopt;
    if (wishart) {
      const Matrix scale = U + wishart->at(1) * Matrix::Identity(term.size, term.size);
      split(draw_inv_wishart(wishart->at(0) + count, scale, rng),
            sigma.sd.segment(term.first, term.size),
            sigma.correlation.block(term.first, term.first, term.size, term.size));
    } else if (term.size == 1) {
      double& sd = sigma.sd[term.first];
      sd = draw_scale(*sds_[static_cast<std::size_t>(term.first)], count, U(0, 0), sd, rng);
    } else {
      draw_term(term, sigma, U, count, rng);
    }
  }
}

void GroupCovariance::draw_term(const Term& term, Covariance& sigma, ConstMatrixRef squares,
                                double count, Rng& rng) const {
  const Eigen::Index q = term.size;
  Layout layout;
  const std::vector<std::string> labels(static_cast<std::size_t>(q));
  layout.add({"sd", {{"a", labels}}, Support::positive});
  layout.add({"cor", {{"a", labels}, {"b", labels}}, Support::correlation});
  Vector natural(q + q * q);
  natural << sigma.sd.segment(term.first, q),
      sigma.correlation.block(term.first, term.first, q, q).reshaped();

  Covariance moved = sigma;
  const auto take = [&](ConstVectorRef x) {
    moved.sd.segment(term.first, q) = x.head(q);
    moved.correlation.block(term.first, term.first, q, q) = x.tail(q * q).reshaped(q, q);
  };
  const Target target(layout, [&](ConstVectorRef x) {
    take(x);
    const Covariance own{x.head(q), x.tail(q * q).reshaped(q, q)};
    const Matrix L = own.factor();
    // sum_j log N(u_j | 0, Sigma)
    const Matrix solved = L.triangularView<Eigen::Lower>().solve(squares);
    const Matrix both = L.triangularView<Eigen::Lower>().solve(solved.transpose());
    return log_density(term, moved) - count * L.diagonal().array().log().sum() - 0.5 * both.trace();
  });

  // Without a prior a free coordinate has a standard deviation of about 1 / sqrt(2 count).
  const double width = std::min(2.0, 3 / std::sqrt(2 * (count + 1)));
  Vector z = target.free(natural);
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const auto along = [&](double x) {
      Vector there = z;
      there[k] = x;
      return target.log_density(there);
    };
    z[k] = slice(z[k], width, along, rng);
  }
  take(target.natural(z));
  sigma = moved;
}

void GroupCovariance::check_proper(Eigen::Index groups) const {
  for (const ParameterPrior* sd : sds_) {
    if (sd != nullptr) check_groups(*sd, groups);
  }
}

}  // namespace tarn
