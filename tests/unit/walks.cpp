// What the samplers on free coordinates have in common: where they walk, and that they resume.
#define BOOST_TEST_MODULE walks
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/effect_units.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

Design design(bool groups) {
  Rng rng({23, 0, Purpose::test});
  Data data{Matrix(30, 1), Vector(30)};
  for (Eigen::Index i = 0; i < 30; ++i) {
    data.X(i, 0) = rng.normal();
    data.y[i] = 1 + data.X(i, 0) + 0.3 * static_cast<double>(i % 6) + rng.normal();
    if (groups) data.level.push_back(static_cast<std::int32_t>(i % 6));
  }
  return design_of(data);
}

/// A model, and a sampler on it. Several stand side by side.
struct Chain {
  Chain(const std::string& model_name, const Design& design, const std::vector<std::string>& given,
        const std::string& sampler_name, const std::vector<std::string>& settings)
      : model_type(*registry().model(model_name).type),
        sampler_type(*registry().sampler(sampler_name).type),
        priors(model_type.parameters(design), given),
        model(model_type.make({design, priors, none})),
        sampler(sampler_type.make(*model, Settings(sampler_type.settings, settings, sampler_name))),
        theta(static_cast<Eigen::Index>(model->layout().size())),
        stats(sampler->statistics().size()) {
    Rng rng({1, 0, Purpose::start});
    model->start(theta, rng);
  }

  /// Transition `number`; the first `warmup` of them are warm-up.
  void advance(std::size_t number, std::size_t warmup) {
    Rng rng({1, 0, number < warmup ? Purpose::warm_up : Purpose::draw, number});
    if (number < warmup) {
      sampler->warm_up(theta, stats, rng, {number, warmup});
    } else {
      sampler->step(theta, stats, rng);
    }
    if (number + 1 == warmup) sampler->end_warm_up();
  }

  const ModelType& model_type;
  const SamplerType& sampler_type;
  Settings none;
  Priors priors;
  std::unique_ptr<Model> model;
  std::unique_ptr<Sampler> sampler;
  Vector theta;
  std::vector<double> stats;
};

struct Case {
  std::string sampler;
  std::vector<std::string> settings;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.sampler << " " << list_of(c.settings);
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string target : {"target=full", "target=collapsed"}) {
    all.push_back({"slice", {target}});
    all.push_back({"metropolis", {target, "steps=3"}});
    all.push_back({"nuts", {target, "metric=diagonal"}});
    all.push_back({"nuts", {target, "metric=dense"}});
  }
  return all;
}

std::string message(const std::string& model, const Design& design,
                    const std::vector<std::string>& priors, const std::string& sampler,
                    const std::vector<std::string>& settings) {
  try {
    const Chain chain(model, design, priors, sampler, settings);
    return chain.sampler->plan();
  } catch (const UsageError& error) {
    return error.what();
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(a_chain_that_is_restored_anywhere_goes_on_with_the_same_bits,
                     boost::unit_test::data::make(cases())) {
  const Design data = design(true);
  constexpr std::size_t warmup = 160;  // three windows of the metric
  for (const std::size_t at : {1u, 18u, 50u, 110u, 160u, 170u}) {
    Chain through("random_intercept", data, {}, sample.sampler, sample.settings);
    Chain resumed("random_intercept", data, {}, sample.sampler, sample.settings);
    for (std::size_t i = 0; i < at; ++i) through.advance(i, warmup);
    resumed.theta = through.theta;
    resumed.sampler->restore(through.sampler->tuning());
    for (std::size_t i = at; i < 200; ++i) {
      through.advance(i, warmup);
      resumed.advance(i, warmup);
    }
    BOOST_TEST((through.theta == resumed.theta), "restored at " << at);
    BOOST_TEST(through.stats == resumed.stats);
    BOOST_TEST(through.sampler->tuning() == resumed.sampler->tuning());
  }
}

BOOST_AUTO_TEST_CASE(effects_move_in_units_of_their_sd_where_the_data_tell_little_of_each) {
  // Six groups of five rows with noise of 1. An sd of 0.2: 1 + n sd^2 / sigma^2 is 1.2; of 6: 180.
  const auto unit = [](double between, const std::string& prior, const std::string& effects) {
    const Design data = design(true);
    Vector y = data.all_rows().y;
    for (Eigen::Index i = 0; i < y.size(); ++i) y[i] += between * static_cast<double>(i % 6);
    const Design moved = with_response(data, y);
    Chain chain("random_intercept", moved, {"sd(g) ~ " + prior}, "nuts",
                {"target=full", "effects=" + effects});
    for (std::size_t i = 0; i < 400; ++i) chain.advance(i, 400);
    return chain.sampler->tuning().front();  // 0: the sd
  };
  BOOST_TEST(unit(-0.3, "half_normal(0.2)", "auto") == 0);
  BOOST_TEST(unit(3, "half_normal(9)", "auto") > 3);
  BOOST_TEST(unit(3, "half_normal(9)", "auto") < 12);
  BOOST_TEST(unit(3, "half_normal(9)", "non-centered") == 0);
  BOOST_TEST(unit(-0.3, "half_normal(0.2)", "centered") > 0.03);  // the sd at starts
  BOOST_TEST(unit(-0.3, "half_normal(0.2)", "centered") < 3);
}

BOOST_AUTO_TEST_CASE(former_names_of_the_parameterisations_are_taken_for_one_release) {
  const std::vector<Setting> declared{EffectUnits::setting()};
  const auto taken = [](const std::vector<Setting>& options, const std::string& value) {
    const std::vector<std::string> given{"effects=" + value};
    return Settings(options, given, "sampler 'nuts'").text("effects");
  };
  BOOST_TEST(taken(declared, "non-centered") == "non-centered");
  BOOST_TEST(taken(declared, "scaled") == "non-centered");
  BOOST_TEST(taken(declared, "centred") == "centered");
  BOOST_CHECK_EXCEPTION(taken(declared, "both"), UsageError, [](const UsageError& refused) {
    BOOST_TEST(refused.what() ==
               std::string("--set effects=both: 'effects' takes one of auto, centered and "
                           "non-centered"));
    return true;
  });
  // Another plugin's option of that name keeps its values.
  const std::vector<Setting> own{{"effects", "", std::string("none"), {"none", "scaled"}}};
  BOOST_TEST(taken(own, "scaled") == "scaled");
}

BOOST_AUTO_TEST_CASE(a_plan_says_what_moves) {
  const std::string model = "random_intercept";
  BOOST_TEST(message(model, design(true), {}, "nuts", {}) ==
             "NUTS on 2 marginal parameters, the rest given them");
  BOOST_TEST(message(model, design(true), {}, "nuts", {"target=full"}) == "NUTS on 10 parameters");
  BOOST_TEST(message(model, design(true), {"b ~ cauchy(0, 1)"}, "slice", {}) ==
             "slices on 10 parameters");
  BOOST_TEST(message("pooled", design(false), {}, "metropolis", {}) ==
             "random walk on 1 marginal parameter, the rest given it");
}

BOOST_AUTO_TEST_CASE(a_target_that_the_priors_rule_out_is_refused_in_words) {
  const std::vector<std::string> heavy{"b ~ cauchy(0, 1)"};
  const std::string refusal =
      "target=collapsed needs collapsed/1, which the model does not offer with these priors; leave "
      "it out, or set target=full";
  for (const std::string sampler : {"nuts", "slice", "metropolis"}) {
    BOOST_TEST(message("random_intercept", design(true), heavy, sampler, {"target=collapsed"}) ==
               refusal);
  }
}

BOOST_AUTO_TEST_CASE(where_nothing_is_left_to_move_draws_are_independent) {
  const std::vector<std::string> conjugate{"Intercept ~ scaled_normal(0, 2)",
                                           "b ~ scaled_normal(0, 1)", "sigma^2 ~ inv_gamma(4, 3)"};
  for (const std::string sampler : {"nuts", "slice", "metropolis"}) {
    BOOST_TEST(message("pooled", design(false), conjugate, sampler, {}) ==
               "all integrated out: independent draws");
    const Fitted fitted = fit(design(false), {.model = "pooled",
                                              .sampler = sampler,
                                              .priors = conjugate,
                                              .plan = {.warmup = 30, .draws = 5000, .seed = 4}});
    // The estimate of the effective size has a standard deviation of about 3 %.
    BOOST_TEST(fitted.at("sigma", "ess_bulk") > 0.9 * 20'000);
  }
}
