// Gradients of the models against differences, for every family of priors and through the free
// coordinates that samplers move.
#define BOOST_TEST_MODULE gradients
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "differences.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/distributions.hpp"
#include "tarn/target.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

enum class Shape { centred, as_written, no_intercept, nearly_dependent };

Data data(Shape shape, bool groups, bool known_errors) {
  Rng rng({21, 0, Purpose::test});
  const Eigen::Index n = 24;
  Data data{Matrix(n, 2), Vector(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    data.X(i, 0) = 2 + rng.normal();
    data.X(i, 1) = rng.normal();
    if (shape == Shape::nearly_dependent) data.X(i, 1) = data.X(i, 0) + 1e-6 * data.X(i, 1);
    data.y[i] = 50 + 0.5 * data.X(i, 0) + rng.normal();
    if (groups) data.level.push_back(static_cast<std::int32_t>(std::sqrt(i)));
  }
  if (known_errors) data.se = Vector::LinSpaced(n, 0.3, 1.5);
  data.center = shape != Shape::as_written;
  data.intercept = shape != Shape::no_intercept;
  return data;
}

struct Case {
  std::string name;
  std::string model;
  Design design;
  std::vector<std::string> priors;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

/// Slopes: priors of the covariance matrix, of terms correlated and not.
void add_slopes(const std::vector<std::string>& of_scales, std::vector<Case>& all) {
  const auto add = [&](const std::string& name, const Data& data,
                       const std::vector<std::string>& priors) {
    all.push_back({"random_slope, " + name, "random_slope", design_of(data), priors});
  };
  for (const Shape shape : {Shape::centred, Shape::as_written, Shape::nearly_dependent}) {
    Data slopes = data(shape, true, false);
    slopes.slopes = data(Shape::centred, false, false).X;
    Data one = slopes;
    one.group_intercept = false;
    one.slopes = slopes.X.rightCols(1);
    Data independent = slopes;
    independent.correlated = false;
    Data known = slopes;
    known.se = Vector::LinSpaced(known.y.size(), 0.3, 1.5);
    const std::string in = ", shape " + std::to_string(static_cast<int>(shape));
    Data centred = slopes;
    centred.center_groups = true;
    add("LKJ, centred groups" + in, centred, {"cor(g) ~ lkj(2.5)", "b ~ normal(0, 2)"});
    add("inverse Wishart, centred groups" + in, centred, {"cov(g) ~ inv_wishart(4.5, 0.7)"});
    add("LKJ" + in, slopes, {"cor(g) ~ lkj(2.5)", "b ~ normal(0, 2)", "sigma ~ half_normal(2)"});
    add("flat correlations" + in, slopes, {"cor(g) ~ flat()", "b ~ scaled_normal(0, 2)"});
    add("inverse Wishart" + in, slopes, {"cov(g) ~ inv_wishart(4.5, 0.7)", "b ~ flat()"});
    add("one column" + in, one, {"sd(g) ~ half_normal(2)"});
    add("known errors" + in, known, {"sd(g) ~ half_normal(2)"});
    for (const std::string& scale : of_scales) {
      add("independent, sd" + scale + in, independent, {"sd(g)" + scale});
    }
  }
}

/// Variances of groups: where they come from, in a model with slopes.
void add_group_variances(std::vector<Case>& all) {
  for (const Shape shape : {Shape::centred, Shape::as_written, Shape::nearly_dependent}) {
    Data groups = data(shape, true, false);
    groups.slopes = groups.X.leftCols(1);
    groups.frequency = Vector::LinSpaced(groups.y.size(), 0.5, 2);
    groups.center_groups = shape == Shape::centred;
    for (const std::vector<std::string>& of_variances : std::vector<std::vector<std::string>>{
             {},
             {"shape(g) ~ exponential(0.3)", "typical(g)^2 ~ inv_gamma(2, 1)"},
             {"scale(g) ~ half_cauchy(3)", "b ~ student_t(3, 0.3, 2)"},
             {"sigma ~ half_normal(2)", "b ~ flat()"},
             {"sigma(g)^2 ~ inv_gamma(3, 2)", "cov(g) ~ inv_wishart(4.5, 0.7)"}}) {
      all.push_back({"group_variance, shape " + std::to_string(static_cast<int>(shape)) +
                         (of_variances.empty() ? "" : ", " + of_variances.front()),
                     "group_variance", design_of(groups), of_variances});
    }
  }
}

std::vector<Case> cases() {
  const std::vector<std::string> of_coefficients{
      "normal(0.3, 2)", "scaled_normal(0.3, 2)", "student_t(3, 0.3, 2)",
      "cauchy(0.3, 2)", "uniform(-90, 190)",     "gamma(2, 0.5)",
      "flat()"};
  const std::vector<std::string> of_scales{" ~ half_normal(2)",    " ~ half_student_t(3, 0, 2)",
                                           " ~ half_cauchy(2)",    " ~ exponential(1)",
                                           " ~ gamma(2, 1)",       " ~ inv_gamma(2, 1)",
                                           " ~ uniform(0, 9)",     " ~ flat()",
                                           "^2 ~ inv_gamma(2, 1)", "^2 ~ half_normal(3)",
                                           "^2 ~ flat()"};
  std::vector<Case> all;
  for (const std::string model : {"pooled", "random_intercept"}) {
    const bool groups = model == "random_intercept";
    const auto add = [&](Shape shape, bool known, const std::string& b, const std::string& scale) {
      std::vector<std::string> priors{"b ~ " + b};
      if (shape != Shape::no_intercept) priors.push_back("Intercept ~ " + b);
      if (!known) priors.push_back("sigma" + scale);
      if (groups) priors.push_back("sd(g)" + scale);
      all.push_back({model + ", coefficients " + b + ", scales" + scale +
                         (known ? ", known errors" : "") + ", shape " +
                         std::to_string(static_cast<int>(shape)),
                     model, design_of(data(shape, groups, known)), priors});
    };
    for (const std::string& b : of_coefficients) {
      for (const std::string& scale : of_scales) add(Shape::centred, false, b, scale);
    }
    for (const Shape shape : {Shape::as_written, Shape::no_intercept, Shape::nearly_dependent}) {
      add(shape, false, "normal(0.3, 2)", " ~ half_normal(2)");
      add(shape, false, "scaled_normal(0.3, 2)", "^2 ~ inv_gamma(2, 1)");
      add(shape, true, "normal(0.3, 2)", " ~ half_normal(2)");
    }
  }
  add_slopes(of_scales, all);
  add_group_variances(all);
  return all;
}

/// Whether differences can be taken: no end of a support is near.
bool is_inside(const Target& target, const Vector& z) {
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    for (const double step : {-2e-3, 2e-3}) {
      Vector there = z;
      there[i] += step;
      if (!std::isfinite(target.log_density(there))) return false;
    }
  }
  return true;
}

/// 1e-6 relative: differences of sums of size 1e3 in double precision, extrapolated, err by 1e-9
/// or so.
void check(const Target& target, const Vector& z) {
  Vector gradient = Vector::Constant(target.size(), std::nan(""));
  const double value = target.log_density_gradient(z, gradient);
  BOOST_TEST(std::abs(value - target.log_density(z)) <= 1e-12 * std::abs(value));
  const Vector numerical = gradient_of([&](const Vector& at) { return target.log_density(at); }, z);
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    BOOST_TEST(std::abs(gradient[i] - numerical[i]) <= 1e-6 * (1 + std::abs(numerical[i])),
               "coordinate " << i << ": " << gradient[i] << " against " << numerical[i]);
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(gradients_are_those_of_differences, boost::unit_test::data::make(cases())) {
  const ModelType& type = *registry().model(sample.model).type;
  const Priors priors(type.parameters(sample.design), sample.priors);
  const Settings settings(type.settings, {}, sample.model);
  const auto model = type.make({sample.design, priors, settings});
  const bool collapses = query<Collapsed>(*model) != nullptr;
  BOOST_TEST((query<CollapsedGradient>(*model) != nullptr) == collapses);

  for (std::uint32_t chain = 0; chain < 3; ++chain) {
    Rng rng({5, chain, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(model->layout().size()));
    model->start(theta, rng);
    // Where the density is so steep that differences say nothing, chains do not stay.
    auto& conditionals = *query<FullConditionals>(*model);
    for (int sweep = 0; sweep < 5; ++sweep) {
      for (const auto& step : conditionals.steps()) conditionals.draw(step.id, theta, rng);
    }
    const auto near = [&](const Target& target, const Vector& z) {
      Vector there = z;
      do {
        for (Eigen::Index i = 0; i < z.size(); ++i) there[i] = z[i] + 0.1 * rng.normal();
      } while (!is_inside(target, there));
      return there;
    };
    const Target full = full_target(*model);
    check(full, near(full, full.free(theta)));
    if (!collapses) continue;
    const Target phi = kept_target(*model);
    Vector values(phi.natural_size());
    query<Collapsed>(*model)->to_marginal(theta, values);
    check(phi, near(phi, phi.free(values)));
  }
}
