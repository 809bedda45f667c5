// Problems of the kinds that samplers get wrong, each as a formula over a table and as a dense
// model.
#pragma once

#include <algorithm>
#include <numeric>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "dense_reference.hpp"
#include "tarn/table.hpp"

namespace tarn::test {

struct RandomProblem {
  std::string name;
  std::string model;
  std::string formula;
  std::vector<std::string> priors;
  Table table;
  DenseModel dense;
  double size = 1;  // of the response

  friend std::ostream& operator<<(std::ostream& out, const RandomProblem& p) {
    return out << p.name;
  }
};

using Levels = std::vector<std::int32_t>;

inline Column numbers(const std::string& name, const Vector& values) {
  return {.name = name, .numbers = {values.begin(), values.end()}};
}

inline Column labels(const std::string& name, const Levels& level) {
  Column column{.name = name, .is_text = true};
  std::vector<std::int32_t> seen;
  for (const std::int32_t l : level) {
    auto at = std::ranges::find(seen, l);
    if (at == seen.end()) {
      column.levels.push_back(name + std::to_string(l));
      at = seen.insert(seen.end(), l);
    }
    column.codes.push_back(static_cast<std::int32_t>(at - seen.begin()));
  }
  return column;
}

/// Makes problem `number`; its kind is number % 10.
class RandomProblemMaker {
 public:
  explicit RandomProblemMaker(std::size_t number)
      : number_(number), rng_({91, 0, Purpose::test, number}) {}

  RandomProblem make() {
    static constexpr void (RandomProblemMaker::*kinds[])() = {
        &RandomProblemMaker::conflicting_coefficients, &RandomProblemMaker::two_groups,
        &RandomProblemMaker::one_row_per_group,        &RandomProblemMaker::no_group_effect,
        &RandomProblemMaker::huge_group_effect,        &RandomProblemMaker::dependent_slopes,
        &RandomProblemMaker::conflicting_scales,       &RandomProblemMaker::three_nested_levels,
        &RandomProblemMaker::extreme_weights,          &RandomProblemMaker::variances_of_groups};
    (this->*kinds[number_ % 10])();
    problem_.name = std::to_string(number_) + ": " + problem_.name;
    DenseModel& d = problem_.dense;
    if (d.weight.size() == 0) d.weight = Vector::Ones(d.y.size());
    if (d.sigma_of.empty()) d.sigma_of.assign(static_cast<std::size_t>(d.y.size()), 0);
    for (Eigen::Index k = 0; k < d.X.cols(); ++k) {
      problem_.priors.push_back(fmt::format("{} ~ normal({}, {})", k == 0 ? "Intercept" : "b[x]",
                                            d.prior_mean[k], d.prior_sd[k]));
    }
    problem_.table.rows = problem_.table.columns.front().numbers.size();
    problem_.table.source = "made up";
    return std::move(problem_);
  }

 private:
  double between(double low, double high) { return low + (high - low) * rng_.uniform(); }
  int whole(int low, int high) { return low + static_cast<int>(rng_.uniform() * (high - low + 1)); }
  Vector normals(Eigen::Index n, double sd) {
    Vector x(n);
    for (double& v : x) v = sd * rng_.normal();
    return x;
  }

  ScalePrior any(double scale) {
    switch (whole(0, 3)) {
      case 0:
        return {"half_normal", scale};
      case 1:
        return {"exponential", 1 / scale};
      case 2:
        return {"gamma", 2, 2 / scale};
      default:
        return {"uniform", 0, 3 * scale};
    }
  }

  Levels groups(int count, int rows) {
    Levels level;
    for (int j = 0; j < count; ++j) {
      for (int i = 0; i < rows + (j % 2); ++i) level.push_back(j);
    }
    return level;
  }

  /// y = 1 + (x +) effects + noise; columns, coefficients and their priors.
  void begin(const Vector& y, bool covariate, const Vector& x = {}) {
    DenseModel& d = problem_.dense;
    d.y = y;
    d.X = Matrix::Ones(y.size(), covariate ? 2 : 1);
    d.coefficients = {"b[Intercept]"};
    problem_.table.columns = {numbers("y", y)};
    if (covariate) {
      d.X.col(1) = x;
      d.coefficients.emplace_back("b[x]");
      problem_.table.columns.push_back(numbers("x", x));
    }
    d.prior_mean = Vector::Zero(d.X.cols());
    d.prior_sd = Vector::Constant(d.X.cols(), 5 * problem_.size);
  }

  Vector centred(Eigen::Index n) {
    Vector x = normals(n, 1);
    x.array() -= x.mean();
    return x;
  }

  std::size_t add(const std::string& name, const std::string& key, const ScalePrior& prior) {
    problem_.dense.hypers.push_back({name, prior});
    problem_.priors.push_back(prior.text(key));
    return problem_.dense.hypers.size() - 1;
  }

  void add_intercepts(const std::string& g, const Levels& level, const ScalePrior& prior) {
    const std::size_t sd = add("sd_" + g + "[Intercept]", "sd(" + g + ")", prior);
    problem_.dense.factors.push_back(
        {level, Matrix::Ones(static_cast<Eigen::Index>(level.size()), 1), {sd}});
    problem_.table.columns.push_back(labels(g, level));
  }

  Vector with_effects(const Levels& level, double sd, double sigma, const Vector& x = {}) {
    const Vector effect = normals(1 + *std::ranges::max_element(level), sd);
    Vector y = normals(static_cast<Eigen::Index>(level.size()), sigma).array() + 1;
    for (std::size_t i = 0; i < level.size(); ++i) {
      y[static_cast<Eigen::Index>(i)] += effect[level[i]];
    }
    if (x.size() > 0) y += 0.5 * x;
    return y;
  }

  void intercepts(const std::string& name, const Levels& level, double sd, double sigma,
                  const ScalePrior& of_sigma, const ScalePrior& of_sd) {
    problem_.name = name;
    problem_.model = "random_intercept";
    problem_.formula = "y ~ 1 + x + (1 | g)";
    problem_.size = std::max(sd, sigma);
    const Vector x = centred(static_cast<Eigen::Index>(level.size()));
    begin(with_effects(level, sd, sigma, x), true, x);
    add("sigma", "sigma", of_sigma);
    add_intercepts("g", level, of_sd);
  }

  void conflicting_coefficients() {
    problem_.name = "coefficients against strong priors";
    problem_.model = "pooled";
    problem_.formula = "y ~ 1 + x";
    const Vector x = centred(whole(5, 15));
    begin(Vector(normals(x.size(), 1) + x), true, x);
    problem_.dense.prior_mean << between(3, 6), between(-6, -3);
    problem_.dense.prior_sd << between(0.1, 0.5), between(0.1, 0.5);
    add("sigma", "sigma", any(between(0.5, 3)));
  }

  void two_groups() {
    intercepts("two groups", groups(2, whole(3, 8)), between(0.2, 3), 1, any(2), any(2));
  }

  void one_row_per_group() {
    problem_.name = "one row per group with known errors";
    problem_.model = "random_intercept";
    problem_.formula = "y | se(s) ~ 1 + (1 | g)";
    Levels level(static_cast<std::size_t>(whole(5, 15)));
    std::iota(level.begin(), level.end(), 0);
    Vector se(static_cast<Eigen::Index>(level.size()));
    for (double& s : se) s = between(0.3, 2);
    begin(Vector(normals(se.size(), between(0.1, 2)) + normals(se.size(), 1).cwiseProduct(se)),
          false);
    problem_.dense.se = se;
    problem_.table.columns.push_back(numbers("s", se));
    add_intercepts("g", level, any(2));
  }

  void no_group_effect() {
    intercepts("an sd near 0", groups(whole(5, 8), 3), 0, 1, any(2), any(between(0.5, 2)));
  }

  void huge_group_effect() {
    intercepts("a huge sd", groups(whole(4, 8), 3), 1000, 1, any(2), any(1000));
  }

  void dependent_slopes() {
    const double direction = number_ % 20 < 10 ? 1 : -1;
    problem_.name = "intercepts and slopes that correlate to about " + std::to_string(direction);
    problem_.model = "random_slope";
    problem_.formula = "y ~ 1 + x + (1 + x | g)";
    const Levels level = groups(whole(4, 6), 3);
    const Vector x = centred(static_cast<Eigen::Index>(level.size()));
    const Vector effect = normals(6, 1.5);
    Vector y = normals(x.size(), 0.7);
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      y[i] += effect[level[static_cast<std::size_t>(i)]] * (1 + direction * x[i]);
    }
    begin(y, true, x);
    add("sigma", "sigma", any(2));
    Matrix Z(x.size(), 2);
    Z << Vector::Ones(x.size()), x;
    const std::size_t a = add("sd_g[Intercept]", "sd(g, Intercept)", {"half_normal", 2});
    const std::size_t b = add("sd_g[x]", "sd(g, x)", {"exponential", 1});
    const double eta = number_ % 4 < 2 ? 1 : 2;
    problem_.dense.hypers.push_back({"cor_g[Intercept,x]", {"lkj", eta}, true});
    problem_.priors.push_back(fmt::format("cor(g) ~ lkj({})", eta));
    problem_.dense.factors.push_back({level, Z, {a, b}, 3});
    problem_.table.columns.push_back(labels("g", level));
  }

  void conflicting_scales() {
    intercepts("scales against strong priors", groups(whole(4, 7), 3), between(1, 3), 1,
               {"inv_gamma", between(3, 5), between(0.5, 20), true},
               {"gamma", between(20, 60), between(20, 60)});
  }

  void three_nested_levels() {
    problem_.name = "three nested levels";
    problem_.model = "crossed";
    problem_.formula = "y ~ 1 + (1 | t) + (1 | m) + (1 | l)";
    Levels t, m, l;
    for (int i = 0; i < 24; ++i) {
      t.push_back(i / 8), m.push_back(i / 4), l.push_back(i / 2);
    }
    Vector y = with_effects(t, between(0.1, 2), 0.7);
    y += with_effects(m, between(0.1, 1), 0.01) + with_effects(l, between(0, 0.5), 0.01);
    begin(y, false);
    add("sigma", "sigma", any(1));
    add_intercepts("t", t, any(1));
    add_intercepts("m", m, any(1));
    add_intercepts("l", l, any(1));
  }

  void extreme_weights() {
    problem_.name = "weights of 0 and 1e6";
    problem_.model = "random_intercept";
    problem_.formula = "y | weights(w) ~ 1 + (1 | g)";
    const Levels level = groups(whole(4, 6), 4);
    Vector y = with_effects(level, 1, 1);
    Vector w = Vector::Ones(y.size());
    w[1] = 0;
    w[6] = 1e6;
    w[9] = 0.5;
    begin(y, false);
    problem_.table.columns.push_back(numbers("w", w));
    add("sigma", "sigma", any(2));
    add_intercepts("g", level, any(2));
    w[1] = 1e-12;  // counts for nothing, and yet is a row
    problem_.dense.weight = w;
    drop_row(1);
  }

  /// A row that weighs nothing is not there.
  void drop_row(Eigen::Index row) {
    DenseModel& d = problem_.dense;
    const auto without = [row](const auto& from) {
      std::decay_t<decltype(from)> all(from.rows() - 1, from.cols());
      all << from.topRows(row), from.bottomRows(from.rows() - row - 1);
      return all;
    };
    d.y = without(d.y);
    d.X = without(d.X);
    d.weight = without(d.weight);
    for (FactorPart& f : d.factors) {
      f.Z = without(f.Z);
      f.level.erase(f.level.begin() + row);
    }
  }

  void variances_of_groups() {
    problem_.name = "a variance for each of two groups";
    problem_.model = "group_variance";
    problem_.formula = "y ~ 1 + (1 | g)";
    const Levels level = groups(2, whole(4, 8));
    Vector y = with_effects(level, 1, between(0.3, 2));
    begin(y, false);
    const ScalePrior prior{"inv_gamma", 3, between(0.5, 4), true};
    problem_.dense.hypers = {{"sigma_g[g0]", prior}, {"sigma_g[g1]", prior}};
    problem_.priors.push_back(prior.text("sigma(g)"));
    for (const std::int32_t l : level)
      problem_.dense.sigma_of.push_back(static_cast<std::size_t>(l));
    add_intercepts("g", level, any(2));
  }

  std::size_t number_;
  Rng rng_;
  RandomProblem problem_;
};

inline std::vector<RandomProblem> random_problems() {
  std::vector<RandomProblem> all;
  for (std::size_t k = 0; k < 40; ++k) all.push_back(RandomProblemMaker(k).make());
  return all;
}

}  // namespace tarn::test
