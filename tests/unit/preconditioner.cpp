// Coordinates of NUTS in which coefficients and effects are nearly standard normal.
#define BOOST_TEST_MODULE preconditioner
#include <cmath>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "differences.hpp"
#include "family_groups.hpp"
#include "fit.hpp"
#include "laplace_marginal.hpp"
#include "preconditioner.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

FamilyCase family(const std::string& name) {
  for (const FamilyCase& one : family_cases()) {
    if (one.name() == name) return one;
  }
  throw std::out_of_range("no family " + name);
}

/// All of theta of a regression.
struct Whole {
  explicit Whole(Design of)
      : design(std::move(of)),
        type(*registry().model_for(design).type),
        priors(type.parameters(design), std::vector<std::string>{}),
        settings(type.settings, {}, type.name),
        model(type.make({design, priors, settings})),
        target(full_target(*model)),
        preconditioner(nuts::Preconditioner::at_mode(*model, target)) {}

  Vector start() {
    Rng rng({90, 0, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(model->layout().size()));
    model->start(theta, rng);
    return target.free(theta);
  }

  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
  Target target;
  std::shared_ptr<const nuts::Preconditioner> preconditioner;
};

Design crossed() {
  return family_design({.family = family("binomial"),
                        .sizes = {9, 11, 13, 15, 17, 19},
                        .slopes = true,
                        .crossed = true,
                        .seed = 8});
}

}  // namespace

BOOST_AUTO_TEST_CASE(coordinates_go_there_and_back_in_any_units) {
  Whole whole(crossed());
  BOOST_TEST_REQUIRE(whole.preconditioner != nullptr);
  const Vector z = whole.start();
  for (const double unit : {0.0, 0.3}) {
    for (std::size_t k = 0; k < whole.target.effects().size(); ++k) whole.target.set_unit(k, unit);
    const Vector u = whole.preconditioner->to_kernel(whole.target, z);
    const Vector back = whole.preconditioner->from_kernel(whole.target, u);
    BOOST_TEST((back - z).cwiseAbs().maxCoeff() < 1e-12 * (1 + z.cwiseAbs().maxCoeff()));
  }
}

BOOST_AUTO_TEST_CASE(the_gradient_is_that_of_differences_in_any_units) {
  Whole whole(crossed());
  const Vector z = whole.start();
  for (const double unit : {0.0, 0.3}) {
    for (std::size_t k = 0; k < whole.target.effects().size(); ++k) whole.target.set_unit(k, unit);
    const Target seen = whole.preconditioner->seen_from(whole.target);
    const Vector u = whole.preconditioner->to_kernel(whole.target, z);
    Vector gradient(u.size());
    const double value = seen.log_density_gradient(u, gradient);
    BOOST_TEST(value == whole.target.log_density(z), boost::test_tools::tolerance(1e-10));
    const Vector differences =
        gradient_of([&](const Vector& x) { return seen.log_density(x); }, u, 1e-3);
    BOOST_TEST((gradient - differences).cwiseAbs().maxCoeff() <
               1e-6 * (1 + differences.cwiseAbs().maxCoeff()));
  }
}

BOOST_AUTO_TEST_CASE(at_the_mode_latent_variables_have_about_unit_curvature) {
  Whole whole(crossed());
  Pivot& offered = *query<Pivot>(*whole.model);
  BOOST_TEST(whole.preconditioner->size() == offered.latents());
  const Vector phi =
      pivot::anchor_at_mode(*whole.model, pivot::laplace_target(*whole.model), 1, 0).phi;
  const auto place = offered.make_place();
  BOOST_TEST_REQUIRE(place->set(phi));
  Vector theta(static_cast<Eigen::Index>(whole.model->layout().size()));
  place->from_standard(Vector::Zero(static_cast<Eigen::Index>(offered.latents())), theta);
  const Target seen = whole.preconditioner->seen_from(whole.target);
  const Vector u = whole.preconditioner->to_kernel(whole.target, whole.target.free(theta));
  std::size_t near_one = 0;  // but for hyperparameters
  for (Eigen::Index k = 0; k < u.size(); ++k) {
    const auto moved = [&](double by) {
      Vector there = u;
      there[k] += by;
      return seen.log_density(there);
    };
    const double curvature = -(moved(0.1) - 2 * moved(0) + moved(-0.1)) / 0.01;
    near_one += std::abs(curvature - 1) < 0.1;  // the factor is that before the last step
  }
  BOOST_TEST(near_one >= offered.latents());
}

BOOST_AUTO_TEST_CASE(of_very_many_effects_the_coefficients_alone_are_taken) {
  Whole whole(family_design({.family = family("poisson"), .sizes = std::vector<int>(5100, 1)}));
  BOOST_TEST_REQUIRE(whole.preconditioner != nullptr);
  BOOST_TEST(whole.preconditioner->size() == 3);
}

BOOST_AUTO_TEST_CASE(normal_rows_have_none) {
  Whole whole(family_design({.family = {"gaussian", {1}}}));
  BOOST_TEST(whole.preconditioner == nullptr);
}

BOOST_AUTO_TEST_CASE(a_covariate_and_its_square_far_from_0_mix) {
  // Years and their squares correlate to the eighth digit, among more than 50 parameters.
  Rng rng({92, 0, Purpose::test});
  const Eigen::Index n = 240;
  Data data{Matrix(n, 2), Vector(n)};
  for (Eigen::Index i = 0; i < n; ++i) {
    const double year = 1960 + std::floor(40 * rng.uniform());
    data.X(i, 0) = year;
    data.X(i, 1) = year * year;
    data.level.push_back(static_cast<std::int32_t>(i % 60));
    const double eta = 1 + 0.5 * std::sin(static_cast<double>(i % 60)) + (year - 1980) / 40;
    data.y[i] = std::floor(std::exp(eta) + rng.uniform());
  }
  Design design = design_of(data);
  design.family_name = "poisson";
  design.family = make_family(registry(), "poisson");
  const auto fitted = [&](const std::string& precondition) {
    return fit(design, {.sampler = "nuts",
                        .settings = {"target=full", "precondition=" + precondition},
                        .plan = {.chains = 2, .warmup = 400, .draws = 400, .seed = 2}});
  };
  const Fitted with = fitted("auto");
  const Fitted without = fitted("none");
  for (const std::string& parameter : with.table.rows) {
    if (parameter.starts_with("b[")) BOOST_TEST(with.at(parameter, "ess_bulk") > 200, parameter);
  }
  BOOST_TEST(without.at("b[x2]", "ess_bulk") < with.at("b[x2]", "ess_bulk") / 2);
}
