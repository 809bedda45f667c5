// What is integrated out, or seen from a normal approximation: in closed form or by a family's
// rows.
#include <cstddef>
#include <memory>
#include <utility>

#include "regression/family_marginal.hpp"
#include "regression/laplace_place.hpp"
#include "regression/regression.hpp"
#include "tarn/index.hpp"
#include "tarn/moments.hpp"

namespace tarn::regression {

void Regression::lay_out_marginal() {
  if (psi_.size() > 0) marginal_.add({"sigma", {}, Support::positive});
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    marginal_places_.push_back(terms_.covariance(f).add_working_to(marginal_));
  }
}

void Regression::set_scales(ConstVectorRef phi) {
  if (psi_.size() > 0) state_.psi[0] = phi[0];
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    terms_.covariance(f).read(marginal_, marginal_places_[f], phi, state_.covariances[f]);
  }
}

const Layout& Regression::marginal_layout() const noexcept {
  return family_marginal_ ? family_marginal_->layout() : marginal_;
}

void Regression::to_marginal(ConstVectorRef theta, VectorRef phi) const {
  if (family_marginal_) {
    State now = state_;
    read(theta, now);
    return family_marginal_->write(now, phi);
  }
  if (psi_.size() > 0) phi[0] = layout_.of(theta, psi_.block())[0];
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    terms_.covariance(f).write(terms_.read_covariance(f, layout_, theta), marginal_,
                               marginal_places_[f], phi);
  }
}

double Regression::log_marginal(ConstVectorRef phi) {
  if (family_marginal_) {
    family_marginal_->read(phi, state_);
    return family_marginal_->log_density(state_);
  }
  set_scales(phi);
  const Solver::Marginal& marginal = solver_->marginal(lambda(state_));
  double sum = log_scale(state_.sigma()) - 0.5 * marginal.log_determinant +
               terms_.coefficients().log_marginal(marginal.factor, state_.sigma(), none_) +
               psi_.log_prior(state_.psi);
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    sum += terms_.covariance(f).log_density(state_.covariances[f]);
  }
  return sum;
}

double Regression::log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) {
  if (family_marginal_) {
    family_marginal_->read(phi, state_);
    return family_marginal_->log_density_gradient(state_, gradient);
  }
  set_scales(phi);
  const double s = state_.sigma();
  const Solver::Marginal& marginal = solver_->marginal(lambda(state_));
  const Coefficients::Integrated b = terms_.coefficients().integrate(marginal.factor, s);
  double sum =
      log_scale(s) - 0.5 * marginal.log_determinant + b.log_marginal + psi_.log_prior(state_.psi);

  // E[(b', -1)'(b', -1)] = B B'; and the derivatives with respect to Sigma_f / sigma^2.
  const Eigen::Index p = terms_.p();
  Matrix B = Matrix::Zero(p + 1, p + 1);
  B.topLeftCorner(p, p) = b.root;
  B.col(p) << b.mean, -1;
  const std::vector<Matrix> by_ratio = solver_->derivative(lambda_, B / s);

  double of_ratios = 0;
  for (std::size_t f = 0; f < terms_.factors(); ++f) {
    const GroupCovariance& prior = terms_.covariance(f);
    const Covariance& now = state_.covariances[f];
    Covariance slope{Vector::Zero(prior.size()), Matrix::Zero(prior.size(), prior.size())};
    prior.add_gradient(now, slope.sd, slope.correlation);
    prior.add_chain(now, by_ratio[f] / (s * s), slope.sd, slope.correlation);
    prior.write(slope, marginal_, marginal_places_[f], gradient);
    of_ratios += by_ratio[f].cwiseProduct(lambda_[f] * lambda_[f].transpose()).sum();
    sum += prior.log_density(now);
  }
  if (psi_.size() > 0) {
    gradient[0] = b.dsigma - moments_->rows / s - 2 * of_ratios / s + psi_.prior(0).score(s);
  }
  return sum;
}

void Regression::sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) {
  if (family_marginal_) {
    family_marginal_->read(phi, state_);
    family_marginal_->draw_effects(state_, rng);
    return write(state_, theta);
  }
  set_scales(phi);
  state_.b.setZero();
  draw_means(state_, rng);
  write(state_, theta);
}

std::size_t Regression::nodes() const noexcept { return family_marginal_->nodes(); }

void Regression::set_nodes(std::size_t nodes) { family_marginal_->set_nodes(nodes); }

double Regression::quadrature_error(ConstVectorRef phi) {
  family_marginal_->read(phi, state_);
  return family_marginal_->error(state_);
}

// --- b and r about a normal approximation --------------------------------------------------------

const Layout& Regression::hyperparameter_layout() const noexcept {
  return hyperparameters_->layout();
}

void Regression::to_hyperparameters(ConstVectorRef theta, VectorRef phi) const {
  State now = state_;
  read(theta, now);
  hyperparameters_->write(now, phi);
}

std::size_t Regression::latents() const noexcept {
  return static_cast<std::size_t>(design_.derived<LatentStructure>().size());
}

void Regression::anchor(ConstVectorRef phi) { anchor_->move_to(phi, parts()); }

std::unique_ptr<PivotPlace> Regression::make_place() {
  return std::make_unique<LaplacePlace>(parts(), *anchor_);
}

PivotParts Regression::parts() const {
  return {design_, design_.derived<LatentStructure>(), *hyperparameters_, terms_, psi_, predictors_,
          layout_};
}

}  // namespace tarn::regression
