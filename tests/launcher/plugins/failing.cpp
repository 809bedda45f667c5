// A sampler whose second chain fails in the way that its option names, and models that do.
#include <atomic>
#include <limits>
#include <stdexcept>
#include <string>

#include "tarn/plugin.hpp"

namespace {

using namespace tarn;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Numbers from N(0, 1). With one thread the second object is the second chain's.
class Numbers : public Offers<LogDensity> {
 public:
  static std::optional<std::string> refuses(const Design&) { return {}; }
  static std::vector<Parameter> parameters(const Design&) { return {}; }

  explicit Numbers(const ModelInput&) : Numbers(1) {}
  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng& rng) override { fill_normal(theta, rng); }
  double log_density(ConstVectorRef theta) override { return -0.5 * theta.squaredNorm(); }

 protected:
  explicit Numbers(std::size_t count) { layout_.add({"b", {{"item", labels(count)}}}); }

 private:
  static std::vector<std::string> labels(std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(std::to_string(i));
    return all;
  }
  Layout layout_;
};

std::size_t next(std::atomic<std::size_t>& made) { return made.fetch_add(1); }

class Uneven final : public Numbers {
 public:
  explicit Uneven(const ModelInput&) : Numbers(next(made) == 1 ? 2 : 1) {}

 private:
  static inline std::atomic<std::size_t> made{0};
};

class NoDensity final : public Numbers {
 public:
  using Numbers::Numbers;
  double log_density(ConstVectorRef) override { return nan; }
};

class NoStart final : public Numbers {
 public:
  using Numbers::Numbers;
  void start(VectorRef, Rng&) override { throw 7; }
};

/// The density of the second chain turns NaN, and stays it.
class Fading final : public Numbers {
 public:
  explicit Fading(const ModelInput& input) : Numbers(input), fades_(next(made) == 1) {}
  double log_density(ConstVectorRef theta) override {
    return fades_ && ++count_ > 2000 ? nan : Numbers::log_density(theta);
  }

 private:
  static inline std::atomic<std::size_t> made{0};
  bool fades_;
  std::size_t count_ = 0;
};

class Failing final : public Sampler {
 public:
  static std::vector<std::string_view> needs() { return {LogDensity::id}; }
  static std::vector<Setting> settings() {
    return {{"fault", "where it fails", std::string("none")}};
  }

  Failing(Model&, const Settings& settings)
      : second_(next(made) == 1), fault_(settings.text("fault")) {
    fail("constructor");
  }

  std::string plan() const override {
    if (fault_ == "plan") throw std::runtime_error("no luck");
    return "";
  }
  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    if (at.done == 30) fail("warm_up");
    step(theta, stats, rng);
  }
  void end_warm_up() override {
    fail("end_warm_up");
    warm_ = true;
  }
  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    for (double& x : theta) x = 0.5 * x + rng.normal();
    stats[0] = -0.5 * theta.squaredNorm();
    if (!warm_ || ++steps_ < 150) return;
    fail("step");
    if (second_ && fault_ == "number") throw 7;
    if (second_ && fault_ == "nan") theta[0] = nan;
  }
  std::vector<double> tuning() const override {
    if (warm_) fail("tuning");
    return std::vector<double>(second_ && warm_ && fault_ == "size" ? 3 : 2, 1.0);
  }
  void restore(std::span<const double>) override {
    warm_ = true;
    fail("restore");
  }

 private:
  static inline std::atomic<std::size_t> made{0};

  void fail(const char* where) const {
    if (second_ && fault_ == where) throw std::runtime_error("no luck");
  }

  bool second_;
  std::string fault_;
  bool warm_ = false;
  std::size_t steps_ = 0;
  std::vector<Statistic> statistics_{{"lp"}};
};

}  // namespace

TARN_PLUGIN("failing", "0.1.0") {
  plugin.model<Numbers>("numbers", "draws numbers from N(0, 1)");
  plugin.model<Uneven>("uneven", "has one number more in its second chain");
  plugin.model<NoDensity>("no_density", "has a density that is NaN");
  plugin.model<NoStart>("no_start", "throws a number where it starts");
  plugin.model<Fading>("fading", "has a density that turns NaN in the second chain");
  plugin.sampler<Failing>("failing", "fails in its second chain");
}
