// What can go wrong in a run: the chain that fails is named, and the others keep their draws.
#define BOOST_TEST_MODULE runtime_failures
#include <boost/test/unit_test.hpp>
#include <limits>

#include "toy_run.hpp"

using namespace tarn;
using namespace tarn::test;

namespace {

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

}  // namespace

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

BOOST_AUTO_TEST_CASE(a_first_chain_that_fails_stays_for_others_to_be_made_like_it) {
  SamplerType sampler = sampler_type([](Model&) {
    return std::make_unique<Odd>(1, [](VectorRef) { throw std::runtime_error("no luck"); });
  });
  sampler.make_like = [](Model&, const Settings&, const Sampler& first) {
    if (first.statistics().size() != 2) throw std::logic_error("the first is gone");
    return std::make_unique<Autoregression>();
  };
  Bench bench;
  const RunOutcome outcome = bench.go(sampler, small);
  BOOST_TEST((outcome.failed == std::vector<std::size_t>{0}));
  BOOST_TEST(bench.sink.draws_[3].size() == small.draws);
}

BOOST_AUTO_TEST_CASE(a_chain_that_cannot_be_made_like_the_first_fails_alone) {
  SamplerType sampler = autoregression();
  auto made = std::make_shared<std::atomic<int>>(0);
  sampler.make_like = [made](Model&, const Settings&, const Sampler&) -> std::unique_ptr<Sampler> {
    if (made->fetch_add(1) == 0) throw std::runtime_error("no likeness");
    return std::make_unique<Autoregression>();
  };
  Bench bench;
  const RunOutcome outcome = bench.go(sampler, small);
  BOOST_TEST(outcome.failures.size() == 1U);
  BOOST_TEST(outcome.failures.at(0) ==
             "chain 2: sampler 'toy' failed in its constructor: no likeness");
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

BOOST_AUTO_TEST_CASE(an_assertion_of_eigen_stops_its_chain_with_a_sentence) {
  Bench bench;
  class Mistaken final : public Autoregression {
    void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
      Autoregression::step(theta, stats, rng);
      if (theta[0] > 1.5) theta = Matrix::Zero(2, 2) * Vector::Zero(3);
    }
  };
  const RunOutcome outcome =
      bench.go(sampler_type([](Model&) { return std::make_unique<Mistaken>(); }), small);
  BOOST_TEST_REQUIRE(!outcome.failures.empty());
  BOOST_TEST(outcome.failures.front().find("an assertion of Eigen failed in ") != std::string::npos,
             outcome.failures.front());
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
