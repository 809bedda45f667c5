// The pairs of model and sampler that are proven exact, each with several families of priors.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/family.hpp"

namespace tarn::test {

struct Pair {
  std::string name;
  std::string model;
  std::string sampler;
  std::vector<std::string> settings;
  std::vector<std::string> priors;
  Data data;
  std::size_t thin;        // transitions per draw, enough to make draws nearly independent
  std::size_t iterations;  // of Geweke's test
  std::size_t replicates;  // of the calibration
  std::string family = "gaussian";
  double trials = 0;           // of each row; 0: none
  std::string predicted = {};  // a parameter with the formula ~ x1, or with groups ~ x1 + (1 | g)
  bool predicted_groups = false;

  friend std::ostream& operator<<(std::ostream& out, const Pair& pair) { return out << pair.name; }
};

/// The same with a formula for a parameter.
inline Design with_predictor(const Pair& pair, const Design& design) {
  Data of_parameter{pair.data.X.leftCols(1), pair.data.y};
  if (pair.predicted_groups) of_parameter.level = pair.data.level;
  const Design own = design_of(of_parameter);
  Rows rows = design.all_rows();
  rows.predictors.push_back(own.all_rows());
  Design result = design.with_rows(std::make_shared<MatrixRows>(std::move(rows)));
  result.predictors.push_back(own);
  result.predictors.back().parameter = pair.predicted;
  return result;
}

inline Design design_of(const Pair& pair) {
  if (!pair.predicted.empty()) {
    Pair plain = pair;
    plain.predicted.clear();
    return with_predictor(pair, design_of(plain));
  }
  Data data = pair.data;
  data.cuts = pair.family.starts_with("cumulative");
  data.intercept = data.intercept && !data.cuts;
  for (Eigen::Index i = 0; data.cuts && i < data.y.size(); ++i) data.y[i] = double(1 + i % 4);
  Design design = design_of(data);
  if (pair.family == "gaussian") return design;
  if (data.cuts) design.categories = {"1", "2", "3", "4"};
  design.family_name = pair.family.substr(0, pair.family.find('('));
  design.family = make_family(registry(), pair.family);
  if (pair.trials == 0) return design;
  design.has_trials = true;
  Rows rows = design.all_rows();
  rows.trials = Vector::Constant(rows.y.size(), pair.trials);
  return design.with_rows(std::make_shared<MatrixRows>(std::move(rows)));
}

/// Covariates (one of them off centre), groups of unequal size. The response is replaced.
inline Data small_data(bool groups) {
  Rng rng({20, 0, Purpose::test});
  const Eigen::Index n = 24;
  Data data{Matrix(n, 2), Vector(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    data.X(i, 0) = 2 + rng.normal();
    data.X(i, 1) = rng.uniform() < 0.5 ? 0 : 1;
    data.y[i] = rng.normal();
  }
  const std::vector<std::int32_t> sizes{1, 2, 4, 4, 6, 7};
  if (groups) {
    for (std::size_t j = 0; j < sizes.size(); ++j) {
      data.level.insert(data.level.end(), static_cast<std::size_t>(sizes[j]),
                        static_cast<std::int32_t>(j));
    }
  }
  return data;
}

/// Groups with variances of their own: of an estimated population, or of a given one.
inline void add_group_variances(std::vector<Pair>& all) {
  const std::string model = "group_variance";
  Data slopes = small_data(true);
  slopes.slopes = slopes.X.leftCols(1);
  slopes.center_groups = true;
  const std::vector<std::string> usual{"Intercept ~ normal(1, 2)", "b ~ normal(0, 1)",
                                       "sd(g) ~ half_normal(1)"};
  const std::vector<std::string> off_zero{"Intercept ~ normal(0, 1)", "b ~ normal(0, 1)",
                                          "sd(g)^2 ~ inv_gamma(3, 2)"};
  struct Case {
    std::string priors_in_words;
    std::vector<std::string> priors;
    std::vector<std::string> more;
    Data data;
    bool walks;  // all of theta moves: priors that keep the variances off zero
  };
  const std::vector<Case> cases{
      {"estimated",
       usual,
       {"shape(g) ~ gamma(6, 2)", "typical(g) ~ half_normal(1)"},
       small_data(true),
       false},
      {"estimated, off zero",
       off_zero,
       {"shape(g) ~ gamma(6, 2)", "typical(g)^2 ~ inv_gamma(4, 3)"},
       small_data(true),
       true},
      {"estimated shape and scale, heavy tails",
       {"Intercept ~ student_t(3, 0, 1)", "b ~ cauchy(0, 0.5)", "sd(g) ~ half_cauchy(0.5)"},
       {"shape(g) ~ gamma(6, 2)", "scale(g) ~ gamma(6, 2)"},
       small_data(true),
       false},
      {"inverse gamma, off zero",
       off_zero,
       {"sigma(g)^2 ~ inv_gamma(4, 3)"},
       small_data(true),
       true},
      {"sliced, slopes", usual, {"sigma(g) ~ gamma(3, 3)", "cor(g) ~ lkj(2)"}, slopes, false}};
  for (const Case& c : cases) {
    std::vector<std::string> priors = c.priors;
    priors.insert(priors.end(), c.more.begin(), c.more.end());
    const auto add = [&](const std::string& sampler, const std::vector<std::string>& settings,
                         const std::string& in_words, std::size_t thin, std::size_t iterations,
                         std::size_t replicates) {
      all.push_back({model + ", " + in_words + ", " + c.priors_in_words, model, sampler, settings,
                     priors, c.data, thin, iterations, replicates});
    };
    add("gibbs", {}, "gibbs", 4, 40'000, 1000);
    add("gibbs", {"scheme=plain"}, "plain gibbs", 30, 40'000, 300);
    if (!c.walks) continue;
    add("nuts", {"target=full", "target_accept=0.9"}, "nuts", 6, 20'000, 200);
    add("slice", {"target=full"}, "slices", 8, 20'000, 200);
    add("metropolis", {"target=full", "steps=50"}, "random walk", 4, 20'000, 200);
  }
}

inline std::vector<Pair> pairs() {
  const std::vector<std::string> conjugate{"Intercept ~ scaled_normal(0, 2)",
                                           "b ~ scaled_normal(0, 1)", "sigma^2 ~ inv_gamma(4, 3)"};
  const std::vector<std::string> usual{"Intercept ~ normal(1, 2)", "b ~ normal(0, 1)",
                                       "sigma ~ half_normal(1)"};
  const std::vector<std::string> heavy{"Intercept ~ student_t(3, 0, 1)", "b ~ cauchy(0, 0.5)",
                                       "sigma ~ half_student_t(4, 0, 1)"};
  const std::vector<std::string> sliced{"Intercept ~ uniform(-2, 3)", "b[x1] ~ gamma(2, 2)",
                                        "b[x2] ~ normal(0, 1)", "sigma ~ gamma(3, 3)"};
  const auto plus = [](std::vector<std::string> all, const std::string& one) {
    all.push_back(one);
    return all;
  };

  Data known = small_data(true);
  known.se = Vector::LinSpaced(known.y.size(), 0.3, 1.5);
  Data raw = small_data(true);
  raw.center = false;

  Data slopes = small_data(true);
  slopes.slopes = slopes.X.leftCols(1);
  Data centred = slopes;
  centred.center_groups = true;
  Data independent = slopes;
  independent.correlated = false;
  Data alone = slopes;
  alone.group_intercept = false;
  Data crossed = small_data(true);
  Data nested = small_data(true);
  for (std::size_t i = 0; i < crossed.level.size(); ++i) {
    crossed.other_level.push_back(static_cast<std::int32_t>(i % 4));
    nested.other_level.push_back(nested.level[i] % 3);
  }
  Data with_slope = crossed;
  with_slope.slopes = slopes.slopes;
  with_slope.center_groups = true;

  const std::string group = "random_intercept";
  const std::string slope = "random_slope";
  const std::string both = "crossed";
  const auto with = [](std::vector<std::string> all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  struct Case {
    std::string priors_in_words;
    std::string model;
    std::vector<std::string> priors;
    Data data;
    bool gaussian;  // all coefficients can be integrated out
  };
  const std::vector<Case> cases{
      {"conjugate", "pooled", conjugate, small_data(false), true},
      {"normal", "pooled", usual, small_data(false), true},
      {"heavy tails", "pooled", heavy, small_data(false), false},
      {"sliced", "pooled", sliced, small_data(false), false},
      {"conjugate", group, plus(conjugate, "sd(g)^2 ~ inv_gamma(3, 2)"), small_data(true), true},
      {"half-normal", group, plus(usual, "sd(g) ~ half_normal(1)"), small_data(true), true},
      {"heavy tails", group, plus(heavy, "sd(g) ~ half_cauchy(0.5)"), small_data(true), false},
      {"sliced", group, plus(sliced, "sd(g) ~ uniform(0, 2)"), small_data(true), false},
      {"not centred", group, plus(usual, "sd(g) ~ exponential(1)"), raw, true},
      {"known errors",
       group,
       {"Intercept ~ normal(0, 1)", "b ~ normal(0, 1)", "sd(g) ~ half_cauchy(1)"},
       known,
       true},
      {"LKJ and half-normal", slope, with(usual, {"sd(g) ~ half_normal(1)", "cor(g) ~ lkj(2)"}),
       slopes, true},
      {"LKJ and heavy tails", slope,
       with(heavy, {"sd(g) ~ half_student_t(4, 0, 0.5)", "cor(g) ~ lkj(1)"}), slopes, false},
      {"inverse Wishart", slope, with(conjugate, {"cov(g) ~ inv_wishart(7, 3)"}), slopes, true},
      {"inverse Wishart at the means", slope, with(conjugate, {"cov(g) ~ inv_wishart(7, 3)"}),
       centred, true},
      {"LKJ at the means", slope, with(heavy, {"sd(g) ~ half_normal(1)", "cor(g) ~ lkj(2)"}),
       centred, false},
      {"independent, sliced", slope,
       with(sliced, {"sd(g, Intercept) ~ uniform(0, 2)", "sd(g, z1)^2 ~ inv_gamma(3, 2)"}),
       independent, false},
      {"a slope alone", slope, plus(usual, "sd(g) ~ exponential(1)"), alone, true},
      {"two factors", both, with(usual, {"sd(g) ~ half_normal(1)", "sd(h) ~ half_normal(1)"}),
       crossed, true},
      {"nested, conjugate", both,
       with(conjugate, {"sd(g)^2 ~ inv_gamma(3, 2)", "sd(h)^2 ~ inv_gamma(3, 2)"}), nested, true},
      {"slopes and another factor", both,
       with(heavy, {"cov(g) ~ inv_wishart(7, 3)", "sd(h) ~ uniform(0, 2)"}), with_slope, false}};

  std::vector<Pair> all;
  for (const Case& c : cases) {
    const auto add = [&](const std::string& sampler, const std::vector<std::string>& settings,
                         const std::string& in_words, std::size_t thin, std::size_t iterations,
                         std::size_t replicates = 1000) {
      all.push_back({c.model + ", " + in_words + ", " + c.priors_in_words, c.model, sampler,
                     settings, c.priors, c.data, thin, iterations, replicates});
    };
    if (c.model == slope || c.model == both) {  // whose sweeps take ten times as long
      add("gibbs", {}, "gibbs", 8, 10'000, 200);
      add("gibbs", {"scheme=plain"}, "plain gibbs", 15, 10'000, 200);
      // Each data set costs a mixture: the prior is far from the posterior of so few draws.
      if (c.gaussian) add("collapsed", {}, "collapsed", 1, 400, 200);
      if (c.gaussian && c.model == slope) {
        add("nuts", {"target=collapsed"}, "nuts on kept", 3, 5'000, 200);
      }
      // One case stands for all, as below.
      if (c.priors_in_words == "LKJ and half-normal" || c.priors_in_words == "two factors") {
        add("slice", {"target=collapsed"}, "slices of kept", 2, 5'000, 200);
        add("metropolis", {"target=collapsed", "steps=20"}, "random walk on kept", 2, 5'000, 200);
      }
      if (c.priors_in_words.starts_with("inverse Wishart") ||
          c.priors_in_words == "nested, conjugate") {
        add("nuts", {"target=full", "target_accept=0.9"}, "nuts", 6, 5'000, 200);
      }
      continue;
    }
    add("gibbs", {}, "gibbs", 8, 40'000);
    add("gibbs", {"scheme=plain"}, "plain gibbs", 30, 40'000);
    // Each data set costs a grid, but successive draws are nearly independent.
    if (c.gaussian) add("collapsed", {}, "collapsed", 2, 5'000);

    // What these do to a density does not depend on the family of its priors, so a few cases stand
    // for all; and they take many densities for a draw, so there are fewer replicates. All of theta
    // moves where the priors keep sigma off zero: near it the data pin everything, and one tuning
    // for all data takes too long to go there and back.
    const auto is = [&](const char* words) { return c.priors_in_words == words; };
    if (is("conjugate") || is("sliced")) {
      add("nuts", {"target=full", "target_accept=0.9"}, "nuts", 6, 20'000, 200);
      add("slice", {"target=full"}, "slices", 8, 20'000, 200);
      add("metropolis", {"target=full", "steps=50"}, "random walk", 4, 20'000, 200);
    }
    if (is("conjugate") || is("normal") || is("half-normal")) {
      add("nuts", {"target=collapsed"}, "nuts on kept", 3, 20'000, 200);
      add("slice", {"target=collapsed"}, "slices of kept", 2, 20'000, 200);
      add("metropolis", {"target=collapsed", "steps=10"}, "random walk on kept", 2, 20'000, 200);
    }
  }
  add_group_variances(all);
  return all;
}

}  // namespace tarn::test
