// Models of nothing but a density, which the sampler collapsed takes as all kept.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fit.hpp"

namespace tarn::test {

/// A layout and a density of natural values; what is not kept is nothing.
struct Toy {
  std::string name;
  Layout layout;
  std::function<double(ConstVectorRef)> log_density;
  Vector start;
  Vector elsewhere = {};  // where a quarter of the starts are, if anywhere

  void draw_start(VectorRef theta, Rng& rng) const {
    theta = elsewhere.size() > 0 && rng.uniform() < 0.25 ? elsewhere : start;
  }
};

inline Toy toy(std::string name, Support support, Eigen::Index dimensions,
               std::function<double(ConstVectorRef)> log_density, double start) {
  Toy made{std::move(name), {}, std::move(log_density), Vector::Constant(dimensions, start)};
  std::vector<std::string> labels;
  for (Eigen::Index k = 1; k <= dimensions; ++k) labels.push_back(std::to_string(k));
  made.layout.add({"x", {{"k", labels}}, support});
  return made;
}

class AllKept final : public Offers<Collapsed> {
 public:
  explicit AllKept(const Toy& toy) : toy_(toy) {}
  const Layout& layout() const noexcept override { return toy_.layout; }
  void start(VectorRef theta, Rng& rng) override { toy_.draw_start(theta, rng); }
  const Layout& marginal_layout() const noexcept override { return toy_.layout; }
  void to_marginal(ConstVectorRef theta, VectorRef phi) const override { phi = theta; }
  double log_marginal(ConstVectorRef phi) override { return toy_.log_density(phi); }
  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng&) override { theta = phi; }

 private:
  const Toy& toy_;
};

/// With a gradient besides, by differences.
class AllMarginalSmooth final : public Offers<Collapsed, CollapsedGradient> {
 public:
  explicit AllMarginalSmooth(const Toy& toy) : toy_(toy) {}
  const Layout& layout() const noexcept override { return toy_.layout; }
  void start(VectorRef theta, Rng& rng) override { toy_.draw_start(theta, rng); }
  const Layout& marginal_layout() const noexcept override { return toy_.layout; }
  void to_marginal(ConstVectorRef theta, VectorRef phi) const override { phi = theta; }
  double log_marginal(ConstVectorRef phi) override { return toy_.log_density(phi); }
  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng&) override { theta = phi; }
  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override {
    Vector at = phi;
    for (Eigen::Index k = 0; k < at.size(); ++k) {
      constexpr double step = 1e-5;
      at[k] = phi[k] + step;
      gradient[k] = toy_.log_density(at);
      at[k] = phi[k] - step;
      gradient[k] = (gradient[k] - toy_.log_density(at)) / (2 * step);
      at[k] = phi[k];
    }
    return toy_.log_density(phi);
  }

 private:
  const Toy& toy_;
};

/// How the sampler says it draws.
template <class Model = AllKept>
std::string plan_of(const Toy& toy) {
  Model model(toy);
  const Settings none({}, {}, "collapsed");
  return registry().sampler("collapsed").type->make(model, none)->plan();
}

/// 4 chains of 2500 draws by the sampler collapsed, one column for each element of theta.
inline Matrix draw(const Toy& toy) {
  ModelType type;
  type.name = toy.name;
  type.make = [&toy](const ModelInput&) { return std::make_unique<AllKept>(toy); };
  const Design design;
  const Priors priors;
  const Settings none({}, {}, "collapsed");
  const RunPlan plan{.chains = 4, .warmup = 100, .draws = 2500, .seed = 1};
  Run run(type, {design, priors, none}, *registry().sampler("collapsed").type, none, plan);
  MemoryDraws draws(run.layout(), plan.chains, plan.draws);
  const RunOutcome outcome = run.go(draws, {}, {});
  if (!outcome.failures.empty()) throw std::runtime_error(outcome.failures.front());
  return draws.values();
}

}  // namespace tarn::test
