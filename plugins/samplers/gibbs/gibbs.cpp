// Gibbs sampling: walks the full conditionals that a model offers. Blocks that no step covers are
// updated by slices through the log density (Neal 2003), on the log or logit scale where they are
// bounded.
#include <algorithm>
#include <cmath>

#include <tarn/plugin.hpp>

namespace tarn::gibbs {
namespace {

class Gibbs final : public Sampler {
 public:
  static constexpr int preference = 10;
  static constexpr bool learns = false;

  static std::vector<std::string_view> needs() { return {FullConditionals::id}; }

  static std::vector<Setting> settings() {
    return {{"scheme",
             "blocked: the sweep that the model recommends; plain: one block at a time, as in a "
             "textbook",
             std::string("blocked"),
             {"blocked", "plain"}}};
  }

  Gibbs(Model& model, const Settings& settings)
      : model_(model),
        conditionals_(*query<FullConditionals>(model)),
        density_(query<LogDensity>(model)),
        steps_(settings.text("scheme") == "plain" ? conditionals_.plain_steps()
                                                  : conditionals_.steps()) {
    if (density_ != nullptr) {
      statistics_ = {{"lp", Statistic::Type::real, "log posterior density up to a constant"}};
    }
    find_uncovered();
  }

  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    sweep(theta, rng);
    if (density_ != nullptr) stats[0] = density_->log_density(theta);
  }

  /// Without statistics, which nobody keeps.
  void warm_up(VectorRef theta, std::span<double> /*stats*/, Rng& rng, WarmUp at) override {
    const Vector before = theta;
    sweep(theta, rng);
    // The mean distance moved is a good width (Neal 2003, section 4).
    const double weight = 1.0 / (2.0 + static_cast<double>(at.done));
    for (Coordinate& c : uncovered_) {
      const double moved =
          std::abs(to_free(c.support, theta[c.index]) - to_free(c.support, before[c.index]));
      c.width += weight * (3 * moved - c.width);
    }
  }

  std::vector<double> tuning() const override {
    std::vector<double> widths;
    for (const Coordinate& c : uncovered_) widths.push_back(c.width);
    return widths;
  }

  void restore(std::span<const double> tuning) override {
    for (std::size_t k = 0; k < uncovered_.size(); ++k) uncovered_[k].width = tuning[k];
  }

 private:
  /// An element of theta that no step of the model updates.
  struct Coordinate {
    Eigen::Index index;
    Support support;
    double width = 0;  // 0: not known
  };

  void sweep(VectorRef theta, Rng& rng) {
    for (const FullConditionals::Step& step : steps_) conditionals_.draw(step.id, theta, rng);
    for (Coordinate& coordinate : uncovered_) move(coordinate, theta, rng);
    if (!uncovered_.empty()) model_.derive(theta);
  }

  void find_uncovered() {
    const Layout& layout = model_.layout();
    std::vector<bool> covered(layout.blocks(), false);
    for (const FullConditionals::Step& step : steps_) {
      for (const std::size_t block : step.blocks) covered.at(block) = true;
    }
    for (std::size_t k = 0; k < layout.blocks(); ++k) {
      const Block& block = layout.block(k);
      if (covered[k] || block.derived) continue;
      const bool one_by_one =
          block.support == Support::real || block.support == Support::positive ||
          block.support == Support::unit_interval || block.support == Support::minus_one_to_one;
      if (density_ == nullptr || !one_by_one) {
        throw PluginError("sampler 'gibbs': no step of the model updates its block '" + block.name +
                          "'" +
                          (density_ == nullptr ? ", and without log_density/1 no slice can"
                                               : ", and a slice cannot move inside its support"));
      }
      for (std::size_t i = 0; i < block.size(); ++i) {
        uncovered_.push_back({as_index(layout.offset(k) + i), block.support});
      }
    }
  }

  void move(const Coordinate& c, VectorRef theta, Rng& rng) {
    double& x = theta[c.index];
    const auto log_density = [&](double z) {
      const double here = x;
      x = to_natural(c.support, z);
      const double value = density_->log_density(theta) + log_jacobian(c.support, z);
      x = here;
      return value;
    };
    const double z = to_free(c.support, x);
    // Before the first move: about as large as a real number is, and 1 for logarithms.
    const bool by_size = c.support == Support::real && z != 0;
    const double width = c.width > 0 ? c.width : (by_size ? std::abs(z) : 1);
    x = to_natural(c.support, slice(z, width, log_density, rng));
  }

  Model& model_;
  FullConditionals& conditionals_;
  LogDensity* density_;
  std::span<const FullConditionals::Step> steps_;
  std::vector<Coordinate> uncovered_;
  std::vector<Statistic> statistics_;
};

}  // namespace

}  // namespace tarn::gibbs

TARN_PLUGIN("gibbs", "0.5.0") {
  plugin.sampler<tarn::gibbs::Gibbs>(
      "gibbs", "Gibbs sampling from full conditionals, blocked where the model can");
}
