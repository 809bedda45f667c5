// Inverse-gamma variances with estimated shape and scale, or given priors.
#include "variance_population.hpp"

#include <algorithm>
#include <cmath>

#include <tarn/distributions.hpp>
#include <tarn/error.hpp>
#include <tarn/scale.hpp>

namespace tarn::group_variance {
namespace {

std::string key(const std::string& what, const Design& design) {
  return what + "(" + design.groupings.front().name + ")";
}

/// Of every sigma_j.
Subject subject(const Design& design) {
  return {Subject::Kind::residual_sd, {}, design.groupings.front().name};
}

}  // namespace

std::vector<Parameter> VariancePopulation::parameters(const Design& design) {
  Parameter shape;
  shape.keys = {key("shape", design)};
  shape.support = Support::positive;
  shape.default_prior = "gamma(2, 0.2)";
  shape.reason = "2 shape ~ gamma(2, 0.1)";

  Parameter typical = residual_parameters(design).front();
  typical.keys = {key("typical", design)};
  typical.subject = {};

  Parameter scale;
  scale.keys = {key("scale", design)};
  scale.support = Support::positive;
  scale.instead_of = typical.keys;

  Parameter sigma;
  sigma.keys = {key("sigma", design), "sigma"};
  sigma.support = Support::positive;
  sigma.square = true;
  sigma.subject = subject(design);
  sigma.instead_of = {shape.keys.front(), typical.keys.front(), scale.keys.front()};
  return {shape, typical, scale, sigma};
}

std::vector<Block> VariancePopulation::blocks(const Design& design, const Priors& priors) {
  const Grouping& grouping = design.groupings.front();
  const std::string g = grouping.variable();
  const Block sigma{"sigma_" + g,
                    {{g, grouping.levels}},
                    Support::positive,
                    "residual standard deviation of each group"};
  if (priors.find(subject(design)) != nullptr) return {sigma};
  return {sigma,
          {"shape_" + g, {}, Support::positive, "shape of the residual variances' inverse gamma"},
          {"scale_" + g, {}, Support::positive, "its scale"}};
}

VariancePopulation::VariancePopulation(const Design& design, const Priors& priors, Vector weight)
    : given_(priors.find(subject(design))),
      shape_(priors.find(key("shape", design))),
      typical_(priors.find(key("typical", design))),
      scale_(priors.find(key("scale", design))),
      weight_(std::move(weight)) {
  for (const double n : weight_) ++by_size_[n];
  for (const ParameterPrior* prior : {shape_, scale_}) {
    if (prior == nullptr || prior->density.proper()) continue;
    throw InputError("with the flat prior '" + prior->text() +
                     "' the posterior is improper: groups of equal variances allow any shape; give "
                     "it a proper prior such as gamma(2, 0.2)");
  }
  if (given_ == nullptr || given_->density.proper()) return;
  const double needed = given_->on_square ? 2 : 1;
  for (Eigen::Index j = 0; j < weight_.size(); ++j) {
    if (weight_[j] > needed) continue;
    const Grouping& g = design.groupings.front();
    throw InputError("with the flat prior '" + given_->text() +
                     "' every group must count more than " +
                     (given_->on_square ? "2 rows" : "1 row") + ", and '" + g.levels[as_size(j)] +
                     "' of '" + g.name +
                     "' does not; give it a proper prior, or none: then the groups' variances "
                     "inform each other");
  }
}

/// log p(a, b).
double VariancePopulation::log_prior(double shape, double scale) const {
  const double of_shape = shape_->log_density(shape);
  if (scale_ != nullptr) return of_shape + scale_->log_density(scale);
  // |d typical / d b| = 1 / (2 sqrt(a b))
  return of_shape + typical_->log_density(std::sqrt(scale / shape)) -
         std::log(2 * std::sqrt(shape * scale));
}

double VariancePopulation::log_prior(const State& now) const {
  if (estimated()) return log_prior(now.shape, now.scale);
  double sum = 0;
  for (const double sigma : now.sigma) sum += given_->log_density(sigma);
  return sum;
}

std::optional<std::array<double, 2>> VariancePopulation::shape_and_scale(const State& now) const {
  return estimated() ? std::array{now.shape, now.scale} : given_->conjugate();
}

double VariancePopulation::log_density(const State& now, double log_sigmas,
                                       double precisions) const {
  const auto inverse_gamma = shape_and_scale(now);
  if (!estimated() && (!inverse_gamma || !given_->density.proper())) {
    return log_prior(now);
  }
  const auto [a, b] = *inverse_gamma;
  const double of_groups = count() * (a * std::log(b) - log_gamma(a) + std::log(2)) -
                           (2 * a + 1) * log_sigmas - b * precisions;
  return estimated() ? of_groups + log_prior(a, b) : of_groups;
}

void VariancePopulation::add_gradient(const State& now, State& slope) const {
  const auto& [a, b, sigma] = now;
  if (!estimated()) {
    for (Eigen::Index j = 0; j < sigma.size(); ++j) slope.sigma[j] += given_->score(sigma[j]);
    return;
  }
  const auto inverse = sigma.array().inverse();
  slope.sigma.array() += (2 * b * inverse.square() - (2 * a + 1)) * inverse;
  slope.shape +=
      count() * (std::log(b) - digamma(a)) - 2 * sigma.array().log().sum() + shape_->score(a);
  slope.scale += count() * a / b - inverse.square().sum();
  if (scale_ != nullptr) {
    slope.scale += scale_->score(b);
  } else {
    const double typical = std::sqrt(b / a);
    const double pull = typical_->score(typical) * typical;
    slope.shape -= (pull + 1) / (2 * a);
    slope.scale += (pull - 1) / (2 * b);
  }
}

VariancePopulation::State VariancePopulation::start(double residual, ConstVectorRef guess,
                                                    Rng& rng) const {
  State now{1, 1, guess};
  if (estimated()) {
    now.shape = start_scale(*shape_, 3, rng);
    if (scale_ != nullptr) {
      now.scale = start_scale(*scale_, now.shape * residual * residual, rng);
    } else {
      const double typical = start_scale(*typical_, residual, rng);
      now.scale = now.shape * typical * typical;
    }
    for (double& sigma : now.sigma) sigma *= std::exp(0.5 * rng.normal());
  } else {
    for (double& sigma : now.sigma) sigma = start_scale(*given_, sigma, rng);
  }
  return now;
}

VariancePopulation::State VariancePopulation::draw_prior(Rng& rng) const {
  State now{1, 1, Vector(weight_.size())};
  if (estimated()) {
    now.shape = shape_->draw(rng);
    if (scale_ != nullptr) {
      now.scale = scale_->draw(rng);
    } else {
      const double typical = typical_->draw(rng);
      now.scale = now.shape * typical * typical;
    }
  }
  for (double& sigma : now.sigma) sigma = draw_one(now, rng);
  return now;
}

double VariancePopulation::draw_one(const State& now, Rng& rng) const {
  return estimated() ? std::sqrt(rng.inv_gamma(now.shape, now.scale)) : given_->draw(rng);
}

double VariancePopulation::typical(const State& now) const {
  const auto inverse_gamma = shape_and_scale(now);
  if (inverse_gamma && (estimated() || given_->density.proper())) {
    return std::sqrt((*inverse_gamma)[1] / (*inverse_gamma)[0]);
  }
  return std::sqrt(now.sigma.squaredNorm() / count());
}

void VariancePopulation::draw_sigma(State& now, ConstVectorRef squares, Rng& rng) const {
  const auto inverse_gamma = shape_and_scale(now);
  for (Eigen::Index j = 0; j < now.sigma.size(); ++j) {
    double& sigma = now.sigma[j];
    sigma = inverse_gamma ? std::sqrt(rng.inv_gamma((*inverse_gamma)[0] + weight_[j] / 2,
                                                    (*inverse_gamma)[1] + squares[j] / 2))
                          : draw_scale(*given_, weight_[j], squares[j], sigma, rng);
  }
}

/// Slices along log a at a fixed typical variance b / a, and along log(b / a) at a fixed a: the two
/// hardly depend on each other.
template <class LogLikelihood>
void VariancePopulation::draw_by_slices(State& now, const LogLikelihood& log_likelihood,
                                        Rng& rng) const {
  // d(a, b) / d(log a, log(b / a)) = a b
  const auto log_density = [&](double a, double b) {
    return log_prior(a, b) + std::log(a * b) + log_likelihood(a, b);
  };
  double x = std::log(now.shape);
  double t = std::log(now.scale / now.shape);
  x = slice(
      x, 1.5, [&](double at) { return log_density(std::exp(at), std::exp(at + t)); }, rng);
  now.shape = std::exp(x);
  const double width = std::min(2.0, 3 / std::sqrt(count()));
  t = slice(
      t, width, [&](double at) { return log_density(now.shape, std::exp(x + at)); }, rng);
  now.scale = std::exp(x + t);
}

void VariancePopulation::draw_shape_and_scale(State& now, ConstVectorRef squares, Rng& rng) const {
  draw_by_slices(
      now,
      [&](double a, double b) {
        double sum = count() * (a * std::log(b) - log_gamma(a));
        for (const auto& [n, groups] : by_size_) sum += groups * log_gamma(a + n / 2);
        return sum - ((a + weight_.array() / 2) * (b + squares.array() / 2).log()).sum();
      },
      rng);
}

void VariancePopulation::draw_shape_and_scale(State& now, Rng& rng) const {
  const double log_variances = 2 * now.sigma.array().log().sum();
  const double precisions = now.sigma.array().square().inverse().sum();
  draw_by_slices(
      now,
      [&](double a, double b) {
        return count() * (a * std::log(b) - log_gamma(a)) - a * log_variances - b * precisions;
      },
      rng);
}

}  // namespace tarn::group_variance
