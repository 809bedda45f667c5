// The loop, with toy models and samplers whose draws are known in closed form.
#define BOOST_TEST_MODULE runtime
#include "tarn/runtime.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace {

using namespace tarn;

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

SamplerType autoregression() {
  return sampler_type([](Model&) { return std::make_unique<Autoregression>(); });
}

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

bool same_bits(const std::vector<Vector>& a, const std::vector<Vector>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(a[i].data(), b[i].data(), sizeof(double) * 2) != 0) return false;
  }
  return true;
}

/// An autoregression that does something else at one transition of its chain. Chains are told apart
/// by the order in which their samplers are made, which is theirs only with one thread.
class Odd final : public Autoregression {
 public:
  Odd(std::size_t when, std::function<void(VectorRef)> what) : when_(when), what_(what) {}
  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    Autoregression::step(theta, stats, rng);
    if (++count_ == when_) what_(theta);
  }

 private:
  std::size_t count_ = 0, when_;
  std::function<void(VectorRef)> what_;
};

SamplerType second_chain_is_odd(std::size_t when, std::function<void(VectorRef)> what) {
  auto made = std::make_shared<std::atomic<int>>(0);
  return sampler_type([=](Model&) -> std::unique_ptr<Sampler> {
    if (made->fetch_add(1) == 1) return std::make_unique<Odd>(when, what);
    return std::make_unique<Autoregression>();
  });
}

const RunPlan small{.chains = 4, .warmup = 50, .draws = 230, .thin = 1, .seed = 17, .threads = 1};

}  // namespace

BOOST_AUTO_TEST_CASE(draws_have_the_moments_of_their_density) {
  Bench bench;
  const RunOutcome outcome =
      bench.go(autoregression(), {.chains = 4, .warmup = 100, .draws = 20000, .seed = 3});
  BOOST_TEST((outcome.end == RunOutcome::End::complete));
  BOOST_TEST(outcome.draws == 20000u);
  BOOST_TEST(outcome.failures.empty());
  double sum = 0, squares = 0;
  for (const auto& [chain, draws] : bench.sink.draws_) {
    BOOST_TEST(draws.size() == 20000u);
    for (const Vector& x : draws) {
      sum += x.sum();
      squares += x.squaredNorm();
    }
  }
  const double n = 2 * 4 * 20000;
  // rho <= 0.5, so at least a third of the draws count as independent: se of the mean is below
  // sqrt(3 / n) = 0.0043, of the variance below sqrt(2) times that; bounds are 4 and 4 of those.
  BOOST_TEST(std::abs(sum / n) < 0.018);
  BOOST_TEST(std::abs(squares / n - 1) < 0.025);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_bits_on_any_number_of_threads) {
  std::map<std::size_t, std::vector<Vector>> first;
  for (const std::size_t threads : {1, 2, 4, 9}) {
    Bench bench;
    RunPlan plan = small;
    plan.threads = threads;
    bench.go(autoregression(), plan);
    BOOST_TEST(bench.sink.draws_.size() == 4u);
    if (first.empty()) first = bench.sink.draws_;
    for (std::size_t chain = 0; chain < 4; ++chain) {
      BOOST_TEST(same_bits(bench.sink.draws_[chain], first[chain]));
    }
  }
  BOOST_TEST(!same_bits(first[0], first[1]));
}

BOOST_AUTO_TEST_CASE(another_seed_gives_other_draws) {
  Bench one, other;
  RunPlan plan = small;
  one.go(autoregression(), plan);
  plan.seed = 18;
  other.go(autoregression(), plan);
  BOOST_TEST(!same_bits(one.sink.draws_[0], other.sink.draws_[0]));
}

BOOST_AUTO_TEST_CASE(more_chains_leave_the_first_ones_as_they_were) {
  Bench four, six;
  RunPlan plan = small;
  four.go(autoregression(), plan);
  plan.chains = 6;
  six.go(autoregression(), plan);
  BOOST_TEST(same_bits(four.sink.draws_[3], six.sink.draws_[3]));
}

BOOST_AUTO_TEST_CASE(thinning_keeps_every_kth_transition) {
  Bench whole, thinned;
  RunPlan plan = small;
  plan.draws = 300;
  whole.go(autoregression(), plan);
  plan.draws = 100;
  plan.thin = 3;
  thinned.go(autoregression(), plan);
  for (std::size_t chain = 0; chain < 4; ++chain) {
    std::vector<Vector> every_third;
    for (std::size_t i = 2; i < 300; i += 3) every_third.push_back(whole.sink.draws_[chain][i]);
    BOOST_TEST(same_bits(thinned.sink.draws_[chain], every_third));
  }
}

BOOST_AUTO_TEST_CASE(batches_are_as_long_as_the_file_s_chunks) {
  Bench bench;
  bench.go(autoregression(), small);
  const std::size_t length = batch_length(small.draws);
  for (const std::size_t got : bench.sink.lengths_) {
    BOOST_TEST((got == length || got == small.draws % length));
  }
}

BOOST_AUTO_TEST_CASE(a_chain_that_throws_fails_alone_and_is_named) {
  Bench bench;
  const RunOutcome outcome = bench.go(
      second_chain_is_odd(30, [](VectorRef) { throw std::runtime_error("no luck"); }), small);
  BOOST_TEST((outcome.end == RunOutcome::End::complete));
  BOOST_TEST(outcome.draws == small.draws);
  BOOST_TEST((outcome.failed == std::vector<std::size_t>{1}));
  BOOST_TEST(outcome.failures.at(0) == "chain 2: sampler 'toy' failed in warm_up(): no luck");
  BOOST_TEST(bench.sink.draws_[0].size() == small.draws);
  BOOST_TEST(bench.sink.draws_[3].size() == small.draws);
}

BOOST_AUTO_TEST_CASE(an_error_of_tarn_keeps_its_words) {
  Bench bench;
  const RunOutcome outcome =
      bench.go(second_chain_is_odd(70, [](VectorRef) { throw InputError("as it is"); }), small);
  BOOST_TEST(outcome.failures.at(0) == "chain 2: as it is");
}

BOOST_AUTO_TEST_CASE(what_is_no_exception_is_caught_too) {
  Bench bench;
  const RunOutcome outcome = bench.go(second_chain_is_odd(70, [](VectorRef) { throw 7; }), small);
  BOOST_TEST(outcome.failures.at(0) ==
             "chain 2: sampler 'toy' failed in step(): it threw something that is no exception");
}

BOOST_AUTO_TEST_CASE(a_draw_that_is_not_finite_names_the_element_and_the_transition) {
  Bench bench;
  const RunOutcome outcome =
      bench.go(second_chain_is_odd(58, [](VectorRef theta) { theta[1] = std::nan(""); }), small);
  BOOST_TEST(outcome.failures.at(0) ==
             "chain 2: 'x[second]' became nan in transition 8; model 'normal' with sampler 'toy' "
             "cannot go on");
}

BOOST_AUTO_TEST_CASE(when_all_chains_fail_no_draws_are_claimed) {
  Bench bench;
  const RunOutcome outcome = bench.go(sampler_type([](Model&) {
                                        return std::make_unique<Odd>(
                                            60, [](VectorRef) { throw std::logic_error("never"); });
                                      }),
                                      small);
  BOOST_TEST(outcome.failures.size() == 4u);
  BOOST_TEST(outcome.draws == 0u);
}

namespace {

/// Starts where the density is zero, `misses` times per chain.
template <std::size_t misses>
class Lost final : public Offers<LogDensity> {
 public:
  explicit Lost(const ModelInput&) { layout_.add({"x", {{"which", {"first", "second"}}}}); }
  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng&) override { theta.setConstant(starts_++ < misses ? -1 : 1); }
  double log_density(ConstVectorRef theta) override {
    return theta[0] > 0 ? 0 : -std::numeric_limits<double>::infinity();
  }

 private:
  Layout layout_;
  std::size_t starts_ = 0;
};

class Unmakeable final : public Offers<LogDensity> {
 public:
  explicit Unmakeable(const ModelInput&) { throw std::out_of_range("index 7"); }
  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef, Rng&) override {}
  double log_density(ConstVectorRef) override { return 0; }

 private:
  Layout layout_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_start_of_zero_density_is_tried_again) {
  Bench bench;
  const RunOutcome outcome = bench.go(autoregression(), small, model_type<Lost<99>>("lost"));
  BOOST_TEST(outcome.failures.empty());
}

BOOST_AUTO_TEST_CASE(a_chain_without_a_start_says_so) {
  Bench bench;
  const RunOutcome outcome = bench.go(autoregression(), small, model_type<Lost<100>>("lost"));
  BOOST_TEST(outcome.failures.size() == 4u);
  BOOST_TEST(outcome.failures.at(2) ==
             "chain 3: model 'lost' found no starting point of finite density in 100 attempts; "
             "check the priors");
}

BOOST_AUTO_TEST_CASE(a_model_that_cannot_be_made_is_an_error_of_its_plugin) {
  Bench bench;
  BOOST_CHECK_EXCEPTION(bench.go(autoregression(), small, model_type<Unmakeable>("broken")),
                        PluginError, [](const PluginError& error) {
                          return error.what() ==
                                 std::string("model 'broken' failed in its constructor: index 7");
                        });
}

BOOST_AUTO_TEST_CASE(an_exception_of_the_sink_stops_the_run_and_is_rethrown) {
  for (const std::size_t threads : {1, 2, 4}) {
    Bench bench;
    RunPlan plan = small;
    plan.threads = threads;
    plan.draws = 1000000;
    bench.sink.on_write = [&] {
      if (bench.sink.lengths_.size() == 3) throw IoError("the disk is full");
    };
    BOOST_CHECK_EXCEPTION(bench.go(autoregression(), plan), IoError, [](const IoError& error) {
      return error.what() == std::string("the disk is full");
    });
  }
}

BOOST_AUTO_TEST_CASE(an_interrupt_keeps_whole_draws_of_all_chains) {
  Bench bench;
  RunPlan plan = small;
  plan.threads = 2;
  plan.draws = 1000000000;
  bench.sink.on_write = [&] {
    if (bench.sink.draws_.size() == plan.chains) bench.stop.request_stop();
  };
  const RunOutcome outcome = bench.go(autoregression(), plan);
  BOOST_TEST((outcome.end == RunOutcome::End::interrupted));
  std::size_t least = plan.draws;
  for (const auto& [chain, draws] : bench.sink.draws_) least = std::min(least, draws.size());
  BOOST_TEST(bench.sink.draws_.size() == 4u);
  BOOST_TEST(outcome.draws == least);
  BOOST_TEST(outcome.draws > 0u);
}

BOOST_AUTO_TEST_CASE(an_interrupt_before_the_start_keeps_nothing) {
  Bench bench;
  bench.stop.request_stop();
  const RunOutcome outcome = bench.go(autoregression(), small);
  BOOST_TEST((outcome.end == RunOutcome::End::interrupted));
  BOOST_TEST(outcome.draws == 0u);
  BOOST_TEST(bench.sink.draws_.empty());
}

BOOST_AUTO_TEST_CASE(a_run_ends_when_its_time_is_up) {
  Bench bench;
  RunPlan plan = small;
  plan.draws = 1000000000;
  plan.max_time = std::chrono::milliseconds(400);
  const RunOutcome outcome = bench.go(autoregression(), plan);
  BOOST_TEST((outcome.end == RunOutcome::End::out_of_time));
  BOOST_TEST(outcome.draws < plan.draws);
}

BOOST_AUTO_TEST_CASE(progress_ends_at_the_total_and_counts_divergences) {
  Bench bench;
  RunProgress last;
  bench.progress = [&](const RunProgress& at) {
    BOOST_TEST(at.done >= last.done);
    last = at;
  };
  RunPlan plan = small;
  plan.thin = 2;
  plan.draws = 500;
  bench.go(autoregression(), plan);
  BOOST_TEST(last.total == 4 * (50 + 1000u));
  BOOST_TEST(last.done == last.total);
  // P(x > 2) = 0.023, of 4000 transitions: more than none and not the most.
  BOOST_TEST(last.divergences > 0u);
  BOOST_TEST(last.divergences < 400u);
}

BOOST_AUTO_TEST_CASE(a_run_tells_what_a_draw_holds_before_it_goes) {
  Bench bench;
  const ModelType model = model_type<Normal>("normal");
  const SamplerType sampler = autoregression();
  const Run run(model, {bench.design, bench.priors, bench.settings}, sampler, bench.settings,
                small);
  BOOST_TEST(run.layout().element_name(0, 1) == "x[second]");
  BOOST_TEST(run.statistics().size() == 2u);
  BOOST_TEST(run.statistics()[1].name == "diverging");
}
