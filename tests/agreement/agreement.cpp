// Every sampler that fits a model gives the same posterior.
#define BOOST_TEST_MODULE agreement
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "problems.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// A sampler, and draws enough for its errors to be those that it reports.
struct Kernel {
  std::string sampler;
  std::vector<std::string> settings;
  std::size_t draws;
  std::size_t thin = 1;
  std::vector<std::string> only = {};  // the problems that it can solve in seconds
};

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all{
      {"gibbs", {}, 5000, 4},
      {"gibbs", {"scheme=plain"}, 5000, 20},
      {"nuts", {"target=full"}, 4000},
      {"nuts", {"target=collapsed"}, 4000},
      {"slice", {"target=collapsed"}, 4000},
      {"slice", {"target=full"}, 5000, 2, {"a slope alone", "group variances, conjugate"}},
      {"metropolis", {"target=collapsed"}, 5000, 20},
      {"metropolis", {"target=full", "steps=100"}, 1000}};
  return all;
}

std::vector<Problem> problems() {
  const std::vector<std::string> coefficients{"Intercept ~ normal(0, 10)", "b ~ normal(0, 5)"};
  const auto means = [&](std::vector<std::string> more) {
    more.insert(more.begin(), coefficients.begin(), coefficients.end());
    return more;
  };
  const auto plus = [&](std::vector<std::string> more) {
    more.emplace_back("sigma ~ half_normal(2)");
    return means(more);
  };
  const Data intercepts = simulated_groups(8, 15, 1, 0);
  const Data slopes = simulated_groups(12, 10, 2, 1);
  Data independent = slopes;
  independent.correlated = false;
  Data one = slopes;
  one.group_intercept = false;
  Data crossed = intercepts;
  Data nested = slopes;
  nested.correlated = false;
  for (std::size_t i = 0; i < crossed.level.size(); ++i) {
    crossed.other_level.push_back(static_cast<std::int32_t>(i % 5));
    nested.other_level.push_back(nested.level[i] % 4);
  }
  const std::string model = "random_slope";
  return {
      {"random intercept, half-normal", "random_intercept", design_of(intercepts),
       plus({"sd(g) ~ half_normal(5)"})},
      {"random intercept, conjugate",
       "random_intercept",
       design_of(intercepts),
       {"Intercept ~ scaled_normal(0, 10)", "b ~ scaled_normal(0, 10)", "sigma^2 ~ inv_gamma(2, 1)",
        "sd(g)^2 ~ inv_gamma(2, 1)"}},
      {"random intercept, uniform", "random_intercept", design_of(intercepts),
       plus({"sd(g) ~ uniform(0, 5)"})},
      {"slopes, LKJ and half-t", model, design_of(slopes),
       plus({"cor(g) ~ lkj(2)", "sd(g) ~ half_student_t(3, 0, 2.5)"})},
      {"slopes, LKJ and uniform", model, design_of(slopes), plus({"sd(g) ~ uniform(0, 5)"})},
      {"slopes, inverse Wishart", model, design_of(slopes), plus({"cov(g) ~ inv_wishart(4, 1)"})},
      {"independent slopes", model, design_of(independent), plus({"sd(g) ~ half_normal(2)"})},
      {"a slope alone", model, design_of(one), plus({"sd(g) ~ half_cauchy(1)"})},
      {"crossed factors", "crossed", design_of(crossed),
       plus({"sd(g) ~ half_normal(5)", "sd(h) ~ half_cauchy(1)"})},
      {"nested factors, a slope", "crossed", design_of(nested),
       plus({"sd(g) ~ half_normal(5)", "sd(h)^2 ~ inv_gamma(2, 1)"})},
      {"group variances, estimated", "group_variance", design_of(intercepts),
       means(
           {"shape(g) ~ gamma(2, 0.2)", "typical(g) ~ half_normal(2)", "sd(g) ~ half_normal(5)"})},
      {"group variances, conjugate", "group_variance", design_of(intercepts),
       means({"sigma(g)^2 ~ inv_gamma(3, 2)", "sd(g)^2 ~ inv_gamma(2, 1)"})},
      {"group variances, slopes", "group_variance", design_of(slopes),
       means({"sigma(g) ~ gamma(4, 4)", "cov(g) ~ inv_wishart(4, 1)"})}};
}

std::vector<std::string> looked_at(const Fitted& fitted) {
  std::vector<std::string> names;
  int effects = 0;
  for (const std::string& name : fitted.table.rows) {
    if (!name.starts_with("r_") || effects++ < 4) names.push_back(name);
  }
  return names;
}

void agree(const Fitted& a, const Fitted& b, const std::string& by) {
  for (const std::string& name : looked_at(a)) {
    for (const auto& [figure, error] : {std::pair{"mean", "mcse_mean"},
                                        {"sd", "mcse_sd"},
                                        {"q5", "mcse_q5"},
                                        {"q95", "mcse_q95"}}) {
      const double both = std::hypot(a.at(name, error), b.at(name, error));
      const double z = (a.at(name, figure) - b.at(name, figure)) / both;
      // 4.5 standard errors of the difference: 7e-6 for each of some 2000 comparisons.
      BOOST_TEST(std::abs(z) < 4.5, by << ", " << name << " " << figure << ": "
                                       << b.at(name, figure) << " against " << a.at(name, figure)
                                       << ", z = " << z);
    }
  }
}

/// Whether the kernel is made for the problem, and its model offers what the kernel moves.
bool takes(const Problem& problem, const Kernel& kernel) {
  if (!kernel.only.empty() && std::ranges::find(kernel.only, problem.name) == kernel.only.end()) {
    return false;
  }
  const auto offers = [&](std::string_view capability) {
    const auto& all = registry().model(problem.model).type->offers;
    return std::ranges::find(all, capability) != all.end();
  };
  if (kernel.settings.empty() || kernel.settings.front() != "target=collapsed") return true;
  return offers(kernel.sampler == "nuts" ? CollapsedGradient::id : Collapsed::id);
}

}  // namespace

BOOST_DATA_TEST_CASE(all_samplers_agree, boost::unit_test::data::make(problems()), problem) {
  const auto by = [&](const Kernel& kernel) {
    return fit(
        problem.design,
        {.model = problem.model,
         .sampler = kernel.sampler,
         .priors = problem.priors,
         .settings = kernel.settings,
         .plan = {
             .chains = 4, .warmup = 1000, .draws = kernel.draws, .thin = kernel.thin, .seed = 7}});
  };
  // Variances of groups do not integrate out: there the blocked sweeps are the nearest to exact.
  const bool has_exact = takes(problem, {"slice", {"target=collapsed"}, 0});
  const Fitted exact =
      by(has_exact ? Kernel{"collapsed", {}, 10'000} : Kernel{"gibbs", {}, 10'000, 4});
  for (const Kernel& kernel : kernels()) {
    if (!takes(problem, kernel)) continue;
    std::string name = kernel.sampler;
    for (const std::string& setting : kernel.settings) name += " " + setting;
    agree(exact, by(kernel), name);
  }
}
