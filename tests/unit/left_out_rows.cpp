// Rows given the other rows of their level: against adaptive integration, a grid over the
// parameters, and importance sampling from draws of the effects.
#define BOOST_TEST_MODULE left_out_rows
#include "regression/left_out_rows.hpp"

#include <cmath>
#include <numbers>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "family_groups.hpp"
#include "integral.hpp"
#include "known_fit.hpp"
#include "report_tables.hpp"
#include "tarn/log_likelihood.hpp"
#include "tarn/model.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using regression::LeftOutRows;
using regression::Quadrature;
namespace data = boost::unit_test::data;

/// What a level's rows but one say of u, and what that one is given u.
struct Level {
  const Design& design;
  Rows rows;
  Vector eta;
  Matrix psi;
  double sd;

  double log_density(const Rows& some, const Vector& of_some, double u) const {
    Vector l(of_some.size());
    design.family->log_likelihood(some, of_some.array() + u, psi, l);
    return some.frequency.dot(l);
  }

  /// log p(y without those left out, u); none left out: -1.
  std::function<double(double)> integrand(Eigen::Index left_out) const {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < rows.count(); ++i) {
      if (static_cast<Eigen::Index>(i) != left_out) kept.push_back(i);
    }
    return [this, some = rows.select(kept), of_some = Vector(eta(kept))](double u) {
      const double prior = -u * u / (2 * sd * sd) - std::log(sd * std::sqrt(2 * std::numbers::pi));
      return (of_some.size() > 0 ? log_density(some, of_some, u) : 0) + prior;
    };
  }

  double integral(Eigen::Index left_out) const {
    return log_integral(integrand(left_out), 0, std::min(sd, 1.0));
  }

  /// log of the integral of P(y <= y_i | u) (or <) and the density without row i.
  double log_probability(Eigen::Index i, bool below) const {
    const std::vector<std::size_t> number{static_cast<std::size_t>(i)};
    const Rows own = rows.select(number);
    const Vector of_own = eta(number);
    const auto rest = integrand(i);
    return log_integral(
        [&](double u) {
          Vector low(1), high(1);
          regression::distribution_of(*design.family, own, of_own.array() + u, psi, low, high);
          const double p = below ? low[0] : high[0];
          return rest(u) + (p > 0 ? std::log(p) : -1e300);
        },
        0, std::min(sd, 1.0));
  }
};

FamilyData with_everything(const FamilyCase& family, bool weights) {
  return {.family = family, .sizes = {1, 2, 0, 5, 8, 30}, .offset = true, .weights = weights};
}

/// y ~ 1 + (1 | g), counts in groups of one to eight rows.
FamilyData few_counts() {
  return {.family = {"poisson"}, .sizes = {1, 2, 3, 8, 4, 5, 2}, .coefficients = 1, .seed = 3};
}

const std::vector<std::string> proper{"Intercept ~ normal(0, 2)", "sd(g) ~ half_normal(1)"};

Report information(const KnownFit& known, const std::vector<std::string>& set) {
  const DiagnosticType& diagnostic = *registry().diagnostic("information").type;
  Report report;
  diagnostic.make(Settings(diagnostic.settings, set, "information"))
      ->evaluate({.posterior = known.fitted.draws, .model = &known.model, .threads = 2}, report);
  return report;
}

}  // namespace

BOOST_DATA_TEST_CASE(densities_are_those_of_adaptive_integration,
                     data::make(log_concave_cases()) * data::make({false, true}), family, weights) {
  const Design design = family_design(with_everything(family, weights));
  const Rows rows = design.all_rows();
  const Matrix psi = psi_of(family);
  Vector eta = 0.1 + 0.4 * rows.X.col(1).array();
  if (rows.offset.size() > 0) eta += rows.offset;
  const regression::RowBlock block = regression::one_block(0, rows, 0);
  for (const double sd : {1e-3, 0.1, 0.5, 1.0, 3.0}) {
    Quadrature quadrature(design);
    Vector found(eta.size());
    LeftOutRows(design, quadrature).evaluate(block, {eta, psi, sd}, {.log_likelihood = &found});
    double worst = 0;
    for (std::size_t j = 0; j < block.groups(); ++j) {
      std::vector<std::size_t> numbers;
      for (auto i = block.first[j]; i < block.first[j + 1]; ++i) numbers.push_back(as_size(i));
      const Level level{design, rows.select(numbers), eta(numbers), psi, sd};
      const double whole = level.integral(-1);
      for (std::size_t k = 0; k < numbers.size(); ++k) {
        const double truth = whole - level.integral(as_index(k));
        worst = std::max(worst, std::abs(found[as_index(numbers[k])] - truth));
      }
    }
    // Of 31 nodes; where the prior is much wider than what rows say, the integrand is nearly a step
    // times a normal density.
    BOOST_TEST(worst < (sd > 1 ? 5e-3 : 1e-5), "sd " << sd << ": " << worst);
  }
}

BOOST_DATA_TEST_CASE(probabilities_are_those_of_adaptive_integration,
                     data::make(log_concave_cases()), family) {
  const Design design = family_design(with_everything(family, false));
  if (query<DistributionFunction>(*design.family) == nullptr) return;
  const Rows rows = design.all_rows();
  const Matrix psi = psi_of(family);
  const Vector eta = 0.1 + 0.4 * rows.X.col(1).array() + rows.offset.array();
  const regression::RowBlock block = regression::one_block(0, rows, 0);
  for (const double sd : {0.1, 0.8}) {
    Quadrature quadrature(design);
    Vector below(eta.size()), up_to(eta.size());
    LeftOutRows(design, quadrature)
        .evaluate(block, {eta, psi, sd}, {.below = &below, .up_to = &up_to});
    double worst = 0;
    for (std::size_t j = 0; j < block.groups(); ++j) {
      std::vector<std::size_t> numbers;
      for (auto i = block.first[j]; i < block.first[j + 1]; ++i) numbers.push_back(as_size(i));
      const Level level{design, rows.select(numbers), eta(numbers), psi, sd};
      for (std::size_t k = 0; k < std::min<std::size_t>(numbers.size(), 4); ++k) {
        const auto i = as_index(numbers[k]);
        const double rest = level.integral(as_index(k));
        worst = std::max(
            {worst, std::abs(up_to[i] - std::exp(level.log_probability(as_index(k), false) - rest)),
             up_to[i] == below[i] || below[i] == 0
                 ? 0
                 : std::abs(below[i] - std::exp(level.log_probability(as_index(k), true) - rest))});
        BOOST_TEST(
            (design.family->probability_mass() ? below[i] < up_to[i] : below[i] == up_to[i]));
      }
    }
    // 59 nodes; where a row is alone in its level, its probability may be a steep step over the
    // prior of u.
    BOOST_TEST(worst < 1e-4, "sd " << sd << ": " << worst);
  }
}

BOOST_AUTO_TEST_CASE(a_row_left_out_has_the_density_of_fits_without_it) {
  const KnownFit known("random_intercept", family_design(few_counts()), proper, 4000);
  const Report report = information(known, {"groups=none", "pointwise=true"});
  const ReportTable& found = table(report, "pointwise");
  const Rows rows = known.design.all_rows();
  // log p(y of these rows) by a grid over the intercept and log sd that covers every posterior.
  const auto log_evidence = [&](const std::vector<std::size_t>& kept) {
    const Design part = known.design.with_rows(std::make_shared<MatrixRows>(rows.select(kept)));
    Quadrature quadrature(part, 25);
    std::vector<double> terms;
    const Vector psi;
    for (double b = -3; b <= 3; b += 0.05) {
      for (double s = -6; s <= 2; s += 0.05) {
        const double sd = std::exp(s);
        const double prior = -b * b / 8 - sd * sd / 2 + s;
        terms.push_back(prior + quadrature.log_likelihood({Vector::Constant(1, b), psi, sd}));
      }
    }
    const double top = *std::ranges::max_element(terms);
    double sum = 0;
    for (const double term : terms) sum += std::exp(term - top);
    return top + std::log(sum);
  };
  std::vector<std::size_t> all(rows.count());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const double whole = log_evidence(all);
  std::size_t unreliable = 0;
  for (const std::size_t i : all) {
    std::vector<std::size_t> kept = all;
    std::erase(kept, i);
    const double truth = whole - log_evidence(kept);
    const double error = at(found, std::to_string(i + 1), "mcse");
    BOOST_TEST(std::abs(at(found, std::to_string(i + 1), "elpd_loo") - truth) < 4 * error + 1e-4,
               "row " << i + 1 << ": " << truth << " with an error of " << error);
    // Draws of two parameters know them well: the grid's error is not what is compared.
    BOOST_TEST(error < 0.02);
    if (at(found, std::to_string(i + 1), "pareto_k") >= 0.7) ++unreliable;
  }
  BOOST_TEST(unreliable <= 1);  // of 25 rows that say much of two parameters
}

BOOST_AUTO_TEST_CASE(where_draws_of_effects_tell_enough_both_ways_agree) {
  const KnownFit known("random_intercept", family_design(few_counts()), proper, 4000);
  const FittedModel& whole = known.model;
  ModelType without = known.type;
  std::erase(without.offers, MarginalRowLogLikelihood::id);
  const ReportTable given =
      table(information(known, {"groups=none", "pointwise=true"}), "pointwise");
  // The same draws, of which effects are taken as they are: a model that cannot integrate.
  struct Plain final : Model, PointwiseLogLikelihood {
    explicit Plain(std::unique_ptr<Model> of) : model(std::move(of)) {}
    const Layout& layout() const noexcept override { return model->layout(); }
    void start(VectorRef theta, Rng& rng) override { model->start(theta, rng); }
    void* query(std::string_view wanted) noexcept override {
      return wanted == PointwiseLogLikelihood::id ? static_cast<PointwiseLogLikelihood*>(this)
                                                  : nullptr;
    }
    void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
      tarn::query<PointwiseLogLikelihood>(*model)->log_likelihood(theta, rows, by_row);
    }
    std::unique_ptr<Model> model;
  };
  const FittedModel plain{without, known.design, known.priors, whole.row_numbers,
                          [&] { return std::make_unique<Plain>(whole.make()); }};
  Report report;
  const DiagnosticType& diagnostic = *registry().diagnostic("information").type;
  const std::vector<std::string> set{"groups=none", "pointwise=true"};
  diagnostic.make(Settings(diagnostic.settings, set, "information"))
      ->evaluate({.posterior = known.fitted.draws, .model = &plain, .threads = 2}, report);
  const ReportTable& drawn = table(report, "pointwise");
  std::size_t compared = 0;
  for (const std::string& row : drawn.rows) {
    // WAIC and the density given all rows do not depend on how rows are left out.
    BOOST_TEST(at(given, row, "elpd_waic") == at(drawn, row, "elpd_waic"));
    if (!(at(drawn, row, "pareto_k") < 0.5)) continue;
    ++compared;
    const double error = std::hypot(at(given, row, "mcse"), at(drawn, row, "mcse"));
    BOOST_TEST(std::abs(at(given, row, "elpd_loo") - at(drawn, row, "elpd_loo")) < 4 * error);
    BOOST_TEST(at(given, row, "mcse") < at(drawn, row, "mcse"));
  }
  BOOST_TEST(compared > 10U);
}

BOOST_AUTO_TEST_CASE(some_of_the_draws_are_those_of_all) {
  const KnownFit known("random_intercept", family_design(few_counts()), proper, 100);
  const Fit over{.posterior = known.fitted.draws, .model = &known.model, .threads = 2};
  LogLikelihood likelihood(over);
  const auto given = likelihood.given_level();
  BOOST_REQUIRE(given.has_value());
  BOOST_TEST(given->grouping == 0U);
  BOOST_TEST(given->step == 1U);
  BOOST_TEST(given->draws == 100U);
  const auto collected = [&](const LogLikelihood::GivenLevel& how) {
    std::vector<Eigen::ArrayXd> rows(known.design.rows->count());
    likelihood.of_rows(how, [&](std::size_t, std::size_t row, const Eigen::ArrayXd& by_draw) {
      rows[row] = by_draw;
    });
    return rows;
  };
  const auto all = collected(*given);
  const auto some = collected({0, 3, 34});
  for (std::size_t row = 0; row < all.size(); ++row) {
    BOOST_TEST(all[row].size() == 200);
    BOOST_TEST(some[row].size() == 68);
    for (Eigen::Index chain = 0; chain < 2; ++chain) {
      for (Eigen::Index k = 0; k < 34; ++k) {
        BOOST_TEST(some[row][34 * chain + k] == all[row][100 * chain + 3 * k]);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_route_that_was_taken_is_said) {
  const KnownFit known("random_intercept", family_design(few_counts()), proper, 500);
  const auto begins_with = [](const Report& report, const std::string& text) {
    return std::ranges::any_of(report.findings(), [&](const Finding& finding) {
      return finding.sentence.starts_with(text);
    });
  };
  BOOST_TEST(begins_with(information(known, {}),
                         "leave-one-out, effects of g integrated out: elpd_loo -"));
  const KnownFit slopes("random_slope",
                        family_design({.family = {"poisson"}, .slopes = true, .seed = 3}), {}, 500,
                        "pivot");
  BOOST_TEST(begins_with(information(slopes, {"groups=none"}), "leave-one-out: elpd_loo -"));
}
