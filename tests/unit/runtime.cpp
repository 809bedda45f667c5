// The loop, with toy models and samplers whose draws are known in closed form.
#define BOOST_TEST_MODULE runtime
#include <boost/test/unit_test.hpp>

#include "toy_run.hpp"

using namespace tarn;
using namespace tarn::test;

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

namespace {

/// Takes over what the first has found out, and counts how often that was found out anew.
class Sharing final : public Autoregression {
 public:
  static std::vector<std::string_view> needs() { return {LogDensity::id}; }
  Sharing(Model&, const Settings&) : found_(std::make_shared<const double>(0.5)) { ++searches; }
  Sharing(Model&, const Settings&, const Sharing& first) : found_(first.found_) {}

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    Autoregression::step(theta, stats, rng);
    theta *= *found_;
    stats[0] = -0.5 * theta.squaredNorm();
  }

  static inline std::atomic<int> searches = 0;

 private:
  std::shared_ptr<const double> found_;
};

SamplerType sharing() {
  Plugin plugin;
  plugin.sampler<Sharing>("sharing", "");
  return plugin.samplers.front();
}

}  // namespace

BOOST_AUTO_TEST_CASE(other_chains_are_made_like_the_first_where_the_sampler_can) {
  SamplerType alone = sharing();
  BOOST_TEST((alone.make_like != nullptr));
  alone.make_like = {};
  Bench expected;
  expected.go(alone, small);
  for (const std::size_t threads : {1, 4}) {
    Sharing::searches = 0;
    Bench bench;
    RunPlan plan = small;
    plan.threads = threads;
    bench.go(sharing(), plan);
    BOOST_TEST(Sharing::searches == 1);
    for (std::size_t chain = 0; chain < 4; ++chain) {
      BOOST_TEST(same_bits(bench.sink.draws_[chain], expected.sink.draws_[chain]));
    }
  }
}

namespace {

/// Does not return from the transition after `fuse` in the sampler that is made first: chain 1's.
class Hanging final : public Autoregression {
 public:
  static std::vector<std::string_view> needs() { return {LogDensity::id}; }
  Hanging(Model&, const Settings&) { hangs_ = made++ == 0; }

  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    while (hangs_ && count_ == fuse) std::this_thread::sleep_for(std::chrono::hours(1));
    ++count_;
    Autoregression::step(theta, stats, rng);
  }

  static inline std::atomic<int> made = 0, fuse = 0;

 private:
  bool hangs_ = false;
  int count_ = 0;
};

SamplerType hanging(int fuse) {
  Hanging::made = 0;
  Hanging::fuse = fuse;
  Plugin plugin;
  plugin.sampler<Hanging>("hanging", "");
  return plugin.samplers.front();
}

/// What a run whose chain hangs is made from: it stays in use.
struct HangingBench {
  explicit HangingBench(int fuse) : model(model_type<Normal>("normal")), sampler(hanging(fuse)) {}
  RunOutcome go(const RunPlan& plan) {
    run = std::make_unique<Run>(model, ModelInput{bench.design, bench.priors, bench.settings},
                                sampler, bench.settings, plan);
    return run->go(bench.sink, {}, bench.stop.get_token());
  }

  Bench bench;
  ModelType model;
  SamplerType sampler;
  std::unique_ptr<Run> run;
};

/// A bench for each, for ever.
HangingBench& hanging_bench(int fuse) {
  static auto& all = *new std::vector<std::unique_ptr<HangingBench>>;
  return *all.emplace_back(std::make_unique<HangingBench>(fuse));
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_chain_that_does_not_return_is_left_out_and_named) {
  for (const std::size_t threads : {1, 2}) {
    HangingBench& all = hanging_bench(30);  // in its warm-up, or at its 30th draw
    RunPlan plan = small;
    plan.threads = threads;
    plan.warmup = 10;
    plan.max_time = std::chrono::milliseconds(2500);
    plan.since = std::chrono::steady_clock::now();
    const RunOutcome outcome = all.go(plan);
    BOOST_TEST(all.run->unreturned());
    BOOST_TEST(outcome.failed == std::vector<std::size_t>{0}, boost::test_tools::per_element());
    BOOST_TEST(outcome.failures.front().starts_with(
        "chain 1: sampler 'hanging' did not return from step() in "));
    BOOST_TEST((outcome.end == RunOutcome::End::out_of_time));
    BOOST_TEST(outcome.draws == plan.draws);
    for (const std::size_t chain : {1, 2, 3}) {
      BOOST_TEST(all.bench.sink.draws_[chain].size() == plan.draws);
    }
  }
}

BOOST_AUTO_TEST_CASE(draws_before_a_call_that_does_not_return_are_kept) {
  HangingBench& all = hanging_bench(450);
  RunPlan plan = small;
  plan.chains = 1;
  plan.draws = 1000;
  plan.max_time = std::chrono::milliseconds(1);  // the call is far from half of the run
  plan.since = std::chrono::steady_clock::now() + std::chrono::milliseconds(400);
  const RunOutcome outcome = all.go(plan);
  const std::size_t kept = all.bench.sink.draws_[0].size();
  BOOST_TEST(all.run->unreturned());
  BOOST_TEST(kept > 0u);
  BOOST_TEST(kept <= 450u);
}

BOOST_AUTO_TEST_CASE(a_run_of_chains_that_all_hang_has_no_draws) {
  HangingBench& all = hanging_bench(0);
  RunPlan plan = small;
  plan.chains = 1;
  plan.max_time = std::chrono::milliseconds(300);
  plan.since = std::chrono::steady_clock::now();
  const RunOutcome outcome = all.go(plan);
  BOOST_TEST(outcome.failed.size() == 1u);
  BOOST_TEST(outcome.draws == 0u);
}

namespace {

struct Satisfied final : DrawSink {
  void write(const DrawBatch& batch) override {
    seen += static_cast<std::size_t>(batch.theta.cols());
  }
  bool enough() const override { return seen >= 200; }
  std::size_t seen = 0;
};

struct SlowToFinish final : DrawSink {
  void write(const DrawBatch&) override {}
  double seconds_to_finish() const override { return 1e6; }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_sink_that_has_enough_ends_the_run) {
  Bench bench;
  Satisfied sink;
  RunPlan plan = small;
  plan.draws = 1'000'000'000;
  const ModelType model = model_type<Normal>("normal");
  const RunOutcome outcome = run(model, {bench.design, bench.priors, bench.settings},
                                 autoregression(), bench.settings, plan, sink);
  BOOST_TEST((outcome.end == RunOutcome::End::enough));
  BOOST_TEST(sink.seen >= 200u);
}

BOOST_AUTO_TEST_CASE(time_to_finish_is_kept_from_the_limit) {
  Bench bench;
  SlowToFinish sink;
  RunPlan plan = small;
  plan.draws = 1'000'000'000;
  plan.max_time = std::chrono::hours(1);
  const ModelType model = model_type<Normal>("normal");
  const RunOutcome outcome = run(model, {bench.design, bench.priors, bench.settings},
                                 autoregression(), bench.settings, plan, sink);
  BOOST_TEST((outcome.end == RunOutcome::End::out_of_time));
}
