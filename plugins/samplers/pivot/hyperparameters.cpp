// Independence proposals and slices of hyperparameters, the latent variables carried along.
#include "hyperparameters.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <tarn/distributions.hpp>

#include "mode.hpp"

namespace tarn::pivot {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

Pivot& pivot_of(Model& model) { return *query<Pivot>(model); }

/// Laplace's approximation of the density of the hyperparameters. Where it leaves much over, plus
/// the mean of what it leaves over, at the same few xi everywhere: by first order what integrating
/// over xi adds.
Target hyperparameter_target(Model& model, double residual) {
  constexpr double small = 0.5;
  constexpr int pairs = 4;
  Pivot& pivot = pivot_of(model);
  const auto place = std::shared_ptr<PivotPlace>(pivot.make_place());
  const auto latents = static_cast<Eigen::Index>(pivot.latents());
  Matrix xi = Matrix::Zero(latents, 1);
  if (residual > small) {
    Rng rng(Stream{.purpose = Purpose::pilot, .draw = 3});
    xi.resize(latents, 2 * pairs);
    for (Eigen::Index k = 0; k < pairs; ++k) {
      fill_normal(xi.col(2 * k), rng);
      xi.col(2 * k + 1) = -xi.col(2 * k);
    }
  }
  return {pivot.hyperparameter_layout(), [place, xi](ConstVectorRef natural) {
            if (!place->set(natural)) return minus_infinity;
            double sum = 0;
            for (Eigen::Index k = 0; k < xi.cols(); ++k) {
              sum += place->log_density(xi.col(k)) + xi.col(k).squaredNorm() / 2;
            }
            return sum / static_cast<double>(xi.cols());
          }};
}

/// Starts, which know the scales of the data, and draws from the prior, which know its own.
std::vector<Vector> starting_points(Model& model, const Target& target) {
  std::vector<Vector> points;
  Vector theta(static_cast<Eigen::Index>(model.layout().size()));
  Vector phi(target.natural_size());
  const auto add = [&] {
    pivot_of(model).to_hyperparameters(theta, phi);
    Vector free = target.free(phi);
    if (std::isfinite(target.log_density(free))) points.push_back(std::move(free));
  };
  for (std::uint32_t attempt = 0; attempt < 100 && points.size() < 2; ++attempt) {
    Rng rng({0, attempt, Purpose::start});
    model.start(theta, rng);
    add();
  }
  if (points.empty()) {
    throw PluginError("no starting point of finite density was found; check the priors");
  }
  if (auto* prior = query<PriorDraws>(model)) {
    try {
      for (std::uint64_t k = 0; k < 4; ++k) {
        Rng rng({0, 0, Purpose::prior, k});
        prior->draw_prior(theta, rng);
        add();
      }
    } catch (const InputError&) {  // flat: it has no scale
    }
  }
  return points;
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
  const Target target = hyperparameter_target(model, 0);
  found.anchor.resize(target.natural_size());
  std::vector<Vector> starts;
  if (target.size() > 0) {
    starts = starting_points(model, target);
    if (auto mode = collapsed::find_mode(target, starts.front())) starts.front() = mode->at;
    target.to_natural(starts.front(), found.anchor);
  }
  pivot.anchor(found.anchor);
  found.residual = residual_sd(model, found.anchor);
  if (target.size() > 0) {
    found.preparation = std::make_shared<const collapsed::Preparation>(collapsed::prepare(
        hyperparameter_target(model, found.residual), starts, collapsed::Cost::most));
  }
  return found;
}

Hyperparameters::Hyperparameters(Model& model,
                                 std::shared_ptr<const collapsed::Preparation> preparation)
    : preparation_(std::move(preparation)),
      target_(pivot_of(model).hyperparameter_layout(), {}),
      other_{.place = pivot_of(model).make_place(),
             .natural = Vector(target_.natural_size()),
             .free = Vector(target_.size())} {}

bool Hyperparameters::locate(ConstVectorRef natural, Here& here) const {
  if (here.found && here.natural == natural) return true;
  here.natural = natural;
  here.free = target_.free(natural);
  here.log_jacobian = target_.log_jacobian(here.free);
  return here.found = here.place->set(natural);
}

bool Hyperparameters::set(const Vector& free, Here& here) const {
  here.free = free;
  here.log_jacobian = target_.to_natural(free, here.natural);
  return here.found = here.place->set(here.natural);
}

double Hyperparameters::log_density(const Here& here, const Latents& latents) const {
  return here.place->log_density(latents.xi) + here.log_jacobian;
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
  if (preparation_->covariance_root.size() > 0) {
    Vector normal(size());
    fill_normal(normal, rng);
    slice_along(preparation_->covariance_root * normal / std::sqrt(static_cast<double>(size())),
                now, latents, rng);
  }
  return acceptance;
}

void Hyperparameters::slice_along(const Vector& direction, Here& now, Latents& latents, Rng& rng) {
  const Vector from = now.free;
  const double here = latents.log_density + now.log_jacobian;
  const auto along = [&](double t) {
    if (t == 0) return here;
    return set(from + t * direction, other_) ? log_density(other_, latents) : minus_infinity;
  };
  const double t = slice(0.0, 2.5, along, rng);
  if (t == 0) return;
  set(from + t * direction, other_);
  std::swap(now, other_);
  latents.log_density = now.place->log_density(latents.xi);
}

}  // namespace tarn::pivot
