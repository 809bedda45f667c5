// Power scaling: its figures against R's, its log prior against the models' densities, its
// findings.
#define BOOST_TEST_MODULE prior_sensitivity
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "convergence_draws.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "power_scaling.hpp"
#include "report_tables.hpp"
#include "tarn/distributions.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using namespace tarn::power_scaling;

/// As prior_sensitivity.R makes them: two quantities, and two components of the density.
struct Made {
  static constexpr Eigen::Index draws = 2000;
  Vector x{draws};
  Vector z{draws};
  Eigen::ArrayXd log_prior{draws};
  Eigen::ArrayXd log_likelihood{draws};

  Made() {
    const auto u = lehmer(3 * draws, 77);
    for (Eigen::Index i = 0; i < draws; ++i) {
      const auto k = static_cast<std::size_t>(i);
      x[i] = u[k] + u[k + draws] - 1;
      z[i] = -std::log(u[k + 2 * draws]);
      log_prior[i] = -0.5 * std::pow((x[i] - 1) / 0.5, 2) - 0.7 * z[i];
      log_likelihood[i] = -2 * std::pow(x[i] + 0.5, 2) * z[i] - 3 * x[i];
    }
  }
};

double sensitivity_to(const Quantity& quantity, const Eigen::ArrayXd& component) {
  return sensitivity(quantity, power_scale(component, lower_alpha),
                     power_scale(component, upper_alpha));
}

Data schools(double offset) {
  Rng rng({91, 0, Purpose::test});
  Data data{Matrix(40, 1), Vector(40)};
  for (Eigen::Index i = 0; i < 40; ++i) {
    data.X(i, 0) = rng.normal();
    data.level.push_back(static_cast<std::int32_t>(i % 8));
    data.y[i] = offset + data.X(i, 0) + rng.normal();
  }
  return data;
}

Report judged(const Data& data, const std::string& model,
              const std::vector<std::string>& statements, const std::vector<std::string>& set = {},
              std::size_t threads = 2, std::size_t draws = 500) {
  const Design design = design_of(data);
  const ModelType& type = *registry().model(model).type;
  const Priors priors(type.parameters(design), statements);
  const Settings settings(type.settings, {}, model);
  const Fitted fitted = fit(
      design,
      {.model = model, .priors = statements, .plan = {.chains = 4, .warmup = 200, .draws = draws}});
  const FittedModel over{type, design, priors, {}, [&] {
                           return type.make({design, priors, settings});
                         }};
  const DiagnosticType& diagnostic = *registry().diagnostic("prior_sensitivity").type;
  Report report;
  diagnostic.make(Settings(diagnostic.settings, set, "prior_sensitivity"))
      ->evaluate(
          {.posterior = fitted.draws, .model = &over, .wants_figures = true, .threads = threads},
          report);
  return report;
}

double figure(const Report& report, const std::string& name, const std::string& row,
              const std::string& column) {
  const ReportTable& t = table(report, name);
  return t.at(static_cast<std::size_t>(std::ranges::find(t.rows, row) - t.rows.begin()),
              static_cast<std::size_t>(std::ranges::find(t.columns, column) - t.columns.begin()));
}

}  // namespace

BOOST_AUTO_TEST_CASE(sensitivities_distances_and_moments_are_those_of_r) {
  std::ifstream in(TARN_TEST_DATA "/prior_sensitivity.csv");
  std::string line;
  std::getline(in, line);
  BOOST_TEST(line == "prior,likelihood,distance,mean,sd");
  const Made made;
  int rows = 0;
  for (const Vector* draws : {&made.x, &made.z}) {
    BOOST_REQUIRE(std::getline(in, line));
    std::istringstream numbers(line);
    const auto next = [&] {
      std::string word;
      std::getline(numbers, word, ',');
      return std::stod(word);
    };
    const Quantity quantity(*draws);
    const Eigen::ArrayXd weights = power_scale(made.log_likelihood, 1.25).weights;
    // loo's fit of the tail and ours agree to 1e-10; the distance is a root, which doubles that.
    for (const double value :
         {sensitivity_to(quantity, made.log_prior), sensitivity_to(quantity, made.log_likelihood),
          quantity.distance(weights), quantity.mean(weights), quantity.sd(weights)}) {
      BOOST_TEST(std::abs(value / next() - 1) < 1e-8);
    }
    ++rows;
  }
  BOOST_TEST(rows == 2);
}

BOOST_AUTO_TEST_CASE(a_component_that_does_not_vary_moves_nothing) {
  const Made made;
  const Quantity quantity(made.x);
  BOOST_TEST(sensitivity_to(quantity, Eigen::ArrayXd::Constant(Made::draws, -3)) < 1e-6);
  const Vector constant = Vector::Constant(Made::draws, 2);
  BOOST_TEST(Quantity(constant).distance(power_scale(made.log_prior, 1.25).weights) == 0);
}

BOOST_AUTO_TEST_CASE(the_log_prior_is_what_the_density_has_beside_rows_and_effects) {
  struct Case {
    std::string model;
    std::vector<std::string> priors;
  };
  const std::vector<std::string> scaled{"Intercept ~ scaled_normal(0, 2)",
                                        "b ~ scaled_normal(0, 1)"};
  const std::vector<Case> cases{
      {"pooled", {"sigma ~ lognormal(0, 1)", "b ~ cauchy(0, 1)"}},
      {"random_intercept", {"sigma^2 ~ inv_gamma(3, 2)", "sd(g) ~ half_cauchy(1)"}},
      {"random_intercept", scaled},
      {"random_slope", {"cor(g) ~ lkj(3)", "b ~ student_t(3, 0, 1)"}},
      {"random_slope", {"cov(g) ~ inv_wishart(4, 1)"}},
      {"crossed", {"sd(g) ~ exponential(1)", "sd(h) ~ gamma(2, 1)"}},
      {"group_variance", {}},
      {"group_variance", {"scale(g) ~ gamma(2, 1)"}},
      {"group_variance", {"sigma(g) ~ half_normal(2)"}}};
  for (const Case& c : cases) {
    Data data = schools(3);
    if (c.model == "random_slope") data.slopes = data.X;
    if (c.model == "pooled") data.level.clear();
    if (c.model == "crossed") {
      for (std::int32_t i = 0; i < 40; ++i) data.other_level.push_back(i % 5);
    }
    const Design design = design_of(data);
    const ModelType& type = *registry().model(c.model).type;
    const Priors priors(type.parameters(design), c.priors);
    const Settings settings(type.settings, {}, c.model);
    const auto model = type.make({design, priors, settings});
    const Layout& layout = model->layout();

    const Rows rows = design.all_rows();
    Vector by_row(rows.y.size());
    // The density less everything else is the log prior, but for a constant.
    const auto constant = [&](std::uint32_t chain) {
      Vector theta(static_cast<Eigen::Index>(layout.size()));
      Rng rng({92, chain, Purpose::test});
      model->start(theta, rng);
      const Eigen::Ref<const Vector> at(theta);
      query<PointwiseLogLikelihood>(*model)->log_likelihood(theta, rows, by_row);
      double rest = by_row.sum();
      for (std::size_t g = 0; g < design.groupings.size(); ++g) {
        const GroupCovariance covariance(design, priors, g);
        Layout own;
        GroupCovariance::Place place = covariance.add_to(own);
        place.sd = *layout.find(own.block(place.sd).name);
        for (std::size_t& k : place.correlations) k = *layout.find(own.block(k).name);
        const Vector r = layout.of(at, *layout.find("r_" + design.groupings[g].name));
        rest += covariance.effects_log_density(
            covariance.read(layout, place, theta),
            r.reshaped(covariance.size(), r.size() / covariance.size()));
      }
      if (const auto shape = layout.find("shape_g")) {
        const double a = layout.of(at, *shape)[0];
        const double b = layout.of(at, *layout.find("scale_g"))[0];
        for (const double sigma : layout.of(at, *layout.find("sigma_g"))) {
          rest += inv_gamma_log_density(sigma * sigma, a, b) + std::log(2 * sigma);
        }
      }
      return query<LogDensity>(*model)->log_density(theta) - rest -
             query<LogPrior>(*model)->log_prior(theta);
    };
    const double first = constant(0);
    for (std::uint32_t chain = 1; chain < 5; ++chain) {
      // Rounding of sums of some hundred terms.
      BOOST_TEST(std::abs(constant(chain) - first) < 1e-8, c.model << " " << chain);
    }
  }
}

BOOST_AUTO_TEST_CASE(priors_that_do_not_matter_are_said_not_to) {
  const Report report = judged(schools(3), "random_intercept", {});
  BOOST_REQUIRE(report.findings().size() == 1);
  BOOST_TEST(report.findings()[0].sentence ==
             "no parameter is sensitive to its prior: sensitivity below 0.05 for all 4");
  BOOST_TEST((report.findings()[0].level == Finding::Level::good));
  // Group effects are left out unless asked for.
  BOOST_TEST(table(report, "sensitivity").rows.size() == 4);
  const Report all = judged(schools(3), "random_intercept", {}, {"effects=true"});
  BOOST_TEST(table(all, "sensitivity").rows.size() == 12);
  BOOST_TEST(report.figures().size() == 2);
}

BOOST_AUTO_TEST_CASE(a_prior_far_from_the_data_is_a_conflict) {
  const Report report = judged(schools(3), "random_intercept",
                               {"Intercept ~ normal(0, 0.5)", "sd(g) ~ half_normal(1)"});
  BOOST_TEST(report.findings()[0].sentence.starts_with("potential prior-data conflict: "));
  BOOST_TEST(report.findings()[0].sentence.find("b[Intercept]") != std::string::npos);
  BOOST_TEST((report.findings()[0].level == Finding::Level::note));
  BOOST_TEST(figure(report, "prior_posterior", "b[Intercept]", "shift") > 2);
}

BOOST_AUTO_TEST_CASE(a_prior_that_the_data_say_nothing_beside_is_strong) {
  // A slope that the prior pins.
  const Report report = judged(schools(3), "random_intercept", {"b ~ normal(1, 0.001)"});
  BOOST_TEST(figure(report, "sensitivity", "b[x1]", "likelihood") < 0.05);
  BOOST_TEST(figure(report, "sensitivity", "b[x1]", "prior") > 0.05);
  BOOST_TEST(report.findings()[0].sentence.starts_with(
      "potential strong prior / weak likelihood: b[x1] ("));
  // The prior's own draws: 1 with a half-width of 0.001, 4 Monte Carlo errors of 2000.
  BOOST_TEST(std::abs(figure(report, "prior_posterior", "b[x1]", "prior_half_width") - 0.001) <
             1e-4);
  BOOST_TEST(std::abs(figure(report, "prior_posterior", "b[x1]", "contraction")) < 0.3);
}

BOOST_AUTO_TEST_CASE(flat_priors_have_no_draws_and_move_nothing) {
  const Report report =
      judged(schools(3), "random_intercept",
             {"Intercept ~ flat()", "b ~ flat()", "sigma ~ flat()", "sd(g) ~ flat()"});
  BOOST_TEST(figure(report, "sensitivity", "sigma", "prior") < 1e-6);
  BOOST_TEST((std::ranges::find(report.tables(), "prior_posterior", &ReportTable::name) ==
              report.tables().end()));
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_figures) {
  const Report one = judged(schools(3), "random_intercept", {}, {}, 1);
  const Report three = judged(schools(3), "random_intercept", {}, {}, 3);
  BOOST_TEST(table(one, "sensitivity").values == table(three, "sensitivity").values);
}

BOOST_AUTO_TEST_CASE(too_few_draws_are_refused_in_words) {
  const Report report = judged(schools(3), "random_intercept", {}, {}, 2, 20);
  BOOST_TEST(report.findings()[0].sentence ==
             "80 draws in all are too few for power scaling, which needs 100 at least; run longer: "
             "--draws 1000");
}
