// Densities, Gibbs steps, marginals and rows, once for all structures.
#include "regression/regression.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "regression/family_marginal.hpp"
#include "regression/family_rows.hpp"
#include "regression/laplace_place.hpp"
#include "tarn/distributions.hpp"
#include "tarn/index.hpp"
#include "tarn/moments.hpp"
#include "tarn/scale.hpp"

namespace tarn::regression {
namespace {

/// Columns of effects times the sds, which for single effects are one number.
void multiply(const Vector& sd, Matrix& effects) {
  if (sd.size() == 1) {
    effects *= sd[0];
  } else {
    effects = sd.asDiagonal() * effects;
  }
}

}  // namespace

bool is_gaussian(const Design& design) {
  return query<GaussianRows>(*design.family) != nullptr && design.predictors.empty();
}

std::vector<Takes> Regression::takes() {
  return {Takes::weights, Takes::offset,          Takes::trials,    Takes::standard_errors,
          Takes::gaps,    Takes::group_centering, Takes::predictors};
}

std::vector<Parameter> Regression::parameters(const Design& design) {
  std::vector<Parameter> all = coefficient_parameters(design);
  for (const FamilyParameter& psi : design.family->parameters(design)) {
    if (design.predictor_of(psi.block.name) == nullptr) all.push_back(psi.prior);
  }
  for (Parameter& group : group_parameters(design)) all.push_back(std::move(group));
  for (Parameter& of_predictor : predictor_parameters(design)) {
    all.push_back(std::move(of_predictor));
  }
  return all;
}

std::vector<std::string_view> Regression::withholds(const Design& design, const Priors& priors) {
  if (is_gaussian(design)) {
    std::vector<std::string_view> all{NumericalMarginal::id, Pivot::id,
                                      MarginalRowLogLikelihood::id, MarginalRowDistribution::id};
    if (!Coefficients(design, priors).gaussian()) {
      all.insert(all.end(), {Collapsed::id, CollapsedGradient::id});
    }
    return all;
  }
  std::vector<std::string_view> all{FullConditionals::id};
  const bool has_distribution = tarn::query<DistributionFunction>(*design.family) != nullptr;
  if (!has_distribution) all.push_back(ResponseDistribution::id);
  const bool collapses = FamilyMarginal::exists(design);
  if (!collapses) {
    all.insert(all.end(), {Collapsed::id, CollapsedGradient::id, NumericalMarginal::id});
  }
  const bool integrates = collapses && !design.terms.empty();
  if (!integrates) {
    all.insert(all.end(), {GroupwiseLogLikelihood::id, MarginalRowLogLikelihood::id});
  }
  if (!integrates || !has_distribution) all.push_back(MarginalRowDistribution::id);
  constexpr double affordable = 3e7;  // multiplications of a factorisation: some 0.1 s
  if (!Hyperparameters::exist(design) || !(LatentStructure::cost(design) < affordable)) {
    all.push_back(Pivot::id);
  }
  return all;
}

Regression::Regression(const ModelInput& input, std::shared_ptr<Solver> solver,
                       const std::vector<Block>& instead)
    : design_(input.design),
      family_(*design_.family),
      terms_(design_, input.priors, solver ? solver->groupings() : all_groupings(design_)),
      psi_(instead.empty() ? FamilyParameters(design_, input.priors) : FamilyParameters()),
      predictors_(instead.empty() ? ParameterPredictors(design_, input.priors)
                                  : ParameterPredictors()),
      solver_(std::move(solver)) {
  terms_.add_coefficients(layout_);
  psi_.add_to(layout_);
  predictors_.add_to(layout_);
  for (const Block& block : instead) instead_.push_back(layout_.add(block));
  terms_.add_groups(layout_);
  predictors_.add_groups_to(layout_);
  static_cast<Values&>(state_) = terms_.empty();
  state_.psi = Vector::Ones(psi_.size());
  state_.predictors = predictors_.empty();
  slope_ = state_;
  none_ = Vector::Zero(terms_.p());
  if (!solver_) {
    family_rows_ = std::make_unique<FamilyRows>(design_, terms_, predictors_);
    if (Hyperparameters::exist(design_)) {
      hyperparameters_ = std::make_unique<Hyperparameters>(design_, input.priors, terms_);
      anchor_ = std::make_unique<Anchor>();  // the middle of the predictor
      Eigen::Index latent = terms_.p();
      for (std::size_t f = 0; f < terms_.factors(); ++f) latent += terms_.q(f) * terms_.levels(f);
      anchor_->mode = Vector::Zero(latent);
      if (design_.has_intercept) anchor_->mode[0] = predictor_scale(design_).mean;
    }
    if (!FamilyMarginal::exists(design_)) return;
    family_marginal_ = std::make_unique<FamilyMarginal>(design_, input.priors, terms_);
    return;
  }
  moments_ = &design_.moments();
  list_steps();
  lay_out_marginal();
}

Regression::~Regression() = default;

void Regression::read(ConstVectorRef theta, State& now) const {
  psi_.read(layout_, theta, now.psi);
  predictors_.read(layout_, theta, now.predictors);
  terms_.read(layout_, theta, now);
}

void Regression::write(const State& now, VectorRef theta) const {
  psi_.write(now.psi, layout_, theta);
  predictors_.write(now.predictors, layout_, theta);
  terms_.write(now, layout_, theta);
  psi_.derive(terms_.b(), layout_, theta);
}

void Regression::start(VectorRef theta, Rng& rng) {
  State& now = state_;
  if (!solver_) {
    start_anywhere(design_, terms_, psi_, now, rng);
    predictors_.start(now.predictors, rng);
    return write(now, theta);
  }
  // Half of the variance that the covariates leave goes to the groups, in equal parts.
  const double left = moments_->factor(terms_.p(), terms_.p()) / std::sqrt(moments_->rows);
  const double share = terms_.factors() > 0 ? 0.7 * left : left;
  psi_.start(share, now.psi, rng);
  const double guess = design_.known_errors ? design_.response_scale.sd : share;
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    now.covariances[f] = terms_.covariance(f).start(guess, terms_.columns(), rng);
  }
  const bool integrates = solver_->integrates();
  terms_.coefficients().start(integrates ? solver_->marginal(lambda(now)).factor : moments_->factor,
                              now.sigma(), now.b, rng);
  if (integrates) {
    solver_->draw_effects(lambda_, now.sigma(), now, rng);
  } else {
    for (Vector& r : now.r) {
      for (double& effect : r) effect = 0.1 * guess * rng.normal();
    }
  }
  write(now, theta);
}

void Regression::derive(VectorRef theta) {
  terms_.derive(layout_, theta);
  predictors_.derive(layout_, theta);
  psi_.derive(terms_.b(), layout_, theta);
}

// --- p(y, theta) ---------------------------------------------------------------------------------

double Regression::log_scale(double sigma) const {
  return moments_->log_weight -
         moments_->rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(sigma));
}

double Regression::log_likelihood_of(const State& now) {
  if (!solver_) return family_rows_->log_likelihood(now);
  const double s = now.sigma();
  solver_->begin();
  return log_scale(s) - solver_->squares(now) / (2 * s * s);
}

double Regression::log_likelihood_gradient(const State& now, State& slope) {
  if (!solver_) return family_rows_->log_likelihood_gradient(now, slope);
  const double s = now.sigma();
  solver_->begin();
  const double squares = solver_->scores(now, slope);
  slope.b /= s * s;
  for (Vector& r : slope.r) r /= s * s;
  if (slope.psi.size() > 0) slope.psi[0] = squares / (s * s * s) - moments_->rows / s;
  return log_scale(s) - squares / (2 * s * s);
}

double Regression::log_density(ConstVectorRef theta) {
  read(theta, state_);
  return log_likelihood_of(state_) + psi_.log_prior(state_.psi) +
         predictors_.log_density(state_.predictors) + terms_.log_density(state_, state_.sigma());
}

double Regression::log_prior(ConstVectorRef theta) {
  read(theta, state_);
  return psi_.log_prior(state_.psi) + predictors_.log_prior(state_.predictors) +
         terms_.log_prior(state_, state_.sigma());
}

double Regression::log_density_gradient(ConstVectorRef theta, VectorRef gradient) {
  read(theta, state_);
  const double likelihood = log_likelihood_gradient(state_, slope_);
  double dsigma = 0;
  const double of_terms = terms_.log_density_gradient(state_, state_.sigma(), slope_, dsigma);
  if (slope_.psi.size() > 0) slope_.psi[0] += dsigma;
  psi_.add_scores(state_.psi, slope_.psi);
  psi_.write_gradient(slope_.psi, layout_, gradient);
  const double of_predictors =
      predictors_.log_density_gradient(state_.predictors, slope_.predictors);
  predictors_.write_gradient(slope_.predictors, layout_, gradient);
  terms_.write_gradient(slope_, layout_, gradient);
  return likelihood + psi_.log_prior(state_.psi) + of_predictors + of_terms;
}

// --- Gibbs steps ---------------------------------------------------------------------------------

void Regression::list_steps() {
  std::vector<std::size_t> means{terms_.b()};
  for (std::size_t f = 0; f < terms_.factors(); ++f) means.push_back(terms_.r(f));
  const bool grouped = terms_.factors() > 0;
  steps_ = {{means_together, grouped ? "b, r | sigma, Sigma" : "b | sigma", means}};
  plain_steps_ = {{b_given_effects, grouped ? "b | r, sigma" : "b | sigma", {terms_.b()}}};
  if (grouped) {
    plain_steps_.push_back(
        {effects_given_b, "r | b, sigma, Sigma", {means.begin() + 1, means.end()}});
  }
  for (auto* sweep : {&steps_, &plain_steps_}) {
    if (psi_.size() > 0) sweep->push_back({sigma_given_rest, "sigma | rest", {psi_.block()}});
    for (std::size_t f = 0; f < terms_.factors(); ++f) {
      sweep->push_back(
          {covariance_given_effects + f * kinds, "Sigma | r", terms_.of_covariance(f)});
    }
  }
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    std::vector<std::size_t> moved = terms_.of_sds(f);
    moved.push_back(terms_.r(f));
    steps_.push_back({sds_given_ratios + f * kinds, "sd, r | r / sd", std::move(moved)});
  }
}

void Regression::draw(std::size_t step_id, VectorRef theta, Rng& rng) {
  State& now = state_;
  read(theta, now);
  const std::size_t f = step_id / kinds;
  switch (step_id % kinds) {
    case means_together:
      terms_.coefficients().mix(now.b, rng);
      draw_means(now, rng);
      break;
    case b_given_effects:
      terms_.coefficients().mix(now.b, rng);
      terms_.coefficients().draw(solver_->given(now), now.sigma(), now.b, rng);
      break;
    case effects_given_b:
      solver_->draw_effects(lambda(now), now.sigma(), now, rng);
      break;
    case sigma_given_rest:
      draw_sigma(now, rng);
      break;
    case covariance_given_effects:
      draw_covariance(now, f, rng);
      break;
    case sds_given_ratios:
      interweave(now, f, rng);
      break;
    default:
      break;
  }
  write(now, theta);
}

const std::vector<Matrix>& Regression::lambda(const State& now) {
  lambda_.resize(now.covariances.size());
  for (std::size_t f = 0; f < lambda_.size(); ++f) {
    lambda_[f] = now.covariances[f].factor() / now.sigma();
  }
  return lambda_;
}

void Regression::draw_means(State& now, Rng& rng) {
  terms_.coefficients().draw(solver_->factor(lambda(now)), now.sigma(), now.b, rng);
  solver_->draw_effects(lambda_, now.sigma(), now, rng);
}

void Regression::draw_sigma(State& now, Rng& rng) {
  const Coefficients& b = terms_.coefficients();
  now.psi[0] = draw_scale(psi_.prior(0), moments_->rows + static_cast<double>(b.scaled()),
                          solver_->squares(now) + b.scaled_squares(now.b), now.psi[0], rng);
}

void Regression::draw_covariance(State& now, std::size_t f, Rng& rng) const {
  const auto r = terms_.by_column(f, now.r[f]);
  const Matrix squares =
      r.rows() == 1 ? Matrix::Constant(1, 1, now.r[f].squaredNorm()) : Matrix(r * r.transpose());
  terms_.covariance(f).draw(now.covariances[f], squares, static_cast<double>(terms_.levels(f)),
                            rng);
}

void Regression::interweave(State& now, std::size_t f, Rng& rng) {
  Covariance& covariance = now.covariances[f];
  Matrix ratios = terms_.by_column(f, now.r[f]);
  multiply(covariance.sd.cwiseInverse(), ratios);
  const Solver::Parabola squares = solver_->parabola(now, f, ratios);
  const double s = now.sigma();
  terms_.covariance(f).draw_sds(covariance, squares.quadratic, squares.linear, s * s, rng);
  multiply(covariance.sd, ratios);
  now.r[f] = ratios.reshaped();
}

void Regression::draw_prior(VectorRef theta, Rng& rng) {
  psi_.draw_prior(state_.psi, rng);
  predictors_.draw_prior(state_.predictors, rng);
  terms_.draw_prior(state_, state_.sigma(), rng);
  write(state_, theta);
}

}  // namespace tarn::regression
