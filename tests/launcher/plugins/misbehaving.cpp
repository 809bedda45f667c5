// Models that misbehave in one way each, for the launcher's tests.
#include <atomic>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <thread>

#include "tarn/plugin.hpp"

namespace {

using namespace tarn;

/// One number, drawn from N(0, 1); never chosen by itself.
template <class... Capabilities>
class Plain : public Offers<Capabilities...> {
 public:
  static std::optional<std::string> refuses(const Design&) { return {}; }
  static std::vector<Parameter> parameters(const Design&) { return {}; }

  explicit Plain(const ModelInput&) { layout_.add({.name = "b"}); }
  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng& rng) override { theta[0] = rng.normal(); }

 private:
  Layout layout_;
};

class DensityOnly final : public Plain<LogDensity> {
 public:
  using Plain::Plain;
  double log_density(ConstVectorRef theta) override { return -0.5 * theta.squaredNorm(); }
};

class WrongDefault final : public Plain<LogDensity> {
 public:
  using Plain::Plain;
  static std::vector<Parameter> parameters(const Design&) {
    Parameter tau;
    tau.keys = {"tau"};
    tau.support = Support::positive;
    tau.default_prior = "normal(0, 1)";
    return {tau};
  }
  double log_density(ConstVectorRef theta) override { return -0.5 * theta.squaredNorm(); }
};

class Gibbs : public Plain<FullConditionals> {
 public:
  explicit Gibbs(const ModelInput& input) : Plain(input) {}
  std::span<const Step> steps() const noexcept override { return steps_; }
  void draw(std::size_t, VectorRef theta, Rng& rng) override {
    theta[0] = ++count_ > fuse_ ? std::numeric_limits<double>::quiet_NaN() : rng.normal();
  }

 protected:
  std::size_t fuse_ = 600;  // transitions until NaN

 private:
  std::size_t count_ = 0;
  std::vector<Step> steps_{{0, "b", {0}}};
};

class Unmakeable final : public Gibbs {
 public:
  explicit Unmakeable(const ModelInput& input) : Gibbs(input) {
    throw std::runtime_error("no reason");
  }
};

class Explosive final : public Gibbs {
 public:
  using Gibbs::Gibbs;
};

/// The second object made is the second chain's where chains are made one after the other.
class OneExplodes final : public Gibbs {
 public:
  explicit OneExplodes(const ModelInput& input) : Gibbs(input) {
    static std::atomic<int> made{0};
    if (made.fetch_add(1) != 1) fuse_ = std::numeric_limits<std::size_t>::max();
  }
};

class Sleepy final : public Gibbs {
 public:
  using Gibbs::Gibbs;
  void draw(std::size_t step, VectorRef theta, Rng& rng) override {
    std::this_thread::sleep_for(std::chrono::hours(1));
    Gibbs::draw(step, theta, rng);
  }
};

/// The same, for one draw of the first chain: the one whose object is made first.
class OneSleeps final : public Gibbs {
 public:
  explicit OneSleeps(const ModelInput& input) : Gibbs(input) {
    static std::atomic<int> made{0};
    sleeps_ = made.fetch_add(1) == 0;
    fuse_ = std::numeric_limits<std::size_t>::max();
  }
  void draw(std::size_t step, VectorRef theta, Rng& rng) override {
    if (sleeps_ && ++drawn_ > 600) std::this_thread::sleep_for(std::chrono::hours(1));
    Gibbs::draw(step, theta, rng);
  }

 private:
  bool sleeps_ = false;
  std::size_t drawn_ = 0;
};

/// Takes an hour until the first chain can start.
class SlowToStart final : public Gibbs {
 public:
  using Gibbs::Gibbs;
  void start(VectorRef theta, Rng& rng) override {
    std::this_thread::sleep_for(std::chrono::hours(1));
    Gibbs::start(theta, rng);
  }
};

}  // namespace

TARN_PLUGIN("misbehaving", "0.1.0") {
  plugin.model<DensityOnly>("density_only", "offers too little for gibbs");
  plugin.model<WrongDefault>("wrong_default", "has a prior where its parameter cannot be");
  plugin.model<Unmakeable>("unmakeable", "throws when it is made");
  plugin.model<Explosive>("explosive", "becomes NaN in the middle of a run");
  plugin.model<OneExplodes>("one_explodes", "becomes NaN in the second chain");
  plugin.model<Sleepy>("sleepy", "takes an hour for a draw");
  plugin.model<OneSleeps>("one_sleeps", "takes an hour for a draw of one chain");
  plugin.model<SlowToStart>("slow_to_start", "takes an hour to start");
}
