// Independence proposals and slices of hyperparameters, the latent variables carried along.
#include "hyperparameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <tarn/distributions.hpp>

#include "laplace_marginal.hpp"

namespace tarn::pivot {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

Pivot& pivot_of(Model& model) { return *query<Pivot>(model); }

/// Standardised latent variables at one phi, and their exact log density there.
struct Carried {
  Matrix xi;  // one per column
  Vector log_density;

  /// log p(y, phi, xi) at another place less that here, of each.
  Eigen::ArrayXd log_ratios(PivotPlace& place) const {
    Eigen::ArrayXd ratios(xi.cols());
    for (Eigen::Index k = 0; k < xi.cols(); ++k) {
      ratios[k] = place.log_density(xi.col(k)) - log_density[k];
    }
    return ratios;
  }
};

/// The exact density from draws of xi at the anchor: p(phi | y) / p(anchor | y) is the mean of
/// p(y, phi, xi) / p(y, anchor, xi) over xi | anchor, y. Near the anchor a few draws are enough,
/// for at fixed xi most of what the approximation leaves over is the same on both sides.
Target carried_target(Model& model, const Carried& carried) {
  Pivot& pivot = pivot_of(model);
  const auto place = std::shared_ptr<PivotPlace>(pivot.make_place());
  return {pivot.hyperparameter_layout(), [place, carried](ConstVectorRef natural) {
            if (!place->set(natural)) return minus_infinity;
            const Eigen::ArrayXd log_ratio = carried.log_ratios(*place);
            const double most = log_ratio.maxCoeff();
            if (!std::isfinite(most)) return minus_infinity;
            return most + std::log((log_ratio - most).exp().mean());
          }};
}

/// How much the ratios of the carried xi differ among each other where hyperparameters are
/// proposed: what proposals cannot know.
double disagreement(Model& model, const Carried& carried, const Target& target,
                    const collapsed::Preparation& preparation) {
  constexpr int many = 30;
  const auto place = pivot_of(model).make_place();
  Rng rng(Stream{.purpose = Purpose::pilot, .draw = 4});
  Vector phi(target.natural_size());
  double sum = 0;
  int seen = 0;
  for (int i = 0; i < many; ++i) {
    const collapsed::Point w = preparation.proposal->draw(rng);
    target.to_natural(preparation.whitening.centre + preparation.whitening.forward.lazyProduct(w),
                      phi);
    if (!place->set(phi)) continue;
    const Eigen::ArrayXd log_ratio = carried.log_ratios(*place);
    const double variance = (log_ratio - log_ratio.mean()).square().mean();
    if (!std::isfinite(variance)) continue;
    sum += std::min(variance, 25.0);  // far out one place is as bad as another
    ++seen;
  }
  return seen > 0 ? std::sqrt(sum / seen) : std::numeric_limits<double>::infinity();
}

/// Draws of xi at the anchor, from a short chain of paths.
Carried draw_at(PivotPlace& place, Eigen::Index latents, Eigen::Index draws) {
  constexpr int lead = 30;
  constexpr int apart = 2;
  Rng rng(Stream{.purpose = Purpose::pilot, .draw = 3});
  Carried carried{Matrix(latents, draws), Vector(draws)};
  Latents now{Vector::Zero(latents)};
  now.log_density = place.log_density(now.xi);
  int kicks = 2;
  for (int i = 0; i < lead; ++i) {
    if (rotate(place, kicks, now, rng) < 0.5 && kicks < 32) ++kicks;
  }
  for (Eigen::Index k = 0; k < draws; ++k) {
    for (int i = 0; i < apart; ++i) rotate(place, kicks, now, rng);
    carried.xi.col(k) = now.xi;
    carried.log_density[k] = now.log_density;
  }
  return carried;
}

double residual_sd(Model& model, const Vector& anchor) {
  constexpr int many = 32;
  Pivot& pivot = pivot_of(model);
  const auto place = pivot.make_place();
  if (!place->set(anchor)) return std::numeric_limits<double>::infinity();
  Rng rng(Stream{.purpose = Purpose::pilot, .draw = 2});
  Eigen::ArrayXd residual(many);
  Vector xi(static_cast<Eigen::Index>(pivot.latents()));
  for (double& value : residual) {
    fill_normal(xi, rng);
    value = place->log_density(xi) + xi.squaredNorm() / 2;
  }
  return std::sqrt((residual - residual.mean()).square().sum() / (many - 1));
}

}  // namespace

Found find_out(Model& model) {
  Pivot& pivot = pivot_of(model);
  Found found;
  const Target target = laplace_target(model);
  Anchored anchored = anchor_at_mode(model, target, 2, 4);
  found.anchor = std::move(anchored.phi);
  found.residual = residual_sd(model, found.anchor);
  if (target.size() > 0) {
    // Without a place at the anchor there is none anywhere near, and slices will say so.
    const auto place = pivot.make_place();
    const bool placed = place->set(found.anchor);
    const Eigen::Index draws = found.residual < 1 ? 6 : 12;
    const auto latents = static_cast<Eigen::Index>(pivot.latents());
    const Carried carried = placed ? draw_at(*place, latents, draws) : Carried{};
    const Target fitted = placed ? carried_target(model, carried) : laplace_target(model);
    found.preparation = std::make_shared<const collapsed::Preparation>(
        collapsed::prepare(fitted, anchored.starts, collapsed::Cost::most));
    if (placed && found.preparation->proposal != nullptr) {
      found.disagreement = disagreement(model, carried, fitted, *found.preparation);
    }
  }
  return found;
}

Hyperparameters::Hyperparameters(Model& model, const Found& found)
    : preparation_(found.preparation),
      target_(pivot_of(model).hyperparameter_layout(), {}),
      other_{pivot_of(model).make_place(), Vector(target_.natural_size()), Vector(target_.size())} {
  if (preparation_ == nullptr) return;
  root_ = preparation_->covariance_root;
  if (root_.size() == 0 && found.needs_slices()) root_ = preparation_->whitening.forward;
}

bool Hyperparameters::locate(ConstVectorRef natural, Here& here) const {
  // From the natural values alone, whichever way the chain came by them.
  here.free = target_.free(natural);
  here.log_jacobian = target_.log_jacobian(here.free);
  if (here.found && here.natural == natural) return true;
  here.natural = natural;
  return here.found = here.place->set(natural);
}

bool Hyperparameters::set(const Vector& free, Here& here) const {
  here.free = free;
  here.log_jacobian = target_.to_natural(free, here.natural);
  return here.found = here.place->set(here.natural);
}

double Hyperparameters::log_proposal(const Vector& free) const {
  const collapsed::Whitening& to = preparation_->whitening;
  const collapsed::Point from_centre = free - to.centre;
  return preparation_->proposal->log_density(to.backward.lazyProduct(from_centre));
}

double Hyperparameters::move(Here& now, Latents& latents, Rng& rng) {
  if (size() == 0) return 1;
  const collapsed::Whitening& whitening = preparation_->whitening;
  double acceptance = 0;
  if (preparation_->proposal != nullptr) {
    double here = latents.log_density + now.log_jacobian - log_proposal(now.free);
    for (int i = 0; i < preparation_->proposals; ++i) {
      const collapsed::Point w = preparation_->proposal->draw(rng);
      const double u = rng.uniform();
      if (!set(whitening.centre + whitening.forward.lazyProduct(w), other_)) continue;
      const double density = other_.place->log_density(latents.xi);
      const double there = density + other_.log_jacobian - preparation_->proposal->log_density(w);
      const double probability = std::isnan(there) ? 0 : std::exp(std::min(0.0, there - here));
      acceptance += probability;
      if (u >= probability) continue;
      std::swap(now, other_);
      latents.log_density = density;
      here = there;
    }
    acceptance /= preparation_->proposals;
  } else {
    for (Eigen::Index k = 0; k < size(); ++k) {
      slice_along(whitening.forward.col(k), now, latents, rng);
    }
  }
  for (const Vector& direction : preparation_->slices) slice_along(direction, now, latents, rng);
  if (root_.size() > 0) {
    Vector direction(size());
    fill_normal(direction, rng);
    slice_along(root_ * direction.normalized(), now, latents, rng);
  }
  return acceptance;
}

void Hyperparameters::slice_along(const Vector& direction, Here& now, Latents& latents, Rng& rng) {
  const Vector from = now.free;
  const double here = latents.log_density + now.log_jacobian;
  double density = 0;  // at the other place
  const auto along = [&](double t) {
    if (t == 0) return here;
    if (!set(from + t * direction, other_)) return minus_infinity;
    density = other_.place->log_density(latents.xi);
    return density + other_.log_jacobian;
  };
  const double t = slice(0.0, 2.5, along, rng);
  if (t == 0) return;
  // A slice ends with the first point that lies in it: the other place is there already.
  std::swap(now, other_);
  latents.log_density = density;
}

}  // namespace tarn::pivot
