// The sampler laplace: exact where the approximation is, marked where it is not, never chosen.
#define BOOST_TEST_MODULE laplace
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "family_groups.hpp"
#include "fit.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

FamilyCase family(const std::string& name) {
  for (const FamilyCase& one : family_cases()) {
    if (one.name() == name) return one;
  }
  throw std::out_of_range("no family " + name);
}

const std::vector<std::string> priors{"Intercept ~ normal(0, 2)", "b ~ normal(0, 1)",
                                      "sd(g) ~ half_normal(1)"};

Fitted by(const std::string& sampler, const Design& design, std::vector<std::string> more,
          const std::vector<std::string>& settings = {}, std::uint64_t seed = 1) {
  more.insert(more.end(), priors.begin(), priors.end());
  return fit(design, {.model = registry().model_for(design).type->name,
                      .sampler = sampler,
                      .priors = more,
                      .settings = settings,
                      .plan = {.chains = 4, .warmup = 200, .draws = 2000, .seed = seed}});
}

/// Every mean and sd within 4.5 of its standard errors: 100 of them stray farther 7 times in
/// 10,000.
void same(const Fitted& a, const Fitted& b) {
  for (const std::string& parameter : a.table.rows) {
    for (const std::string column : {"mean", "sd"}) {
      const double error =
          std::hypot(a.at(parameter, "mcse_" + column), b.at(parameter, "mcse_" + column));
      const double difference = a.at(parameter, column) - b.at(parameter, column);
      BOOST_TEST(std::abs(difference) < 4.5 * error,
                 column << " of " << parameter << ": " << difference / error << " errors");
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(
    rows_that_are_normal_in_the_predictor_leave_only_the_hyperparameters_to_weigh) {
  const Design design = family_design({.family = family("lognormal"), .seed = 3});
  same(by("laplace", design, {"sigma ~ half_normal(1)"}, {"points=4000"}),
       by("pivot", design, {"sigma ~ half_normal(1)"}));
}

BOOST_AUTO_TEST_CASE(weights_give_the_posterior_where_k_is_small) {
  const Design design = family_design(
      {.family = family("binomial"), .sizes = {9, 11, 13, 15, 17, 19}, .slopes = true, .seed = 4});
  same(by("laplace", design, {"cor(g) ~ lkj(2)"}, {"points=4000"}),
       by("pivot", design, {"cor(g) ~ lkj(2)"}));
}

BOOST_AUTO_TEST_CASE(draws_are_called_good_only_where_they_are_reweighted) {
  const Design many =
      family_design({.family = family("binomial"), .sizes = {9, 11, 13, 15, 17, 19}, .seed = 4});
  BOOST_TEST(by("laplace", many, {}).called_good());
  // One effect for each row of small counts.
  const Design single = family_design({.family = family("poisson"),
                                       .sizes = std::vector<int>(120, 1),
                                       .sd = 1.5,
                                       .intercept = -0.5,
                                       .seed = 5});
  const Fitted marked = by("laplace", single, {});
  BOOST_TEST(!marked.called_good());
  BOOST_TEST_REQUIRE(marked.findings.size() == 1);
  BOOST_TEST(marked.findings.front().sentence.find("not reweighted: k-hat ") != std::string::npos,
             marked.findings.front().sentence);
}

BOOST_AUTO_TEST_CASE(another_seed_has_other_points) {
  const Design design = family_design({.family = family("poisson"), .seed = 6});
  const auto distinct = [](const Fitted& fit) {
    const Vector sd = fit.column("sd_g[Intercept]");
    std::vector<double> values(sd.begin(), sd.end());
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
  };
  const auto one = distinct(by("laplace", design, {}, {"points=100"}, 1));
  const auto other = distinct(by("laplace", design, {}, {"points=100"}, 2));
  // Four chains of 100 points each; half of them at least weigh something.
  BOOST_TEST(one.size() > 200);
  BOOST_TEST(one.size() <= 400);
  std::vector<double> both;
  std::ranges::set_intersection(one, other, std::back_inserter(both));
  BOOST_TEST(both.empty());
}

BOOST_AUTO_TEST_CASE(it_is_never_chosen) {
  const Design design = family_design({.family = family("poisson"), .crossed = true});
  const ModelType& type = *registry().model_for(design).type;
  const ModelType model = narrowed(type, design, Priors(type.parameters(design), {}));
  BOOST_TEST(registry().samplers_fitting(model).back() == "laplace");
  ModelType only = model;
  only.offers = {std::string(Pivot::id)};
  BOOST_TEST(registry().sampler_for(only).type->name == "pivot");
}

BOOST_AUTO_TEST_CASE(without_a_warm_up_there_are_no_points) {
  const Design design = family_design({.family = family("poisson")});
  const auto run = [&] {
    fit(design, {.sampler = "laplace", .plan = {.chains = 2, .warmup = 0, .draws = 10}});
  };
  BOOST_CHECK_EXCEPTION(run(), std::runtime_error, [](const std::runtime_error& error) {
    return std::string(error.what())
               .find(
                   "laplace draws its points in the first transition of the warm-up, and there is "
                   "none; "
                   "take --warmup 1") != std::string::npos;
  });
}
