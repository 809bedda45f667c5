// Units and origins do not matter: response and covariates times any number give the same draws,
// times theirs, and covariates plus any number the same lines.
#define BOOST_TEST_MODULE equivariance
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fit.hpp"
#include "matrix_rows.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

struct Units {
  double y = 1;
  double x = 1;
  double origin = 0;  // added to x before it is multiplied

  friend std::ostream& operator<<(std::ostream& out, const Units& u) {
    return out << "y times " << u.y << ", x plus " << u.origin << " times " << u.x;
  }
};

/// A model over small data, in any units.
struct Case {
  std::string name;
  std::string model;
  Data data;
  bool scales = true;  // sigma, rather than variances of groups

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

  Design design(const Units& units) const {
    Data in_units = data;
    in_units.y *= units.y;
    in_units.X = units.x * (in_units.X.array() + units.origin);
    in_units.slopes = units.x * (in_units.slopes.array() + units.origin);
    return design_of(in_units);
  }

  std::vector<std::string> priors(const Units& u) const {
    std::vector<std::string> all{fmt::format("Intercept ~ normal(0, {})", 10 * u.y),
                                 fmt::format("b ~ student_t(5, 0, {})", 5 * u.y / u.x)};
    if (integrates()) all.back() = fmt::format("b ~ normal(0, {})", 5 * u.y / u.x);
    if (model == "pooled" || scales) all.push_back(fmt::format("sigma ~ half_normal({})", 2 * u.y));
    if (!scales) {
      all.emplace_back("shape(g) ~ gamma(4, 1)");
      all.push_back(fmt::format("typical(g) ~ half_normal({})", 2 * u.y));
    }
    if (model == "pooled") return all;
    all.push_back(fmt::format("sd(g, Intercept) ~ half_normal({})", 2 * u.y));
    if (data.slopes.size() > 0) {
      all.push_back(fmt::format("sd(g, z1) ~ half_normal({})", 2 * u.y / u.x));
    }
    if (!data.other_level.empty()) all.push_back(fmt::format("sd(h) ~ half_cauchy({})", u.y));
    return all;
  }

  /// Else all of theta moves.
  bool integrates() const { return name.find("heavy") == std::string::npos; }
};

std::vector<Case> cases() {
  Rng rng({95, 0, Purpose::test});
  Data data{Matrix(40, 1), Vector(40)};
  for (Eigen::Index i = 0; i < 40; ++i) {
    data.X(i, 0) = rng.normal();
    data.y[i] = 1 + 0.5 * data.X(i, 0) + 0.4 * static_cast<double>(i % 8) + rng.normal();
  }
  Data groups = data;
  for (std::int32_t i = 0; i < 40; ++i) groups.level.push_back(i % 8);
  Data slopes = groups;
  slopes.slopes = slopes.X;
  slopes.center_groups = true;
  Data crossed = groups;
  for (std::int32_t i = 0; i < 40; ++i) crossed.other_level.push_back(i % 5);
  Data both = slopes;
  both.other_level = crossed.other_level;
  return {{"pooled", "pooled", data},
          {"pooled, heavy tails", "pooled", data},
          {"random intercept", "random_intercept", groups},
          {"random intercept, heavy tails", "random_intercept", groups},
          {"random slope", "random_slope", slopes},
          {"random slope, heavy tails", "random_slope", slopes},
          {"crossed", "crossed", crossed},
          {"crossed with slopes", "crossed", both},
          {"group variance", "group_variance", groups, false},
          {"group variance with slopes", "group_variance", slopes, false}};
}

/// In which units an element is.
double unit_of(const std::string& name, const Units& u) {
  if (name.find("cor_") != name.npos || name.starts_with("shape")) return 1;
  if (name.starts_with("scale")) return u.y * u.y;
  return name.find("x1]") != name.npos || name.find("z1]") != name.npos ? u.y / u.x : u.y;
}

struct Kernel {
  std::string sampler;
  std::vector<std::string> settings;
};

/// Those that the case has, with what makes their draws nearly independent.
std::vector<Kernel> kernels(const Case& c) {
  std::vector<Kernel> all{{"gibbs", {}}, {"nuts", {}}, {"slice", {}}, {"metropolis", {"steps=50"}}};
  if (c.integrates() && c.scales) {
    all.push_back({"nuts", {"target=full"}});
    all.push_back({"collapsed", {}});
  }
  return all;
}

Fitted fitted(const Case& c, const Kernel& kernel, const Units& units, std::size_t warmup,
              std::size_t draws) {
  return fit(c.design(units),
             {.model = c.model,
              .sampler = kernel.sampler,
              .priors = c.priors(units),
              .settings = kernel.settings,
              .plan = {.chains = 4, .warmup = warmup, .draws = draws, .seed = 96}});
}

/// Draws in the units of the data as they are, intercepts where x was 0.
struct Quantities {
  std::vector<std::string> names;
  Matrix values;
  ReportTable table;

  Quantities(const Fitted& fitted, const Units& u) : values(fitted.draws.values().rows(), 0) {
    const Layout& layout = fitted.draws.layout();
    for (std::size_t block = 0; block < layout.blocks(); ++block) {
      if (layout.block(block).derived) continue;  // at an origin of its own
      for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
        if (!layout.block(block).is_own(e)) continue;
        const std::string name = layout.element_name(block, e);
        Vector x = fitted.column(name);
        if (const auto at = name.find("Intercept]"); at != name.npos && !name.starts_with("cen")) {
          const std::string slope = name.substr(0, at) + (name.starts_with("b") ? "x1]" : "z1]");
          if (has(layout, slope)) x += u.x * u.origin * fitted.column(slope);
        }
        names.push_back(name);
        values.conservativeResize(Eigen::NoChange, values.cols() + 1);
        values.rightCols(1) = x / unit_of(name, u);
      }
    }
    table = summarise(values, names, 4);
  }

  double at(std::size_t k, const std::string& column) const {
    const auto found = std::ranges::find(table.columns, column);
    return table.at(k, static_cast<std::size_t>(found - table.columns.begin()));
  }

 private:
  static bool has(const Layout& layout, const std::string& name) {
    for (std::size_t block = 0; block < layout.blocks(); ++block) {
      for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
        if (layout.element_name(block, e) == name) return true;
      }
    }
    return false;
  }
};

/// Units, and the origins that a case must bear.
std::vector<Units> units_of(const Case& c) {
  std::vector<Units> all{{1e-9, 1},   {1e12, 1},   {1, 1e-9},   {1, 1e12},       {1e12, 1e-9},
                         {1e-4, 1e6}, {1e6, 1e-4}, {1, 1, 1e6}, {1e6, 1e12, 1e6}};
  if (c.data.slopes.size() > 0) all.push_back({1, 1, 1e9});
  return all;
}

}  // namespace

BOOST_DATA_TEST_CASE(draws_in_other_units_have_the_same_means,
                     boost::unit_test::data::make(cases()), problem) {
  for (const Kernel& kernel : kernels(problem)) {
    const Quantities one(fitted(problem, kernel, {}, 1000, 1000), {});
    for (const Units& u : units_of(problem)) {
      const Quantities other(fitted(problem, kernel, u, 1000, 1000), u);
      for (std::size_t k = 0; k < one.names.size(); ++k) {
        const double error = std::hypot(one.at(k, "mcse_mean"), other.at(k, "mcse_mean"));
        const double z = (other.at(k, "mean") - one.at(k, "mean")) / error;
        // 4.5 standard errors of the difference: 7e-6 for each of some 10,000 comparisons.
        BOOST_TEST(std::abs(z) < 4.5,
                   kernel.sampler << ", " << u << ", " << one.names[k] << ": z = " << z);
      }
    }
  }
}

BOOST_DATA_TEST_CASE(the_first_draws_are_the_same_but_for_rounding,
                     boost::unit_test::data::make(cases()), problem) {
  std::vector<Units> all{{0x1p-30, 1}, {0x1p40, 0x1p-30}, {1e-9, 1}, {1e12, 1e-9}, {1, 1, 1e6}};
  if (problem.data.slopes.size() > 0) all.push_back({1, 1, 1e9});
  for (const Kernel& kernel : kernels(problem)) {
    const Quantities one(fitted(problem, kernel, {}, 3, 5), {});
    for (const Units& u : all) {
      const Quantities other(fitted(problem, kernel, u, 3, 5), u);
      double worst = 0;
      for (Eigen::Index k = 0; k < one.values.cols(); ++k) {
        const Vector here = one.values.col(k), there = other.values.col(k);
        worst = std::max(worst, (here - there).cwiseAbs().maxCoeff() /
                                    std::max(here.cwiseAbs().maxCoeff(), 1e-3));
      }
      // x enters by its products, which lose half of the digits, and at an origin of 1e9 it has
      // seven; decisions that flip would show as differences of the size of the draws themselves.
      const double digits = u.origin > 1e6 ? 1e-3 : 1e-6;
      BOOST_TEST(worst < digits, kernel.sampler << ", " << u << ": differ by " << worst);
    }
  }
}
