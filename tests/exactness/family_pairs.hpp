// Every family with each engine that takes it, on small data.
#pragma once

#include "pairs.hpp"

namespace tarn::test {

/// A family with priors under which its responses are not extreme.
struct FamilyPriors {
  std::string family;
  std::vector<std::string> priors = {};
  double trials = 0;
};

inline std::vector<FamilyPriors> families_with_priors() {
  return {{"bernoulli(logit)"},
          {"bernoulli(probit)"},
          {"bernoulli(cloglog)"},
          {"binomial(logit)", {}, 9},
          {"binomial(probit)", {}, 9},
          {"binomial(cloglog)", {}, 9},
          {"cumulative(logit)"},
          {"cumulative(probit)"},
          {"cumulative(cloglog)"},
          {"poisson"},
          {"negbinomial", {"shape ~ gamma(3, 1)"}},
          {"gamma", {"shape ~ gamma(3, 1)"}},
          {"beta", {"phi ~ gamma(5, 0.5)"}},
          {"student", {"sigma ~ gamma(3, 3)", "nu ~ gamma(4, 0.5)"}},
          {"zero_inflated_poisson", {"zi ~ beta(2, 4)"}},
          {"zero_inflated_negbinomial", {"shape ~ gamma(3, 1)", "zi ~ beta(2, 4)"}},
          {"hurdle_poisson", {"hu ~ beta(2, 4)"}},
          {"hurdle_negbinomial", {"shape ~ gamma(3, 1)", "hu ~ beta(2, 4)"}},
          {"hurdle_gamma", {"shape ~ gamma(3, 1)", "hu ~ beta(2, 4)"}},
          {"hurdle_lognormal", {"sigma ~ gamma(3, 3)", "hu ~ beta(2, 4)"}}};
}

/// Formulas for parameters; `few`: one engine for each of two families.
inline void add_predictors(bool few, std::vector<Pair>& all) {
  const auto add = [&](const std::string& family, const std::string& model,
                       const std::string& engine, const std::string& parameter, double middle,
                       bool groups) {
    Pair pair{family + ", " + parameter + (groups ? " ~ x1 + (1 | g), " : " ~ x1, ") + model +
                  ", " + engine,
              model,
              engine,
              {},
              {"Intercept ~ normal(0.3, 0.7)", "b ~ normal(0, 0.5)",
               "Intercept_" + parameter + " ~ normal(" + std::to_string(middle) + ", 0.4)",
               "b_" + parameter + " ~ normal(0, 0.4)"},
              small_data(model != "pooled" || groups),
              1,
              500,
              few ? std::size_t{100} : std::size_t{1000},
              family};
    if (model == "pooled") pair.data.level.clear();
    if (model != "pooled") pair.priors.emplace_back("sd(g) ~ half_normal(0.8)");
    if (groups) pair.priors.push_back("sd_" + parameter + "(g) ~ half_normal(0.5)");
    pair.predicted = parameter;
    pair.predicted_groups = groups;
    if (engine == "pivot") pair.thin = 2;
    if (engine == "nuts") {
      pair.settings = {"target=full", "target_accept=0.95"};
      pair.thin = 4;
      pair.replicates = few ? 100 : 200;
    }
    all.push_back(std::move(pair));
  };
  add("gaussian", "random_intercept", "collapsed", "sigma", -0.3, false);
  add("negbinomial", "pooled", "pivot", "shape", 1, false);
  if (few) return;
  add("gaussian", "pooled", "collapsed", "sigma", -0.3, false);
  add("gaussian", "random_intercept", "pivot", "sigma", -0.3, false);
  add("gaussian", "random_intercept", "nuts", "sigma", -0.3, false);
  add("gaussian", "random_intercept", "nuts", "sigma", -0.3, true);
  add("negbinomial", "pooled", "collapsed", "shape", 1, false);
  add("negbinomial", "random_intercept", "collapsed", "shape", 1, false);
  add("beta", "random_intercept", "pivot", "phi", 1.5, false);
  add("student", "random_intercept", "pivot", "sigma", -0.3, false);
  add("zero_inflated_poisson", "random_intercept", "pivot", "zi", -0.5, false);
  add("hurdle_gamma", "pooled", "collapsed", "hu", -0.5, false);
}

/// `few`: one engine for each family.
inline std::vector<Pair> family_pairs(bool few) {
  Data slopes = small_data(true);
  slopes.slopes = slopes.X.leftCols(1);
  Data crossed = small_data(true);
  for (std::size_t i = 0; i < crossed.level.size(); ++i) {
    crossed.other_level.push_back(static_cast<std::int32_t>(i % 4));
  }
  std::vector<Pair> all;
  for (const FamilyPriors& f : families_with_priors()) {
    const bool ordinal = f.family.starts_with("cumulative");
    const bool collapses = make_family(registry(), f.family)->log_concave();
    const auto add = [&](const std::string& model, const std::string& engine, const Data& data) {
      Pair pair{
          f.family + ", " + model + ", " + engine,
          model,
          engine,
          {},
          {ordinal ? "cut ~ normal(0, 1.2)" : "Intercept ~ normal(0.3, 0.7)", "b ~ normal(0, 0.5)"},
          data,
          1,
          500,
          few ? std::size_t{100} : std::size_t{1000},
          f.family,
          f.trials};
      const auto with = [&](const char* prior) { pair.priors.emplace_back(prior); };
      if (model != "pooled") with("sd(g) ~ half_normal(0.8)");
      if (model == "random_slope") with("cor(g) ~ lkj(2)");
      if (model == "crossed") with("sd(h) ~ half_normal(0.8)");
      pair.priors.insert(pair.priors.end(), f.priors.begin(), f.priors.end());
      if (engine == "pivot") pair.thin = 2;
      if (engine == "nuts") {
        pair.settings = {"target=full", "target_accept=0.95"};
        pair.thin = 4;
        pair.replicates = few ? 100 : 200;
      }
      if (!few && model != "pooled" && model != "random_intercept") pair.replicates = 200;
      all.push_back(std::move(pair));
    };
    if (few) {
      // What takes long to set up for each data set is left to the long run.
      const auto is = [&](const char* name) { return f.family == name; };
      if (is("cumulative(cloglog)")) continue;
      if (is("binomial(cloglog)")) {
        add("crossed", "pivot", crossed);
      } else if (is("hurdle_negbinomial") || is("zero_inflated_negbinomial")) {
        add("pooled", "pivot", small_data(false));
      } else {
        const bool quick =
            is("bernoulli(logit)") || is("poisson") || is("gamma") || is("cumulative(logit)");
        add("random_intercept", quick ? "collapsed" : "pivot", small_data(true));
      }
      continue;
    }
    if (collapses) add("random_intercept", "collapsed", small_data(true));
    add("pooled", "collapsed", small_data(false));
    add("pooled", "pivot", small_data(false));
    add("random_intercept", "pivot", small_data(true));
    add("random_slope", "pivot", slopes);
    add("crossed", "pivot", crossed);
    add("random_intercept", "nuts", small_data(true));
  }
  add_predictors(few, all);
  return all;
}

}  // namespace tarn::test
