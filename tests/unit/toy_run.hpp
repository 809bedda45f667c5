// Toy models and samplers whose draws are known in closed form, and one run of them in memory.
#pragma once

#include <atomic>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <vector>

#include "tarn/runtime.hpp"

namespace tarn::test {

/// x ~ N(0, 1) twice; starts at a random point.
class Normal final : public Offers<LogDensity> {
 public:
  explicit Normal(const ModelInput&) { layout_.add({"x", {{"which", {"first", "second"}}}}); }
  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng& rng) override { fill_normal(theta, rng); }
  double log_density(ConstVectorRef theta) override { return -0.5 * theta.squaredNorm(); }

 private:
  Layout layout_;
};

/// x' = rho x + sqrt(1 - rho^2) z: autoregressive, leaves N(0, 1) invariant; rho is set by the
/// warm-up from the chain's own past, so that the tuning matters for the bits.
class Autoregression : public Sampler {
 public:
  std::span<const Statistic> statistics() const noexcept override { return statistics_; }

  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    step(theta, stats, rng);
    if (at.done + 1 == at.total) rho_ = 0.25 + 0.25 / (1 + theta.squaredNorm());
  }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    for (double& x : theta) x = rho_ * x + std::sqrt(1 - rho_ * rho_) * rng.normal();
    stats[0] = -0.5 * theta.squaredNorm();
    stats[1] = theta[0] > 2 ? 1 : 0;
  }

 private:
  std::vector<Statistic> statistics_{{"lp"}, {"diverging", Statistic::Type::boolean}};
  double rho_ = 0.9;
};

/// Keeps everything, and checks the contract of a sink.
class Memory final : public DrawSink {
 public:
  void write(const DrawBatch& batch) override {
    BOOST_TEST((std::this_thread::get_id() == thread_));
    std::vector<Vector>& draws = draws_[batch.chain];
    BOOST_TEST(batch.first == draws.size());
    BOOST_TEST(batch.theta.cols() == batch.statistics.cols());
    BOOST_TEST(batch.seconds >= seconds_[batch.chain]);
    seconds_[batch.chain] = batch.seconds;
    lengths_.push_back(static_cast<std::size_t>(batch.theta.cols()));
    for (Eigen::Index i = 0; i < batch.theta.cols(); ++i) {
      draws.push_back(batch.theta.col(i));
      BOOST_TEST(batch.statistics(0, i) == -0.5 * batch.theta.col(i).squaredNorm());
    }
    if (on_write) on_write();
  }

  std::function<void()> on_write;
  std::map<std::size_t, std::vector<Vector>> draws_;
  std::map<std::size_t, double> seconds_;
  std::vector<std::size_t> lengths_;

 private:
  std::thread::id thread_ = std::this_thread::get_id();
};

template <class T>
ModelType model_type(const char* name) {
  ModelType type;
  type.name = name;
  type.make = [](const ModelInput& input) { return std::make_unique<T>(input); };
  return type;
}

template <class Make>
SamplerType sampler_type(Make make) {
  SamplerType type;
  type.name = "toy";
  type.make = [make](Model& model, const Settings&) -> std::unique_ptr<Sampler> {
    return make(model);
  };
  return type;
}

inline SamplerType autoregression() {
  return sampler_type([](Model&) { return std::make_unique<Autoregression>(); });
}

inline const RunPlan small{
    .chains = 4, .warmup = 50, .draws = 230, .thin = 1, .seed = 17, .threads = 1};

/// What every run needs and no test cares about.
struct Bench {
  Design design;
  Priors priors;
  Settings settings;
  Memory sink;
  std::function<void(const RunProgress&)> progress;
  std::stop_source stop;

  RunOutcome go(const SamplerType& sampler, const RunPlan& plan,
                const ModelType& model = model_type<Normal>("normal")) {
    return run(model, {design, priors, settings}, sampler, settings, plan, sink, progress,
               stop.get_token());
  }
};

inline bool same_bits(const std::vector<Vector>& a, const std::vector<Vector>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(a[i].data(), b[i].data(), sizeof(double) * 2) != 0) return false;
  }
  return true;
}

}  // namespace tarn::test
