// Nearly independent draws for models that integrate most of theta out: the few marginal parameters
// are proposed from a density fitted to their own, accepted by Metropolis-Hastings steps that make
// the draw exact, and the rest is drawn given them (SAMPLER.md).
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include <tarn/plugin.hpp>

#include "independence.hpp"
#include "nodes.hpp"
#include "nuts_walk.hpp"
#include "slices.hpp"
#include "starting_points.hpp"

namespace tarn::collapsed {
namespace {

/// What the chains of a run share.
struct Found {
  std::shared_ptr<const Preparation>
      preparation;  // none: nothing is kept, or NUTS learns by itself
  Nodes nodes;
};

/// Where a proposal expects the density to be.
std::vector<Vector> places(const Preparation& preparation, const Target& target) {
  constexpr int many = 30;
  constexpr double negligible = 7;  // below the greatest ratio: a thousandth
  std::vector<Vector> points;
  std::vector<double> log_ratios;
  Rng rng(Stream{.purpose = Purpose::pilot, .draw = 1});
  for (int k = 0; k < many; ++k) {
    const Point w = preparation.proposal->draw(rng);
    points.push_back(preparation.whitening.centre + preparation.whitening.forward.lazyProduct(w));
    log_ratios.push_back(target.log_density(points.back()) - preparation.proposal->log_density(w));
  }
  const double most = std::ranges::max(log_ratios);
  std::vector<Vector> found;
  for (std::size_t k = 0; k < points.size(); ++k) {
    if (log_ratios[k] > most - negligible) found.push_back(std::move(points[k]));
  }
  return found;
}

Found find_out(Model& model) {
  const Target target = kept_target(model);
  if (target.size() == 0) return {};
  const auto* numerical = query<NumericalMarginal>(model);
  const bool walks = target.size() > most_dimensions && target.has_gradient();
  if (walks && numerical == nullptr) return {};
  const auto to_marginal = [&model](ConstVectorRef theta, VectorRef phi) {
    query<Collapsed>(model)->to_marginal(theta, phi);
  };
  const std::vector<Vector> starts = starting_points(model, target, to_marginal, 4, 16);
  if (walks) return {nullptr, choose_nodes(model, target, {starts.front()})};
  auto preparation = std::make_shared<const Preparation>(
      prepare(target, starts, numerical != nullptr ? Cost::much : Cost::little));
  const bool proposes = preparation->proposal != nullptr;
  const Nodes nodes = choose_nodes(
      model, target,
      proposes ? places(*preparation, target) : std::vector<Vector>{preparation->whitening.centre});
  return {std::move(preparation), nodes};
}

/// None where nothing is kept.
std::unique_ptr<Kernel> make_kernel(MarginalDensity& density,
                                    const std::shared_ptr<const Preparation>& preparation) {
  if (density.size() == 0) return nullptr;
  if (preparation == nullptr) return std::make_unique<NutsWalk>(density, "");
  if (preparation->proposal != nullptr) return std::make_unique<Independence>(density, preparation);
  if (density.target().has_gradient()) {
    return std::make_unique<NutsWalk>(density, preparation->method);
  }
  return std::make_unique<Slices>(density, preparation->whitening, preparation->method);
}

class CollapsedSampler final : public Sampler {
 public:
  static constexpr int preference = 20;

  static std::vector<std::string_view> needs() { return {Collapsed::id}; }

  CollapsedSampler(Model& model, const Settings&) : CollapsedSampler(model, find_out(model)) {}

  CollapsedSampler(Model& model, const Settings&, const CollapsedSampler& first)
      : CollapsedSampler(model, first.found_) {}

  std::string plan() const override {
    if (kernel_ == nullptr) return "all integrated out: independent draws";
    const Eigen::Index d = density_.size();
    const std::string nodes = found_.nodes.plan();
    return std::to_string(d) + " marginal dimension" + (d == 1 ? "" : "s") + ": " +
           kernel_->plan() + (nodes.empty() ? "" : "; " + nodes);
  }

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    collapsed_.to_marginal(theta, marginal_);
    density_.locate(marginal_, now_);
    if (kernel_ != nullptr) kernel_->move(now_, stats.subspan(1), rng);
    stats[0] = now_.log_marginal;
    collapsed_.sample_conditional(now_.natural, theta, rng);
  }

  /// Only the marginal parameters move, and no longer than helps: what is drawn given them needs no
  /// warm-up.
  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    if (at.done == 0) collapsed_.to_marginal(theta, warming_);
    if (kernel_ != nullptr && at.total - at.done > kernel_->warm_up()) return;
    density_.locate(warming_, now_);
    if (kernel_ != nullptr) kernel_->adapt(now_, stats.subspan(1), rng, at);
    stats[0] = now_.log_marginal;
    warming_ = now_.natural;
    if (at.done + 1 == at.total) collapsed_.sample_conditional(warming_, theta, rng);
  }

  /// The marginal parameters during warm-up, and what the kernel has learnt.
  std::vector<double> tuning() const override {
    TuningWriter writer;
    writer << warming_;
    if (kernel_ != nullptr) kernel_->save(writer);
    return std::move(writer).numbers();
  }

  void restore(std::span<const double> tuning) override {
    TuningReader reader(tuning);
    reader >> warming_;
    if (kernel_ != nullptr) kernel_->load(reader);
  }

 private:
  CollapsedSampler(Model& model, Found found)
      : collapsed_(*query<Collapsed>(model)),
        density_(model),
        found_(std::move(found)),
        kernel_(make_kernel(density_, found_.preparation)),
        marginal_(static_cast<Eigen::Index>(collapsed_.marginal_layout().size())),
        warming_(Vector::Zero(marginal_.size())),
        now_(density_.unset_place()) {
    if (found_.nodes.count > 0) query<NumericalMarginal>(model)->set_nodes(found_.nodes.count);
    if (kernel_ == nullptr) return;
    for (Statistic& statistic : kernel_->statistics()) statistics_.push_back(std::move(statistic));
  }

  Collapsed& collapsed_;
  MarginalDensity density_;
  Found found_;
  std::unique_ptr<Kernel> kernel_;  // none where nothing is kept
  Vector marginal_;                 // scratch
  Vector warming_;                  // what is kept during warm-up
  Place now_;
  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real,
       "log density of the marginal parameters, the rest integrated out"}};
};

}  // namespace

}  // namespace tarn::collapsed

TARN_PLUGIN("collapsed", "0.5.0") {
  plugin.sampler<tarn::collapsed::CollapsedSampler>(
      "collapsed", "nearly independent draws: a fitted proposal for what the model keeps");
}
