// A run that was broken off and gone on with has the bits of one that was not, for every model and
// sampler, wherever it stopped and on any number of threads.
#define BOOST_TEST_MODULE resume
#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <ostream>

#include "fit.hpp"
#include "matrix_rows.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Counts the transitions of all chains, and asks for a stop after so many.
struct Alarm {
  std::atomic<std::size_t> left;
  std::stop_source stop;
};

/// A sampler as it is, under an alarm.
class Watched final : public Sampler {
 public:
  Watched(std::unique_ptr<Sampler> sampler, Alarm& alarm)
      : sampler_(std::move(sampler)), alarm_(alarm) {}

  const Sampler& watched() const { return *sampler_; }

  std::span<const Statistic> statistics() const noexcept override { return sampler_->statistics(); }
  void step(VectorRef theta, std::span<double> stats, Rng& rng) override {
    sampler_->step(theta, stats, rng);
    count();
  }
  void warm_up(VectorRef theta, std::span<double> stats, Rng& rng, WarmUp at) override {
    sampler_->warm_up(theta, stats, rng, at);
    count();
  }
  void end_warm_up() override { sampler_->end_warm_up(); }
  std::vector<double> tuning() const override { return sampler_->tuning(); }
  void restore(std::span<const double> tuning) override { sampler_->restore(tuning); }

 private:
  void count() {
    if (alarm_.left.fetch_sub(1) == 1) alarm_.stop.request_stop();
  }

  std::unique_ptr<Sampler> sampler_;
  Alarm& alarm_;
};

SamplerType watched(const SamplerType& type, Alarm& alarm) {
  SamplerType result = type;
  result.make = [&type, &alarm](Model& model, const Settings& settings) {
    return std::make_unique<Watched>(type.make(model, settings), alarm);
  };
  if (type.make_like) {
    result.make_like = [&type, &alarm](Model& model, const Settings& settings,
                                       const Sampler& first) {
      return std::make_unique<Watched>(
          type.make_like(model, settings, dynamic_cast<const Watched&>(first).watched()), alarm);
    };
  }
  return result;
}

/// Keeps draws, and where each chain stood last.
class Recorder final : public DrawSink {
 public:
  explicit Recorder(std::size_t chains) : draws(chains), states(chains) {
    for (std::size_t chain = 0; chain < chains; ++chain) states[chain].number = chain;
  }

  void write(const DrawBatch& batch) override {
    BOOST_TEST(batch.first == draws[batch.chain].size());
    for (Eigen::Index i = 0; i < batch.theta.cols(); ++i) {
      draws[batch.chain].push_back(batch.theta.col(i));
    }
  }
  void checkpoint(std::size_t chain, const ChainState& state) override { states[chain] = state; }

  /// What a file tells: the last state, and the last draw.
  std::vector<ChainState> to_go_on() const {
    std::vector<ChainState> result = states;
    for (std::size_t chain = 0; chain < result.size(); ++chain) {
      if (draws[chain].empty()) continue;
      result[chain].draws = draws[chain].size();
      result[chain].theta = draws[chain].back();
    }
    return result;
  }

  std::vector<std::vector<Vector>> draws;
  std::vector<ChainState> states;
};

struct Pair {
  std::string model;
  std::string sampler;
  std::vector<std::string> settings;
  std::string family = "gaussian";

  friend std::ostream& operator<<(std::ostream& out, const Pair& p) {
    out << p.model << " of " << p.family << " by " << p.sampler;
    for (const std::string& setting : p.settings) out << ' ' << setting;
    return out;
  }
};

Design design_for(const std::string& model, const std::string& family) {
  Rng rng({77, 0, Purpose::test});
  Data data{Matrix(40, 1), Vector(40)};
  for (Eigen::Index i = 0; i < 40; ++i) {
    data.X(i, 0) = rng.normal();
    data.y[i] = 1 + data.X(i, 0) + 0.7 * static_cast<double>(i % 5) + rng.normal();
    if (family == "bernoulli") data.y[i] = data.y[i] > 2 ? 1 : 0;
    if (model != "pooled") data.level.push_back(static_cast<std::int32_t>(i % 5));
    if (model == "crossed") data.other_level.push_back(static_cast<std::int32_t>(i % 4));
  }
  if (model == "random_slope") data.slopes = data.X;
  Design design = design_of(data);
  design.family = make_family(registry(), family);
  return design;
}

ModelType model_for(const std::string& name, const Design& design) {
  const ModelType& type = *registry().model(name).type;
  return narrowed(type, design, Priors(type.parameters(design), {}));
}

std::vector<Pair> pairs() {
  std::vector<Pair> all;
  for (const char* model :
       {"pooled", "random_intercept", "random_slope", "crossed", "group_variance"}) {
    const Design design = design_for(model, "gaussian");
    for (const std::string& sampler : registry().samplers_fitting(model_for(model, design))) {
      all.push_back({model, sampler, {}});
      if (sampler == "gibbs") all.push_back({model, sampler, {"scheme=plain"}});
      if (sampler == "nuts" || sampler == "slice" || sampler == "metropolis") {
        all.push_back({model, sampler, {"target=full"}});
      }
    }
  }
  for (const char* model : {"pooled", "random_intercept", "random_slope", "crossed"}) {
    all.push_back({model, "pivot", {}, "bernoulli"});
    all.push_back({model, "laplace", {"points=100"}, "bernoulli"});
  }
  for (const char* model : {"pooled", "random_intercept"}) {
    all.push_back({model, "collapsed", {}, "bernoulli"});
  }
  for (const char* model : {"random_slope", "crossed"}) {
    all.push_back({model, "nuts", {}, "bernoulli"});
  }
  return all;
}

struct Broken {
  const Pair& pair;
  Design design = design_for(pair.model, pair.family);
  ModelType model = model_for(pair.model, design);
  const SamplerType& sampler = *registry().sampler(pair.sampler).type;
  Priors priors{model.parameters(design), {}};
  Settings settings{sampler.settings, pair.settings, pair.sampler};
  Settings none{model.settings, {}, pair.model};
  RunPlan plan{.chains = 3, .warmup = 60, .draws = 40, .thin = 2, .seed = 5, .threads = 2};

  std::vector<std::vector<Vector>> whole() const {
    Recorder recorder(plan.chains);
    run(model, {design, priors, none}, sampler, settings, plan, recorder);
    return recorder.draws;
  }

  /// Stops after so many transitions, then goes on in a run of its own.
  std::vector<std::vector<Vector>> broken(std::size_t after, std::size_t threads) const {
    Alarm alarm{after, {}};
    const SamplerType under_watch = watched(sampler, alarm);
    Recorder first(plan.chains);
    const RunOutcome outcome = run(model, {design, priors, none}, under_watch, settings, plan,
                                   first, {}, alarm.stop.get_token());
    // Near the end the other thread may finish meanwhile.
    BOOST_TEST((outcome.end == RunOutcome::End::interrupted || after > 400));

    RunPlan other = plan;
    other.threads = threads;
    Run rest(model, {design, priors, none}, sampler, settings, other);
    rest.resume(first.to_go_on());
    Recorder second(plan.chains);
    second.draws = first.draws;
    rest.go(second, {}, {});
    return second.draws;
  }
};

bool same_bits(const std::vector<std::vector<Vector>>& a,
               const std::vector<std::vector<Vector>>& b) {
  return a == b;  // chain by chain, draw by draw: no draw is NaN
}

}  // namespace

BOOST_DATA_TEST_CASE(a_broken_run_goes_on_with_the_same_bits,
                     boost::unit_test::data::make(pairs())) {
  const Broken run{sample};
  const auto whole = run.whole();
  BOOST_REQUIRE(whole.front().size() == run.plan.draws);
  // 180 transitions of warm-up, then 240: at the start, within the warm-up, around its end, among
  // the draws and before the last.
  for (const std::size_t after : {1, 30, 100, 179, 181, 250, 400, 418}) {
    BOOST_TEST_CONTEXT("stopped after " << after << " transitions") {
      BOOST_TEST(same_bits(run.broken(after, 1 + after % 3), whole));
    }
  }
}

BOOST_AUTO_TEST_CASE(more_draws_are_those_of_a_longer_run) {
  const Pair pair{"random_intercept", "nuts", {}};
  Broken run{pair};
  Recorder half(run.plan.chains);
  tarn::run(run.model, {run.design, run.priors, run.none}, run.sampler, run.settings, run.plan,
            half);
  run.plan.draws *= 2;
  Run rest(run.model, {run.design, run.priors, run.none}, run.sampler, run.settings, run.plan);
  rest.resume(half.to_go_on());
  Recorder both(run.plan.chains);
  both.draws = half.draws;
  rest.go(both, {}, {});
  BOOST_TEST(same_bits(both.draws, run.whole()));
}

BOOST_AUTO_TEST_CASE(chains_keep_their_numbers_when_one_is_left_out) {
  const Pair pair{"random_intercept", "gibbs", {}};
  Broken run{pair};
  const auto whole = run.whole();
  Recorder half(run.plan.chains);
  Alarm alarm{300, {}};
  const SamplerType under_watch = watched(run.sampler, alarm);
  tarn::run(run.model, {run.design, run.priors, run.none}, under_watch, run.settings, run.plan,
            half, {}, alarm.stop.get_token());
  auto states = half.to_go_on();
  states.erase(states.begin() + 1);
  run.plan.chains = 2;
  Run rest(run.model, {run.design, run.priors, run.none}, run.sampler, run.settings, run.plan);
  rest.resume(states);
  Recorder both(2);
  both.draws = {half.draws[0], half.draws[2]};
  rest.go(both, {}, {});
  BOOST_TEST((both.draws[0] == whole[0] && both.draws[1] == whole[2]));
}

BOOST_AUTO_TEST_CASE(a_state_that_does_not_fit_is_refused) {
  const Pair pair{"random_intercept", "nuts", {}};
  const Broken run{pair};
  Recorder recorder(run.plan.chains);
  tarn::run(run.model, {run.design, run.priors, run.none}, run.sampler, run.settings, run.plan,
            recorder);
  Run rest(run.model, {run.design, run.priors, run.none}, run.sampler, run.settings, run.plan);
  auto states = recorder.to_go_on();
  states[1].tuning.pop_back();
  const auto says = [](const char* what) {
    return [what](const InputError& error) { return std::string(error.what()) == what; };
  };
  BOOST_CHECK_EXCEPTION(rest.resume(states), InputError,
                        says("the stored state of chain 2 does not fit: it is that of another "
                             "model, sampler or plan"));
  states.pop_back();
  BOOST_CHECK_EXCEPTION(rest.resume(states), InputError,
                        says("a run of 3 chains cannot go on from the states of 2"));
}
