// The exact engines of other families than the normal give the posterior that NUTS gives.
#define BOOST_TEST_MODULE family_engines
#include <cmath>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fit.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

struct Problem {
  std::string name, dataset, formula, family;
  std::vector<std::string> engines;
  std::vector<std::string> more = {};  // priors
  bool large = false;                  // a hundred times as many latents: few draws
};

std::ostream& operator<<(std::ostream& out, const Problem& p) { return out << p.name; }

const std::vector<std::string> one_factor{"collapsed", "pivot"};
const std::vector<std::string> also_laplace{"collapsed", "pivot", "laplace"};
const std::vector<Problem> problems = {
    {"Contraception", "Contraception",
     "use ~ I(age/10) + I(age^2/100) + urban + factor(livch) + (1 | district)", "bernoulli",
     also_laplace},
    {"cbpp", "cbpp", "incidence | trials(size) ~ factor(period) + (1 | herd)", "binomial",
     also_laplace},
    {"grouse, one factor", "grouseticks", "TICKS ~ factor(YEAR) + I(cHEIGHT/100) + (1 | BROOD)",
     "poisson", one_factor},
    {"grouse, three factors",
     "grouseticks",
     "TICKS ~ factor(YEAR) + I(cHEIGHT/100) + (1 | BROOD) + (1 | INDEX) + (1 | LOCATION)",
     "poisson",
     {"pivot"},
     {},
     true},
    {"VerbAgg",
     "VerbAgg",
     "r2 ~ I(Anger/10) + Gender + btype + situ + (1 | id) + (1 | item)",
     "bernoulli",
     {"pivot"},
     {},
     true},
    {"Contraception, slopes",
     "Contraception",
     "use ~ I(age/10) + urban + (1 + urban | district)",
     "bernoulli",
     {"pivot", "laplace"},
     {"cor(district) ~ lkj(2)"}},
    {"negative binomial",
     "negbinomial_groups",
     "y ~ x + (1 | g)",
     "negbinomial",
     one_factor,
     {"shape ~ gamma(2, 0.5)"}},
    {"beta", "beta_groups", "y ~ x + (1 | g)", "beta", {"pivot"}, {"phi ~ gamma(2, 0.2)"}}};

Design design_of(const Problem& p) {
  ParsedDesign parsed = make_design(
      p.formula, io::read_table(std::vector<std::string>{shared("datasets/" + p.dataset + ".csv")}),
      {.response = response_kind(registry(), p.family)});
  set_family(registry(), p.family, parsed.design, parsed.row_numbers);
  return parsed.design;
}

Fitted fitted(const Problem& p, const std::string& sampler, const RunPlan& plan) {
  const Design design = design_of(p);
  std::vector<std::string> priors{"Intercept ~ normal(0, 2.5)", "b ~ normal(0, 2.5)"};
  for (const Grouping& grouping : design.groupings) {
    priors.push_back("sd(" + grouping.name + ") ~ exponential(1)");
  }
  priors.insert(priors.end(), p.more.begin(), p.more.end());
  std::vector<std::string> settings;
  if (sampler == "laplace") settings = {"points=5000"};
  if (sampler == "nuts") settings = {"target=full", "target_accept=0.9"};
  return fit(design, {.model = registry().model_for(design).type->name,
                      .sampler = sampler,
                      .priors = priors,
                      .settings = settings,
                      .plan = plan});
}

/// Mean and sd of a parameter, with their Monte Carlo errors.
using Figures = std::map<std::string, std::array<double, 4>>;
constexpr std::array columns{"mean", "sd", "mcse_mean", "mcse_sd"};

/// All but effects, of which there are two of each factor.
Figures figures_of(const Fitted& fit) {
  Figures all;
  std::map<std::string, int> effects;
  for (const std::string& parameter : fit.table.rows) {
    if (parameter.starts_with("r_") && ++effects[parameter.substr(0, parameter.find('['))] > 2) {
      continue;
    }
    std::array<double, 4>& of = all[parameter];
    for (std::size_t c = 0; c < of.size(); ++c) of[c] = fit.at(parameter, columns[c]);
  }
  return all;
}

/// What NUTS on all of theta found, of 4 chains of 5000 draws each.
Figures stored(const std::string& problem) {
  const auto table = io::read_table(std::vector<std::string>{TARN_NUTS_FIGURES});
  const auto text = [&](const char* column, std::size_t i) {
    const Column& of = table->at(column);
    return of.levels[static_cast<std::size_t>(of.codes[i])];
  };
  Figures all;
  for (std::size_t i = 0; i < table->rows; ++i) {
    if (text("problem", i) != problem) continue;
    std::array<double, 4>& of = all[text("parameter", i)];
    for (std::size_t c = 0; c < of.size(); ++c) of[c] = table->at(columns[c]).numbers[i];
  }
  return all;
}

void same(const Figures& ours, const Figures& theirs, const std::string& engine) {
  BOOST_TEST(ours.size() == theirs.size());
  for (const auto& [parameter, a] : ours) {
    BOOST_TEST_REQUIRE(theirs.contains(parameter), parameter);
    const auto& b = theirs.at(parameter);
    // About 400 differences, each below 4.5 of its standard errors but for 7 in 1e6.
    for (std::size_t c : {0, 1}) {
      const double error = std::hypot(a[c + 2], b[c + 2]);
      BOOST_TEST(std::abs(a[c] - b[c]) < 4.5 * error,
                 engine << ", " << columns[c] << " of " << parameter << ": " << a[c]
                        << " instead of " << b[c] << ", " << (a[c] - b[c]) / error << " errors");
    }
  }
}

}  // namespace

// NUTS agrees to the figures stored. With TARN_NUTS=1 in the environment NUTS runs anew, for some
// minutes, and prints its figures as they are stored.
BOOST_DATA_TEST_CASE(engines_agree_with_nuts, boost::unit_test::data::make(problems), problem) {
  if (!reference_is_there(0)) return;
  Figures nuts;
  if (std::getenv("TARN_NUTS") != nullptr) {
    nuts = figures_of(
        fitted(problem, "nuts", {.chains = 4, .warmup = 1500, .draws = 5000, .seed = 5}));
    for (const auto& [parameter, of] : nuts) {
      fmt::print("\"{}\",\"{}\",{:.6g},{:.6g},{:.4g},{:.4g}\n", problem.name, parameter, of[0],
                 of[1], of[2], of[3]);
    }
  } else {
    nuts = stored(problem.name);
  }
  for (const std::string& engine : problem.engines) {
    const bool few = problem.large && std::getenv("TARN_SOAK") == nullptr;
    const RunPlan plan{.chains = few ? std::size_t{2} : std::size_t{4},
                       .warmup = few ? std::size_t{150} : std::size_t{500},
                       .draws = few ? std::size_t{400} : std::size_t{2500},
                       .seed = 6};
    const Fitted fit = fitted(problem, engine, plan);
    if (!few) BOOST_TEST(fit.called_good(), engine);
    same(figures_of(fit), nuts, engine);
  }
}
