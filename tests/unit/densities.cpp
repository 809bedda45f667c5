// Densities of simplices and matrices; and those that plugins add: copies of tarn's own, with or
// without what makes steps exact, give the same answers.
#define BOOST_TEST_MODULE densities
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "prior/density_table.hpp"
#include "tarn/error.hpp"
#include "tarn/plugin.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Adds a copy of a density under another name; `as_known`: with what makes steps exact.
void add_copy(const std::string& of, const std::string& name, bool as_known) {
  DensityType copy = *find_density(of);
  copy.name = name;
  if (!as_known) copy.conjugacy = {};
  add_density(copy);
}

struct Copies {
  Copies() {
    add_copy("student_t", "same_t", true);
    add_copy("inv_gamma", "same_ig", true);
    add_copy("inv_wishart", "other_iw", false);
    add_copy("lkj", "other_lkj", false);
  }
};

Design slopes() {
  Rng rng({41, 0, Purpose::test});
  Data data{Matrix(60, 1), Vector(60)};
  for (Eigen::Index i = 0; i < 60; ++i) {
    data.X(i, 0) = rng.normal();
    data.y[i] = 1 + data.X(i, 0) + 0.7 * static_cast<double>(i % 6) + rng.normal();
    data.level.push_back(static_cast<std::int32_t>(i % 6));
  }
  data.slopes = data.X;
  return design_of(data);
}

struct Made {
  explicit Made(const std::vector<std::string>& given)
      : design(slopes()),
        type(*registry().model("random_slope").type),
        priors(type.parameters(design), given),
        model(type.make({design, priors, none})) {}

  Design design;
  ModelType type;
  Priors priors;
  Settings none;
  std::unique_ptr<Model> model;
};

const std::vector<std::string> wishart{"cov(g) ~ inv_wishart(5, 1.5)"};
const std::vector<std::string> other_wishart{"cov(g) ~ other_iw(5, 1.5)"};

}  // namespace

BOOST_TEST_GLOBAL_FIXTURE(Copies);

BOOST_AUTO_TEST_CASE(a_density_that_is_told_of_as_much_draws_the_same_bits) {
  const RunPlan plan{.chains = 1, .warmup = 50, .draws = 100, .seed = 3};
  const Fitted own =
      fit(slopes(), {.model = "random_slope",
                     .priors = {"b ~ student_t(3, 0, 1)", "sigma^2 ~ inv_gamma(3, 2)"},
                     .plan = plan});
  const Fitted copy = fit(slopes(), {.model = "random_slope",
                                     .priors = {"b ~ same_t(3, 0, 1)", "sigma^2 ~ same_ig(3, 2)"},
                                     .plan = plan});
  BOOST_TEST((own.draws.values() == copy.draws.values()));
}

BOOST_AUTO_TEST_CASE(a_density_of_covariance_matrices_needs_no_algebra_of_its_own) {
  const Made own(wishart), other(other_wishart);
  Vector theta(static_cast<Eigen::Index>(own.model->layout().size()));
  for (std::uint64_t k = 0; k < 5; ++k) {
    Rng rng({17, 0, Purpose::test, k}), again({17, 0, Purpose::test, k});
    query<PriorDraws>(*own.model)->draw_prior(theta, rng);
    Vector same = theta;
    query<PriorDraws>(*other.model)->draw_prior(same, again);
    BOOST_TEST((theta == same));
    Vector slope(theta.size()), other_slope(theta.size());
    const double value = query<Gradient>(*own.model)->log_density_gradient(theta, slope);
    const double other_value =
        query<Gradient>(*other.model)->log_density_gradient(theta, other_slope);
    // Rounding, of matrices whose condition is below 1e4.
    BOOST_TEST(std::abs(value - other_value) < 1e-10 * (1 + std::abs(value)));
    const auto sd = *own.model->layout().find("sd_g");
    const auto cor = *own.model->layout().find("cor_g");
    const auto of = [&](const Vector& gradient, std::size_t block) -> Vector {
      return own.model->layout().of(ConstVectorRef(gradient), block);
    };
    BOOST_TEST((of(slope, sd) - of(other_slope, sd)).norm() < 1e-8 * (1 + of(slope, sd).norm()));
    // What a change of the correlation, of both its elements, changes.
    const Vector a = of(slope, cor), b = of(other_slope, cor);
    BOOST_TEST(std::abs(a[1] + a[2] - b[1] - b[2]) < 1e-8 * (1 + a.norm()));
  }
}

BOOST_AUTO_TEST_CASE(without_its_algebra_slices_draw_the_same_posterior) {
  const RunPlan plan{.chains = 4, .warmup = 500, .draws = 4000, .seed = 5};
  const auto compare = [&](const std::vector<std::string>& first,
                           const std::vector<std::string>& second) {
    const Fitted a = fit(slopes(), {.model = "random_slope", .priors = first, .plan = plan});
    const Fitted b = fit(slopes(), {.model = "random_slope", .priors = second, .plan = plan});
    for (const char* name : {"sd_g[Intercept]", "sd_g[z1]", "cor_g[Intercept,z1]", "sigma"}) {
      const double error = std::hypot(a.at(name, "mcse_mean"), b.at(name, "mcse_mean"));
      // Four Monte Carlo standard errors of the difference.
      BOOST_TEST(std::abs(a.at(name, "mean") - b.at(name, "mean")) < 4 * error, name);
    }
  };
  compare(wishart, other_wishart);
  compare({"cor(g) ~ lkj(3)"}, {"cor(g) ~ other_lkj(3)"});
}

BOOST_AUTO_TEST_CASE(arguments_of_an_added_density_are_checked) {
  BOOST_CHECK_EXCEPTION(Density::parse("same_t(3, 0)"), InputError, [](const InputError& error) {
    return error.what() ==
           std::string(
               "prior 'same_t(3, 0)': same_t takes 3 arguments: same_t(degrees of freedom, "
               "location, scale)");
  });
  BOOST_CHECK_EXCEPTION(
      Made({"cov(g) ~ other_iw(0.5, 1)"}), InputError, [](const InputError& error) {
        return error.what() == std::string(
                                   "prior 'cov(g) ~ other_iw(0.5, 1)': an inverse "
                                   "Wishart of 2 columns needs more than 1 degrees of "
                                   "freedom");
      });
  BOOST_TEST(Density::parse("same_t(3, 0, 1)").text() == "same_t(3, 0, 1)");
  BOOST_TEST((Density::parse("other_lkj(2)").support() == Support::correlation));
}

BOOST_AUTO_TEST_CASE(a_density_that_comes_again_takes_the_place_of_the_one_before) {
  const Density before = Density::parse("same_t(3, 0, 1)");
  DensityType changed = *find_density("same_t");
  changed.log_density = [](double, DensityArguments) { return 7.0; };
  add_density(changed);
  BOOST_TEST(Density::parse("same_t(3, 0, 1)").log_density(0) == 7);
  BOOST_TEST(before.log_density(0) == Density::parse("student_t(3, 0, 1)").log_density(0));
}

BOOST_AUTO_TEST_CASE(shares_are_drawn_from_the_dirichlet_that_has_their_density) {
  const Density density = Density::parse("dirichlet(0.5, 2, 3)");
  constexpr int n = 100'000;
  Rng rng({7});
  Matrix x(3, 1);
  Vector sum = Vector::Zero(3);
  double squares = 0;
  for (int i = 0; i < n; ++i) {
    density.draw_block(x, rng);
    sum += x;
    squares += x(1, 0) * x(1, 0);
  }
  // Means a_k / 5.5 with sds below 0.2: five Monte Carlo errors of 1e5 draws are 0.0032.
  const Vector mean = Vector{{0.5, 2, 3}} / 5.5;
  BOOST_TEST((sum / n - mean).cwiseAbs().maxCoeff() < 0.0032);
  BOOST_TEST(std::abs(squares / n - 2.0 * 3 / (5.5 * 6.5)) < 0.0032);
  // A share alone is a beta.
  const double alone = Density::parse("beta(2, 3.5)").log_density(0.3);
  BOOST_TEST(std::abs(density.log_marginal(0.3, 1, 3).value() - alone) < 1e-12);
  // Shapes whose gammas are below the least double still give shares.
  Density::parse("dirichlet(1e-4)").draw_block(x, rng);
  BOOST_TEST(std::abs(x.sum() - 1) < 1e-12);
  // The gradient, along the simplex.
  const Vector at{{0.2, 0.3, 0.5}};
  const Vector along{{0.4, -0.1, -0.3}};
  Matrix gradient = Matrix::Zero(3, 1);
  density.add_gradient_of(at, gradient);
  const double h = 1e-5;  // central difference: error about h^2 times a third derivative of 1e2
  const double slope =
      (density.log_density_of(at + h * along) - density.log_density_of(at - h * along)) / (2 * h);
  BOOST_TEST(std::abs(gradient.col(0).dot(along) - slope) < 1e-7);
}

BOOST_AUTO_TEST_CASE(gradients_of_matrix_densities_are_those_of_differences) {
  const Matrix at{{1.2, 0.3, 0.1}, {0.3, 0.9, -0.2}, {0.1, -0.2, 0.7}};
  const Matrix along{{0.2, -0.1, 0.3}, {-0.1, 0.1, 0.05}, {0.3, 0.05, -0.2}};
  for (const char* text : {"inv_wishart(5, 0.8)", "lkj(2.5)"}) {
    const Density density = Density::parse(text);
    Matrix x = at;
    Matrix d = along;
    if (density.support() == Support::correlation) {
      x.diagonal().setOnes();
      d.diagonal().setZero();
    }
    Matrix gradient = Matrix::Zero(3, 3);
    density.add_gradient_of(x, gradient);
    const double h = 1e-5;  // central difference: error about h^2 times a third derivative of 1e2
    const double slope =
        (density.log_density_of(x + h * d) - density.log_density_of(x - h * d)) / (2 * h);
    BOOST_TEST(std::abs(gradient.cwiseProduct(d).sum() - slope) < 1e-7, text);
  }
  // One dimension: IW(nu, s) is an inverse gamma with shape nu/2 and scale s/2.
  const Matrix one{{1.7}};
  BOOST_TEST(Density::parse("inv_wishart(5, 0.8)").log_density_of(one) ==
                 Density::parse("inv_gamma(2.5, 0.4)").log_density(1.7),
             boost::test_tools::tolerance(1e-12));
}
