// Nearly independent draws for models that integrate most of theta out: the few kept parameters are
// proposed from their own density on a grid, accepted by a Metropolis-Hastings step that makes the
// draw exact, and the rest is drawn given them (SAMPLER.md).
#include <algorithm>
#include <cmath>
#include <optional>

#include <tarn/plugin.hpp>

#include "gridded_density.hpp"
#include "mode.hpp"
#include "wide_tail.hpp"

namespace {

using namespace tarn;

constexpr double tail_weight = 0.02;

/// Proposals for the kept parameters, in free coordinates: mostly the grid, sometimes the wide
/// tail, so that no place of positive density is out of reach.
class Proposal {
 public:
  Proposal(const Target& target, const Vector& start)
      : mode_(find_mode(target, start)),
        tail_{target.size()},
        grid_(static_cast<int>(target.size()),
              [&](const Vector& w) { return target.log_density(mode_.at + mode_.whitening * w); }) {
  }

  Vector draw(Rng& rng) const {
    const Vector w = rng.uniform() < tail_weight ? tail_.draw(rng) : grid_.draw(rng);
    return mode_.at + mode_.whitening * w;
  }

  double log_density(const Vector& z) const {
    const Vector w = mode_.unwhitening * (z - mode_.at);
    return std::log((1 - tail_weight) * grid_.density(w) + tail_weight * tail_.density(w));
  }

 private:
  Mode mode_;
  WideTail tail_;
  GriddedDensity grid_;
};

class CollapsedSampler final : public Sampler {
 public:
  static constexpr int preference = 20;

  static std::vector<std::string_view> needs() { return {Collapsed::id}; }

  CollapsedSampler(Model& model, const Settings&)
      : collapsed_(*query<Collapsed>(model)),
        target_(collapsed_.kept(),
                [this](ConstVectorRef kept) { return collapsed_.log_marginal(kept); }) {
    if (target_.size() > 2) {
      throw PluginError("sampler 'collapsed' draws up to 2 kept parameters, and the model keeps " +
                        std::to_string(target_.size()) + "; try --sampler gibbs");
    }
    if (target_.size() == 0) return;
    Vector theta(static_cast<Eigen::Index>(model.layout().size()));
    Rng rng({0, 0, Purpose::start});  // the proposal is the same for all seeds and chains
    model.start(theta, rng);
    proposal_.emplace(target_, target_.free(kept(theta)));
  }

  std::string plan() const override {
    const Eigen::Index d = target_.size();
    if (d == 0) return "all integrated out: independent draws";
    return std::to_string(d) + " kept parameter" + (d == 1 ? "" : "s") +
           ": gridded density, the rest given " + (d == 1 ? "it" : "them");
  }

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    Vector now = kept(theta);
    move(now, stats, rng);
    collapsed_.complete(now, theta, rng);
  }

  /// Only the kept parameters move: what is drawn given them needs no warm-up.
  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    if (at.done == 0) warming_ = kept(theta);
    move(warming_, stats, rng);
    if (at.done + 1 == at.total) collapsed_.complete(warming_, theta, rng);
  }

  std::vector<double> tuning() const override { return {warming_.begin(), warming_.end()}; }

  void restore(std::span<const double> tuning) override {
    warming_ = Eigen::Map<const Vector>(tuning.data(), static_cast<Eigen::Index>(tuning.size()));
  }

 private:
  /// One Metropolis-Hastings step with the proposal, which does not depend on where the chain is.
  void move(Vector& now, std::span<double> stats, Rng& rng) {
    double log_density = collapsed_.log_marginal(now);
    double acceptance = 1;
    bool accepted = true;
    if (proposal_) {
      const Vector proposed = target_.natural(proposal_->draw(rng));
      const Vector from = target_.free(now);
      const Vector to = target_.free(proposed);
      const double proposed_density = collapsed_.log_marginal(proposed);
      const double log_ratio = proposed_density + target_.log_jacobian(to) -
                               proposal_->log_density(to) - log_density -
                               target_.log_jacobian(from) + proposal_->log_density(from);
      acceptance = std::isnan(log_ratio) ? 0 : std::exp(std::min(log_ratio, 0.0));
      accepted = rng.uniform() < acceptance;
      if (accepted) {
        now = proposed;
        log_density = proposed_density;
      }
    }
    stats[0] = log_density;
    stats[1] = acceptance;
    stats[2] = accepted ? 1 : 0;
  }

  Vector kept(ConstVectorRef theta) const {
    Vector values(target_.size());
    collapsed_.keep(theta, values);
    return values;
  }

  std::vector<Statistic> statistics_ = {
      {"lp", Statistic::Type::real, "log density of the kept parameters, the rest integrated out"},
      {"acceptance_rate", Statistic::Type::real, "acceptance probability of the proposal"},
      {"accepted", Statistic::Type::boolean, "whether the proposal was accepted"}};

  Collapsed& collapsed_;
  Target target_;
  std::optional<Proposal> proposal_;  // none where nothing is kept
  Vector warming_;                    // the kept parameters during warm-up
};

}  // namespace

TARN_PLUGIN("collapsed", "0.1.0") {
  plugin.sampler<CollapsedSampler>(
      "collapsed", "nearly independent draws: kept parameters from their gridded density");
}
