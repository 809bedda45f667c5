// Between a draw and the free coordinates that a kernel moves.
#include "tarn/walk.hpp"

#include <cmath>
#include <utility>

#include "sample/units.hpp"
#include "tarn/error.hpp"

namespace tarn {
namespace {

/// Null: walk over all of theta.
Collapsed* chosen(Model& model, const std::string& target) {
  auto* collapsed = query<Collapsed>(model);
  if (target == "collapsed" && collapsed == nullptr) {
    throw UsageError(
        "target=collapsed needs " + std::string(Collapsed::id) +
        ", which the model does not offer with these priors; leave it out, or set target=full");
  }
  return target == "full" ? nullptr : collapsed;
}

/// A kernel that needs a gradient takes differences where the model does not offer one.
Target kept_target_for(Model& model, bool with_gradient) {
  Target target = kept_target(model);
  if (with_gradient && !target.has_gradient()) target.take_differences();
  return target;
}

}  // namespace

Setting Walk::target_setting() {
  return {
      "target",
      "full: move all parameters; collapsed: only those that the model keeps, and draw the rest "
      "given them; auto: collapsed where the model can",
      std::string("auto"),
      {"auto", "full", "collapsed"}};
}

Walk::Walk(Model& model, const Settings& settings, Uses uses, std::string kernel)
    : kernel_(std::move(kernel)),
      collapsed_(chosen(model, settings.text("target"))),
      target_(collapsed_ != nullptr ? kept_target_for(model, uses == Uses::gradient)
                                    : full_target(model)),
      units_(target_, settings.text("effects")),
      warming_(Vector::Zero(collapsed_ != nullptr ? target_.size() : 0)) {
  settle_units(model, settings.text("effects") == "centered");
}

void Walk::settle_units(Model& model, bool centered) {
  constexpr std::size_t starts = 8;
  Vector theta(as_index(model.layout().size()));
  Matrix at(target_.natural_size(), as_index(starts));
  for (std::size_t k = 0; k < starts; ++k) {
    Rng rng({0, 0, Purpose::start, k});
    theta.setZero();
    model.start(theta, rng);
    auto place = at.col(as_index(k));
    if (collapsed_ != nullptr) {
      collapsed_->to_marginal(theta, place);
    } else {
      place = theta;
    }
  }
  for (auto place : at.colwise()) target_.to_working(place);
  target_.set_units(sizes_of(at));
  for (std::size_t k = 0; k < target_.effects().size() && centered; ++k) {
    const double typical = std::exp(at.row(target_.effects()[k].sd).array().log().mean());
    if (typical > 0 && std::isfinite(typical)) target_.set_unit(k, typical);
  }
}

std::string Walk::plan() const {
  const Eigen::Index d = target_.size();
  const std::string parameters = std::to_string(d) + (collapsed_ != nullptr ? " marginal" : "") +
                                 " parameter" + (d == 1 ? "" : "s");
  if (collapsed_ == nullptr) return kernel_ + " on " + parameters;
  if (d == 0) return "all integrated out: independent draws";
  return kernel_ + " on " + parameters + ", the rest given " + (d == 1 ? "it" : "them");
}

double Walk::natural_log_density(ConstVectorRef z) const {
  return target_.log_density(z) - target_.log_jacobian(z);
}

Vector Walk::locate(ConstVectorRef theta) const {
  if (collapsed_ == nullptr) return target_.free(theta);
  Vector phi(target_.natural_size());
  collapsed_->to_marginal(theta, phi);
  return target_.free(phi);
}

void Walk::step(VectorRef theta, std::span<double> stats, Rng& rng) {
  Vector z = locate(theta);
  const Vector before = z;
  EffectUnits::interweave(target_, z, rng);
  move(z, stats, rng);
  if (collapsed_ != nullptr) {
    collapsed_->sample_conditional(target_.natural(z), theta, rng);
  } else if (z != before) {  // a rejected move leaves theta alone, rounding included
    theta = target_.natural(z);
  }
}

void Walk::warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) {
  if (target_.size() == 0) return step(theta, stats, rng);
  if (collapsed_ == nullptr) {
    Vector z = locate(theta);
    EffectUnits::interweave(target_, z, rng);
    adapt(z, stats, rng, at);
    theta = target_.natural(z);
    units_.learn(target_, z, at);
    return;
  }
  if (at.done == 0) warming_ = locate(theta);
  adapt(warming_, stats, rng, at);
  if (at.done + 1 == at.total)
    collapsed_->sample_conditional(target_.natural(warming_), theta, rng);
}

void Walk::adapt(VectorRef z, std::span<double> stats, Rng& rng, WarmUp) { move(z, stats, rng); }

std::vector<double> Walk::tuning() const {
  TuningWriter writer;
  writer << warming_;
  units_.save(target_, writer);
  save(writer);
  return std::move(writer).numbers();
}

void Walk::restore(std::span<const double> tuning) {
  TuningReader reader(tuning);
  reader >> warming_;
  units_.load(target_, reader);
  load(reader);
}

}  // namespace tarn
