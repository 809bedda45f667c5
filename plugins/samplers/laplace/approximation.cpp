// Proposals of hyperparameters, points, and importance ratios.
#include "approximation.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include <tarn/distributions.hpp>
#include <tarn/error.hpp>
#include <tarn/pareto.hpp>

#include "laplace_marginal.hpp"
#include "preparation.hpp"

namespace tarn::laplace {
namespace {

constexpr double nu = 5;  // of the t where no mixture fits
constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

}  // namespace

Vector Proposal::draw(Rng& rng) const {
  if (fitted != nullptr) return fitted->draw(rng);
  Vector w(whitening.centre.size());
  fill_normal(w, rng);
  if (w.size() > 0) w /= std::sqrt(rng.chi_squared(nu) / nu);
  return w;
}

double Proposal::log_density(const Vector& w) const {
  if (fitted != nullptr) return fitted->log_density(w);
  const auto d = static_cast<double>(w.size());
  return -0.5 * (nu + d) * std::log1p(w.squaredNorm() / nu);
}

Source::Source(Model& model, const Proposal& proposal)
    : proposal_(proposal),
      target_(query<Pivot>(model)->hyperparameter_layout(), {}),
      place_(query<Pivot>(model)->make_place()),
      phi_(target_.natural_size()),
      xi_(static_cast<Eigen::Index>(query<Pivot>(model)->latents())) {}

bool Source::draw(Rng& rng) {
  const Vector w = proposal_.draw(rng);
  fill_normal(xi_, rng);
  log_proposal_ = proposal_.log_density(w);
  const collapsed::Whitening& to = proposal_.whitening;
  log_jacobian_ = target_.to_natural(to.centre + to.forward.lazyProduct(w), phi_);
  return std::isfinite(log_jacobian_) && place_->set(phi_);
}

double Source::log_density() { return place_->log_density(xi_); }

double Source::log_ratio(double log_density) const {
  return log_density + xi_.squaredNorm() / 2 + log_jacobian_ - log_proposal_;
}

double Source::log_laplace_ratio() {
  return place_->log_density(Vector::Zero(xi_.size())) + log_jacobian_ - log_proposal_;
}

Weights weights_of(const Eigen::ArrayXd& log_ratios) {
  constexpr double rounding = 1e-9;
  const double most = log_ratios.maxCoeff();
  if (!std::isfinite(most)) {
    throw PluginError("laplace: there is no normal approximation; try --sampler nuts");
  }
  // Where the approximation is exact nothing is left to smooth.
  if (most - log_ratios.minCoeff() < rounding) {
    const auto size = static_cast<double>(log_ratios.size());
    return {Eigen::ArrayXd::Constant(log_ratios.size(), 1 / size), 0};
  }
  const SmoothedRatios smoothed = smooth_ratios(log_ratios);
  return {smoothed.weights(), smoothed.k};
}

Found find_out(Model& model) {
  constexpr Eigen::Index few = 500;  // tell k-hat to 0.2
  constexpr Eigen::Index many = 3000;
  constexpr double unclear = 0.25;
  const Target target = pivot::laplace_target(model);
  pivot::Anchored anchored = pivot::anchor_at_mode(model, target, 1, 0);
  Found found{std::move(anchored.phi), {}, "", 0, 1};
  if (target.size() > 0) {
    const auto prepared = collapsed::prepare(target, anchored.starts, collapsed::Cost::draws_alone);
    found.proposal = {prepared.whitening, prepared.proposal};
    found.method = prepared.proposal != nullptr ? prepared.method : "t about the mode";
  }
  Source source(model, found.proposal);
  Eigen::ArrayXd exact;
  Eigen::ArrayXd laplace;
  Weights weights = {};
  for (const Eigen::Index points : {few, many}) {
    const Eigen::Index before = exact.size();
    exact.conservativeResize(points);
    laplace.conservativeResize(points);
    for (Eigen::Index i = before; i < points; ++i) {
      Rng rng(Stream{.purpose = Purpose::pilot, .draw = 5, .piece = as_size(i)});
      exact[i] = laplace[i] = minus_infinity;
      if (!source.draw(rng)) continue;
      const double ratio = source.log_ratio(source.log_density());
      if (std::isfinite(ratio)) exact[i] = ratio;
      const double of_laplace = source.log_laplace_ratio();
      if (std::isfinite(of_laplace)) laplace[i] = of_laplace;
    }
    weights = weights_of(exact);
    if (std::abs(weights.pareto_k - reliable) > unclear) break;
  }
  found.pareto_k = weights.pareto_k;
  const Weights used = found.reweighted() ? weights : weights_of(laplace);
  found.efficiency = used.worth() / static_cast<double>(exact.size());
  return found;
}

}  // namespace tarn::laplace
