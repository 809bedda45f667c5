// Rows of a normal response.
#include "tarn/gaussian.hpp"

#include <cmath>

#include "tarn/design.hpp"
#include "tarn/distributions.hpp"

namespace tarn {

std::vector<FamilyParameter> Gaussian::parameters(const Design& design) const {
  if (design.known_errors) return {};
  const Block sigma{"sigma", {}, Support::positive, "residual standard deviation"};
  return {{sigma, residual_parameters(design).front()}};
}

std::optional<std::string> Gaussian::refuses(double y, double /*trials*/) const {
  if (std::isfinite(y)) return std::nullopt;
  return "gaussian needs finite numbers";
}

double Gaussian::row_sd(const Rows& rows, Eigen::Index i, ConstMatrixRef psi) const {
  const double sigma = psi.cols() == 0 ? 1 : psi(psi.rows() > 1 ? i : 0, 0);
  const double f = rows.frequency[i];
  const double w = rows.weight[i];
  return f == w ? sigma : sigma * std::sqrt(f / w);  // a known standard error is in the weight
}

void Gaussian::log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                              VectorRef by_row) const {
  double sd = 0;  // of the row before: as a rule that of all
  double at_mean = 0;
  for (Eigen::Index i = 0; i < by_row.size(); ++i) {
    if (const double own = row_sd(rows, i, psi); own != sd) {
      sd = own;
      at_mean = normal_log_density(0, 0, sd);
    }
    const double z = (rows.y[i] - eta[i]) / sd;
    by_row[i] = at_mean - 0.5 * z * z;
  }
}

void Gaussian::derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                           VectorRef score, VectorRef curvature) const {
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    const double sd = row_sd(rows, i, psi);
    curvature[i] = 1 / (sd * sd);
    score[i] = (rows.y[i] - eta[i]) * curvature[i];
  }
}

void Gaussian::psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                          MatrixRef by_row) const {
  if (psi.cols() == 0) return;
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    const double z = (rows.y[i] - eta[i]) / row_sd(rows, i, psi);
    by_row(i, 0) = (z * z - 1) / psi(psi.rows() > 1 ? i : 0, 0);
  }
}

void Gaussian::mean(const Rows& /*rows*/, ConstVectorRef eta, ConstMatrixRef /*psi*/,
                    VectorRef expected) const {
  expected = eta;
}

void Gaussian::variance(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                        VectorRef by_row) const {
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    const double sd = row_sd(rows, i, psi);
    by_row[i] = sd * sd;
  }
}

void Gaussian::cumulative(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                          VectorRef by_row) const {
  for (Eigen::Index i = 0; i < eta.size(); ++i) {
    by_row[i] = to_mean(Link::probit, (rows.y[i] - eta[i]) / row_sd(rows, i, psi));
  }
}

void Gaussian::draw(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef y,
                    Rng& rng) const {
  for (Eigen::Index i = 0; i < y.size(); ++i) y[i] = eta[i] + row_sd(rows, i, psi) * rng.normal();
}

const void* Gaussian::query(std::string_view capability) const noexcept {
  if (capability == GaussianRows::id) return static_cast<const GaussianRows*>(this);
  if (capability == DistributionFunction::id) {
    return static_cast<const DistributionFunction*>(this);
  }
  return nullptr;
}

}  // namespace tarn
