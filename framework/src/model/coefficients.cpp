// Gaussian algebra of the population-level coefficients.
#include "tarn/coefficients.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "tarn/distributions.hpp"
#include "tarn/error.hpp"

namespace tarn {
Block coefficient_block(const PredictorDesign& design) {
  Block b{.name = design.name("b"),
          .axes = {{"coefficient", design.coefficients}},
          .describes = "population-level coefficients"};
  if (!design.parameter.empty()) {
    b.axes.front().name = design.parameter + "_coefficient";
    b.describes += fmt::format(" of {}, on its link", design.parameter);
  }
  if (Centering centering = design.coefficient_centering(); centering.moves()) {
    b.centering.push_back(std::move(centering));
  }
  return b;
}

Coefficients::Coefficients(const PredictorDesign& design, const Priors& priors)
    : mixing_(design.size(), 1.0) {
  for (const ParameterPrior& prior : priors.all()) {  // declared in the order of the coefficients
    const Subject& subject = prior.parameter.subject;
    if (subject.kind != Subject::Kind::coefficient || subject.parameter != design.parameter) {
      continue;
    }
    (prior.density.is_conditionally_gaussian() ? gaussian_ : sliced_).push_back(as_index(size()));
    priors_.push_back(prior.density);
  }
  if (size() == design.size()) return;
  throw PluginError(
      fmt::format("the model declares priors of {} coefficients, and its formula has {}; "
                  "tarn::coefficient_parameters() declares them all",
                  size(), design.size()));
}

std::size_t Coefficients::scaled() const noexcept {
  return as_size(
      std::ranges::count_if(priors_, [](const Density& d) { return d.scales_with_sigma(); }));
}

std::size_t Coefficients::flat() const noexcept {
  return as_size(std::ranges::count_if(priors_, [](const Density& d) { return !d.proper(); }));
}

bool Coefficients::gaussian() const noexcept {
  return std::ranges::all_of(priors_, [](const Density& d) {
    return d.is_conditionally_gaussian() && !d.is_scale_mixture();
  });
}

bool Coefficients::conjugate() const noexcept { return scaled() + flat() == size(); }

void Coefficients::mix(ConstVectorRef b, Rng& rng) {
  for (std::size_t k = 0; k < size(); ++k) {
    if (!priors_[k].is_scale_mixture()) continue;
    mixing_[k] = priors_[k].draw_mixing(b[as_index(k)], rng);
  }
}

double Coefficients::precision(std::size_t k, double sigma) const {
  const Density& prior = priors_[k];
  if (!prior.proper()) return 0;
  const double sd = prior.scales_with_sigma() ? prior.scale() * sigma : prior.scale();
  return 1 / (sd * sd * mixing_[k]);
}

TriangularFactor Coefficients::posterior(ConstMatrixRef F, double sigma, ConstVectorRef b) const {
  const auto p = as_index(size());
  const auto g = as_index(gaussian_.size());
  TriangularFactor factor = [&] {
    if (sliced_.empty()) return TriangularFactor(Matrix(F / sigma));
    Matrix rows(p + 1, g + 1);
    for (Eigen::Index k = 0; k < g; ++k) rows.col(k) = F.col(gaussian_[k]) / sigma;
    rows.col(g) = F.col(p) / sigma;
    for (const Eigen::Index k : sliced_) rows.col(g) -= F.col(k) * (b[k] / sigma);
    TriangularFactor reduced(g + 1);
    reduced.add(rows);
    return reduced;
  }();

  Matrix prior = Matrix::Zero(g, g + 1);
  for (Eigen::Index k = 0; k < g; ++k) {
    const auto index = as_size(gaussian_[k]);
    const double root = std::sqrt(precision(index, sigma));
    prior(k, k) = root;
    prior(k, g) = root * priors_[index].location();
  }
  factor.add(prior);
  return factor;
}

double Coefficients::log_marginal(ConstMatrixRef F, double sigma, ConstVectorRef b) const {
  return log_integral(posterior(F, sigma, b).matrix(), sigma);
}

double Coefficients::log_integral(ConstMatrixRef R, double sigma) const {
  const auto g = as_index(gaussian_.size());
  double value = -0.5 * R(g, g) * R(g, g);
  for (Eigen::Index k = 0; k < g; ++k) {
    const double prior = precision(as_size(gaussian_[k]), sigma);
    value += prior > 0 ? 0.5 * std::log(prior) : 0.5 * std::log(2 * std::numbers::pi);
    value -= std::log(std::abs(R(k, k)));
  }
  return value;
}

Coefficients::Integrated Coefficients::integrate(ConstMatrixRef F, double sigma) const {
  const auto p = as_index(size());
  const TriangularFactor factor = posterior(F, sigma, Vector::Zero(p));
  const Matrix& R = factor.matrix();
  const auto xx = R.topLeftCorner(p, p).triangularView<Eigen::Upper>();
  Integrated now{log_integral(R, sigma), 0, R(p, p) * R(p, p), xx.solve(R.col(p).head(p)),
                 xx.solve(Matrix::Identity(p, p))};
  // Of E ||F (b', -1)'||^2 / (2 sigma^2), and of the priors that scale with sigma.
  now.dsigma = now.expected_squares(F) / (sigma * sigma * sigma);
  for (Eigen::Index k = 0; k < p; ++k) {
    const auto index = as_size(k);
    if (!priors_[index].scales_with_sigma()) continue;
    const double deviation = now.mean[k] - priors_[index].location();
    const double squares = deviation * deviation + now.root.row(k).squaredNorm();
    now.dsigma += (precision(index, sigma) * squares - 1) / sigma;
  }
  return now;
}

double Coefficients::Integrated::expected_squares(ConstMatrixRef B) const {
  const Eigen::Index p = mean.size();
  return (B.leftCols(p) * mean - B.col(p)).squaredNorm() + (B.leftCols(p) * root).squaredNorm();
}

void Coefficients::start(ConstMatrixRef F, double sigma, VectorRef b, Rng& rng) const {
  const Eigen::Index p = b.size();
  b = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
  for (const Eigen::Index k : sliced_) {
    const Density& prior = priors_[as_size(k)];
    const double margin = std::min(sigma / F.col(k).norm(), 0.1 * (prior.upper() - prior.lower()));
    b[k] = std::clamp(b[k], prior.lower() + margin, prior.upper() - margin);
  }
  // A prior with heavy tails and data that contradict it leave two modes: one where the prior is
  // narrow, one where it is as wide as the distance to the data.
  Coefficients drawn_by = *this;
  for (std::size_t k = 0; k < size(); ++k) {
    if (!priors_[k].is_scale_mixture()) continue;
    const double z = (b[as_index(k)] - priors_[k].location()) / priors_[k].scale();
    drawn_by.mixing_[k] = rng.uniform() < 0.5 ? 1 : 1 + z * z;
  }
  drawn_by.draw(F, sigma, b, rng);
}

void Coefficients::draw(ConstMatrixRef F, double sigma, VectorRef b, Rng& rng) const {
  const auto g = as_index(gaussian_.size());
  if (g > 0) {
    const TriangularFactor factor = posterior(F, sigma, b);
    const Matrix& R = factor.matrix();
    Vector x(g);
    fill_normal(x, rng);
    x += R.col(g).head(g);
    R.topLeftCorner(g, g).triangularView<Eigen::Upper>().solveInPlace(x);
    for (Eigen::Index k = 0; k < g; ++k) b[gaussian_[k]] = x[k];
  }

  const Eigen::Index p = b.size();
  for (const Eigen::Index k : sliced_) {
    const Vector residual = F.leftCols(p) * b - F.col(p);
    const double information = F.col(k).squaredNorm();
    const double centre = b[k] - F.col(k).dot(residual) / information;
    const double sd = sigma / std::sqrt(information);
    const Density& prior = priors_[as_size(k)];
    const auto log_density = [&](double x) {
      const double z = (x - centre) / sd;
      return prior.log_density(x) - 0.5 * z * z;
    };
    b[k] = slice(b[k], 2 * sd, log_density, rng);
  }
}

double Coefficients::log_density(ConstVectorRef b, double sigma) const {
  double sum = 0;
  for (std::size_t k = 0; k < size(); ++k) {
    const Density& prior = priors_[k];
    const double x = b[as_index(k)];
    sum += prior.scales_with_sigma()
               ? normal_log_density(x, prior.location(), prior.scale() * sigma)
               : prior.log_density(x);
  }
  return sum;
}

double Coefficients::log_density_gradient(ConstVectorRef b, double sigma, VectorRef db,
                                          double& dsigma) const {
  for (std::size_t k = 0; k < size(); ++k) {
    const Density& prior = priors_[k];
    const auto at = as_index(k);
    if (prior.scales_with_sigma()) {
      const double sd = prior.scale() * sigma;
      const double z = (b[at] - prior.location()) / sd;
      db[at] -= z / sd;
      dsigma += (z * z - 1) / sigma;
    } else {
      db[at] += prior.score(b[at]);
    }
  }
  return log_density(b, sigma);
}

double Coefficients::scaled_squares(ConstVectorRef b) const {
  double sum = 0;
  for (std::size_t k = 0; k < size(); ++k) {
    if (!priors_[k].scales_with_sigma()) continue;
    const double z = (b[as_index(k)] - priors_[k].location()) / priors_[k].scale();
    sum += z * z;
  }
  return sum;
}

void Coefficients::draw_prior(VectorRef b, double sigma, Rng& rng) const {
  for (std::size_t k = 0; k < size(); ++k) {
    const Density& prior = priors_[k];
    b[as_index(k)] = prior.scales_with_sigma()
                         ? prior.location() + prior.scale() * sigma * rng.normal()
                         : prior.draw(rng);
  }
}

}  // namespace tarn
