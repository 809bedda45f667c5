// Leaving a group out by importance sampling and by fitting again: against quadrature, and against
// fits by hand, within four of the Monte Carlo errors that are printed.
#define BOOST_TEST_MODULE leave_group_out
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "bridge.hpp"
#include "known_fit.hpp"
#include "report_tables.hpp"
#include "tarn/log_likelihood.hpp"
#include "tarn/refit.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// J groups of m rows with standard normal effects, the last one `far` away.
Data groups_of(Eigen::Index groups, Eigen::Index m, double far, std::uint64_t seed,
               bool slopes = false) {
  Rng rng({seed, 0, Purpose::test});
  Data data{Matrix(groups * m, 1), Vector(groups * m)};
  if (slopes) data.slopes.resize(groups * m, 1);
  for (Eigen::Index j = 0; j < groups; ++j) {
    const double effect = j + 1 == groups ? far : rng.normal();
    const double slope = slopes ? rng.normal() : 0;
    for (Eigen::Index i = 0; i < m; ++i) {
      const Eigen::Index row = j * m + i;
      data.X(row, 0) = rng.normal();
      if (slopes) data.slopes.col(0) = data.X.col(0);
      data.y[row] = 1 + effect + (0.5 + slope) * data.X(row, 0) + 0.7 * rng.normal();
      data.level.push_back(static_cast<std::int32_t>(j));
    }
  }
  return data;
}

struct Refittable {
  Refittable(const KnownFit& known, const std::string& sampler, std::size_t draws)
      : type(*registry().sampler(sampler).type),
        settings(type.settings, {}, sampler),
        how{known.type,
            {known.design, known.priors, known.settings},
            type,
            settings,
            {.chains = 2, .warmup = 200, .draws = draws, .seed = 3}} {}

  const SamplerType& type;
  Settings settings;
  Refitted how;
};

Report evaluate(const KnownFit& known, const Refittable* again,
                const std::vector<std::string>& set) {
  const DiagnosticType& type = *registry().diagnostic("information").type;
  Fit fit{.posterior = known.fitted.draws, .model = &known.model, .threads = 2};
  if (again != nullptr) {
    fit.refit = [again](const std::vector<std::size_t>& left_out, std::uint32_t number) {
      return refit(again->how, left_out, number);
    };
    fit.most_refits = 1000;
  }
  Report report;
  std::vector<std::string> all{"rows=false", "pointwise=true"};
  all.insert(all.end(), set.begin(), set.end());
  type.make(Settings(type.settings, all, "information"))->evaluate(fit, report);
  return report;
}

/// Each level within four of its errors, their sum within four of its own; how many were refitted.
std::size_t compare(const Report& report, const Vector& exact, double most) {
  const ReportTable& found = table(report, "pointwise_g");
  BOOST_TEST_REQUIRE(found.rows.size() == static_cast<std::size_t>(exact.size()));
  std::size_t refitted = 0;
  double sum = 0;
  for (Eigen::Index j = 0; j < exact.size(); ++j) {
    const std::string& level = found.rows[static_cast<std::size_t>(j)];
    const double elpd = at(found, level, "elpd_loo");
    const double mcse = at(found, level, "mcse");
    sum += elpd;
    refitted += at(found, level, "refitted") > 0 ? 1 : 0;
    BOOST_TEST_CONTEXT("level " << level << ": " << elpd << " for " << exact[j] << ", error "
                                << mcse << ", k " << at(found, level, "pareto_k")) {
      BOOST_TEST(std::abs(elpd - exact[j]) < 4 * mcse);
      BOOST_TEST(mcse < most);
    }
  }
  const double mcse = at(table(report, "information_g"), "elpd_logo", "mcse");
  BOOST_TEST(std::abs(sum - exact.sum()) < 4 * mcse);
  return refitted;
}

double log_normal(double x, double mean, double variance) {
  return -0.5 * (std::log(2 * std::numbers::pi * variance) + (x - mean) * (x - mean) / variance);
}

/// log p(y of the groups but `out` | sd, sigma), mu ~ N(0, 10^2) integrated out: groups of m rows
/// enter by their means, N(mu, sd^2 + sigma^2 / m), and by what is left within them.
double log_given(const Data& data, Eigen::Index m, Eigen::Index out, double sd, double sigma) {
  const Eigen::Index groups = data.y.size() / m;
  double precision = 1e-2, weighted = 0, result = 0, constant = 0;
  for (Eigen::Index j = 0; j < groups; ++j) {
    if (j == out) continue;
    const auto y = data.y.segment(j * m, m);
    const double v = sd * sd + sigma * sigma / static_cast<double>(m);
    const double mean = y.mean();
    precision += 1 / v;
    weighted += mean / v;
    constant += log_normal(mean, 0, v);
    const double within = (y.array() - mean).square().sum();
    result += -0.5 * within / (sigma * sigma) -
              0.5 * static_cast<double>(m - 1) * std::log(2 * std::numbers::pi * sigma * sigma) -
              0.5 * std::log(static_cast<double>(m));
  }
  return result + constant + 0.5 * std::log(1e-2 / precision) +
         0.5 * weighted * weighted / precision;
}

/// log p(y but group `out`) by the trapezoidal rule over log sd and log sigma, priors N+(0, 2^2).
double log_evidence(const Data& data, Eigen::Index m, Eigen::Index out) {
  constexpr int points = 200;
  std::vector<double> terms;
  double peak = -1e300;
  for (int a = 0; a <= points; ++a) {
    const double sd = std::exp(-9 + 12.0 * a / points);
    for (int b = 0; b <= points; ++b) {
      const double sigma = std::exp(-3 + 5.0 * b / points);
      terms.push_back(log_given(data, m, out, sd, sigma) - (sd * sd + sigma * sigma) / 8 +
                      std::log(sd * sigma));
      peak = std::max(peak, terms.back());
    }
  }
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - peak);
  return peak + std::log(sum);
}

Vector quadrature(const Data& data, Eigen::Index m) {
  const Eigen::Index groups = data.y.size() / m;
  const double whole = log_evidence(data, m, -1);
  Vector exact(groups);
  for (Eigen::Index j = 0; j < groups; ++j) exact[j] = whole - log_evidence(data, m, j);
  return exact;
}

const std::vector<std::string> priors{"Intercept ~ normal(0, 10)", "sigma ~ half_normal(2)",
                                      "sd(g) ~ half_normal(2)"};

Data without_covariate(Data data) {
  data.X.resize(data.y.size(), 0);
  return data;
}

}  // namespace

BOOST_AUTO_TEST_CASE(levels_near_and_far_agree_with_quadrature) {
  // From no group that stands out to one that no importance sampling can leave out.
  std::size_t refitted = 0;
  for (const double far : {1.0, 3.0, 5.0, 8.0, 20.0}) {
    for (const std::uint64_t seed : {1, 2, 3}) {
      BOOST_TEST_CONTEXT("far " << far << ", seed " << seed) {
        const Data data = without_covariate(groups_of(8, 4, far, seed));
        const KnownFit known("random_intercept", data, priors, 1000);
        const Refittable again(known, "collapsed", 1000);
        refitted += compare(evaluate(known, &again, {}), quadrature(data, 4),
                            far < 10 ? 0.15 : 1);  // 20 sds away the posteriors hardly overlap
      }
    }
  }
  BOOST_TEST(refitted > 5u);  // else nothing was shown of them
}

BOOST_AUTO_TEST_CASE(without_a_refit_a_bad_level_is_said_to_be_unreliable) {
  const Data data = without_covariate(groups_of(8, 4, 20, 1));
  const KnownFit known("random_intercept", data, priors, 1000);
  const auto sentence = [](const Report& report) { return report.findings().front().sentence; };
  const std::string none = sentence(evaluate(known, nullptr, {}));
  BOOST_TEST(
      none.find("is not to be relied on, since Pareto k is above 0.70 for 1 of 8 levels of g "
                "('8'): the fit cannot be made again here; what they say of the population "
                "is not in the draws") != std::string::npos,
      none);
  const Refittable again(known, "collapsed", 1000);
  const std::string few = sentence(evaluate(known, &again, {"refits=0"}));
  BOOST_TEST(few.find("to fit again without each of them would take long") != std::string::npos,
             few);
  const Report report = evaluate(known, &again, {});
  BOOST_TEST((report.findings().front().level == Finding::Level::good));
  BOOST_TEST(
      sentence(report).find("1 of 8 levels of g are so influential that the fit was repeated "
                            "without each of them ('8')") != std::string::npos,
      sentence(report));
  BOOST_TEST(at(table(report, "pareto_k_g"), "g", "refitted") == 1);
}

BOOST_AUTO_TEST_CASE(refits_are_bounded_and_the_worst_come_first) {
  Data data = without_covariate(groups_of(8, 4, 20, 1));
  data.y.head(4).array() -= 25;  // a second one
  const KnownFit known("random_intercept", data, priors, 1000);
  const Refittable again(known, "collapsed", 1000);
  const Report report = evaluate(known, &again, {"refits=1"});
  BOOST_TEST(at(table(report, "pareto_k_g"), "g", "refitted") == 1);
  BOOST_TEST(report.findings().front().sentence.find("only the worst 1 were fitted without") !=
                 std::string::npos,
             report.findings().front().sentence);
}

BOOST_AUTO_TEST_CASE(every_model_agrees_with_fits_by_hand) {
  // The mean density of the level over the draws of a longer fit to the other rows: none of the
  // code under test but the model's own functions, which other tests compare with their definition.
  for (const std::string model :
       {"random_slope", "crossed", "group_variance", "random_intercept"}) {
    BOOST_TEST_CONTEXT(model) {
      Data data = groups_of(6, 6, 4, 5, model == "random_slope");
      if (model == "crossed") {
        for (std::int32_t i = 0; i < 36; ++i) data.other_level.push_back(i % 4);
      }
      const std::string sampler = model == "group_variance" ? "gibbs" : "collapsed";
      const KnownFit known(model, data, {}, 2000, sampler);
      const Refittable again(known, sampler, 2000);
      const Report report = evaluate(known, &again, {});
      Refitted longer = again.how;
      longer.plan = {.chains = 4, .warmup = 500, .draws = 5000, .seed = 17};
      const ReportTable& found = table(report, "pointwise_g");
      for (std::size_t j = 0; j < 6; ++j) {
        std::vector<std::size_t> rows;
        for (std::size_t i = 0; i < 6; ++i) rows.push_back(6 * j + i);
        const auto draws = refit(longer, rows, 99);
        const Design level = known.design.with_only(rows);
        const FittedModel over{known.type, level, known.priors, {}, known.model.make};
        Eigen::ArrayXd ll;
        LogLikelihood({.posterior = *draws, .model = &over, .threads = 2})
            .of_levels(
                0, [&](std::size_t, std::size_t, const Eigen::ArrayXd& by_draw) { ll = by_draw; });
        const double peak = ll.maxCoeff();
        const Eigen::ArrayXd density = (ll - peak).exp();
        const double expected = peak + std::log(density.mean());
        // Of 20,000 draws, at worst as good as a tenth as many independent ones.
        const double error =
            std::sqrt((density - density.mean()).square().mean() / 2000) / density.mean();
        const std::string& name = found.rows[j];
        const double mcse = at(found, name, "mcse");
        BOOST_TEST(std::abs(at(found, name, "elpd_loo") - expected) < 4 * std::hypot(error, mcse),
                   name << ": " << at(found, name, "elpd_loo") << " for " << expected << ", errors "
                        << mcse << " and " << error);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_bridge_between_two_normals_is_their_closed_form) {
  // theta ~ N(0, 1) without y, y | theta ~ N(theta, 0.1^2) at y = 3: p(y) = N(3; 0, 1.01), and with
  // y theta ~ N(3 / 1.01, 0.01 / 1.01): two samples that hardly overlap.
  Rng rng({4, 0, Purpose::test});
  constexpr Eigen::Index n = 4000;
  information::Sampled with{Eigen::ArrayXd(n), 4}, without{Eigen::ArrayXd(n), 4};
  for (Eigen::Index i = 0; i < n; ++i) {
    with.log_likelihood[i] = log_normal(3, 3 / 1.01 + std::sqrt(0.01 / 1.01) * rng.normal(), 0.01);
    without.log_likelihood[i] = log_normal(3, rng.normal(), 0.01);
  }
  const information::Bridged found = information::bridge(with, without);
  BOOST_TEST(std::abs(found.elpd - log_normal(3, 0, 1.01)) < 4 * found.mcse);
  BOOST_TEST(found.mcse < 0.3);
  const Eigen::ArrayXd same = Eigen::ArrayXd::Constant(n, -2.5);
  BOOST_TEST(information::bridge({same, 4}, {same, 4}).elpd == -2.5);
  BOOST_TEST(information::bridge({same, 4}, {same, 4}).mcse == 0);
}

BOOST_AUTO_TEST_CASE(rows_left_out_of_flat_priors_must_leave_enough) {
  Data data = groups_of(4, 3, 1, 9);
  data.X.col(0).setZero();
  data.X.col(0).head(3).setOnes();  // a covariate of the first group alone
  const KnownFit known("random_intercept", data,
                       {"b ~ flat()", "Intercept ~ flat()", "sd(g) ~ half_normal(2)"}, 100);
  const Refittable again(known, "collapsed", 100);
  BOOST_CHECK_EXCEPTION(refit(again.how, {0, 1, 2}, 1), InputError, [](const InputError& error) {
    return error.what() ==
           std::string(
               "the rows left do not determine all coefficients, whose priors are flat; "
               "give them proper ones");
  });
  BOOST_TEST(refit(again.how, {3, 4, 5}, 1)->draws() == 100u);
}

BOOST_AUTO_TEST_CASE(draws_of_a_refit_are_those_of_its_number_and_seed) {
  const Data data = groups_of(5, 4, 2, 6);
  const KnownFit known("random_intercept", data, priors, 100);
  const Refittable again(known, "collapsed", 50);
  const auto sum = [&](std::uint32_t number) {
    Matrix draws(static_cast<Eigen::Index>(known.fitted.draws.layout().size()), 50);
    refit(again.how, {4, 5, 6, 7}, number)->read_draws(1, 0, draws);
    return draws;
  };
  BOOST_TEST((sum(1) == sum(1)));
  BOOST_TEST((sum(1) != sum(2)));
}
