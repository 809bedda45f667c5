// Predictive checks by the kind of the response: statistics, figures, calibration, exact LOO-PIT.
#define BOOST_TEST_MODULE predictive_kinds
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "calibration.hpp"
#include "family_groups.hpp"
#include "known_fit.hpp"
#include "loo_pit.hpp"
#include "replicates.hpp"
#include "report_tables.hpp"
#include "tarn/ecdf_band.hpp"
#include "tarn/model.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using namespace tarn::predictive_check;
namespace data = boost::unit_test::data;

/// Enough rows to be judged by.
FamilyData many(const FamilyCase& family) {
  return {.family = family, .sizes = {30, 45, 60, 25, 50, 40}, .seed = 6};
}

Report evaluate(const KnownFit& known, bool figures = false,
                const std::vector<std::string>& given = {}) {
  const DiagnosticType& type = *registry().diagnostic("predictive_check").type;
  Report report;
  type.make(Settings(type.settings, given, "predictive_check"))
      ->evaluate({.posterior = known.fitted.draws,
                  .model = &known.model,
                  .wants_figures = figures,
                  .seed = 5,
                  .threads = 2},
                 report);
  return report;
}

bool tells(const Report& report, Finding::Level level, const std::string& words) {
  return std::ranges::any_of(report.findings(), [&](const Finding& finding) {
    return finding.level == level && finding.sentence.find(words) != std::string::npos;
  });
}

struct Kind {
  FamilyCase family;
  std::vector<std::string> statistics, figures;
  std::string like;  // in which replicates are like the data
};

std::ostream& operator<<(std::ostream& out, const Kind& kind) { return out << kind.family; }

const std::vector<Kind> kinds{
    {{"poisson"},
     {"mean", "variance / mean", "share of zeros", "greatest"},
     {"test_statistics", "rootogram", "ecdf_difference", "group_means_g", "loo_pit",
      "prior_predictive"},
     "mean, variance over mean, share of zeros and greatest value"},
    {{"bernoulli"},
     {"share of 1"},
     {"test_statistics", "bars", "group_means_g", "loo_pit", "calibration", "prior_predictive"},
     "the share of 1"},
    {{"binomial", {}, 7},
     {"mean share", "sd of shares", "none", "all"},
     {"test_statistics", "rootogram", "ecdf_difference", "group_means_g", "loo_pit", "calibration",
      "prior_predictive"},
     "the mean and standard deviation of shares, and in how many are 0 or 1"},
    {{"beta", {6}},
     {"mean", "standard deviation", "least", "greatest", "skewness"},
     {"test_statistics", "density_overlay", "ecdf_overlay", "ecdf_difference", "group_means_g",
      "loo_pit", "calibration", "prior_predictive"},
     "mean, standard deviation, extremes and skewness"},
    {{"cumulative", {-1.2, 0.3, 0.9}},
     {"share of 1", "share of 2", "share of 3", "share of 4"},
     {"test_statistics", "bars", "group_means_g", "loo_pit", "prior_predictive"},
     "the share of every category"},
    {{"hurdle_gamma", {3, 0.25}},
     {"mean", "standard deviation", "share of zeros", "greatest", "skewness"},
     {"test_statistics", "density_overlay", "ecdf_overlay", "ecdf_difference", "group_means_g",
      "loo_pit", "prior_predictive"},
     "mean, standard deviation, share of zeros, greatest value and skewness"}};

std::string sampler_of(const FamilyCase& family) {
  return family.make()->log_concave() ? "collapsed" : "pivot";
}

/// Proper, and with an intercept where the family has one.
std::vector<std::string> proper_of(const FamilyCase& family) {
  std::vector<std::string> all{"b ~ normal(0, 1)", "sd(g) ~ half_normal(1)"};
  if (!family.ordinal()) all.push_back("Intercept ~ normal(0, 1)");
  return all;
}
const std::vector<std::string> proper = proper_of({"poisson"});

}  // namespace

BOOST_AUTO_TEST_CASE(kinds_are_told_by_what_a_family_refuses) {
  const auto kind = [](const std::string& name) { return tarn::kind_of(*FamilyCase{name}.make()); };
  BOOST_TEST((kind("gaussian") == ResponseKind::real));
  BOOST_TEST((kind("student") == ResponseKind::real));
  BOOST_TEST((kind("gamma") == ResponseKind::positive));
  BOOST_TEST((kind("lognormal") == ResponseKind::positive));
  BOOST_TEST((kind("hurdle_gamma") == ResponseKind::nonnegative));
  BOOST_TEST((kind("beta") == ResponseKind::proportion));
  BOOST_TEST((kind("bernoulli(cloglog)") == ResponseKind::binary));
  BOOST_TEST((kind("binomial") == ResponseKind::successes));
  BOOST_TEST((kind("zero_inflated_negbinomial") == ResponseKind::count));
  BOOST_TEST((kind("cumulative") == ResponseKind::category));
}

BOOST_DATA_TEST_CASE(a_right_model_is_checked_by_what_its_response_is, data::make(kinds), kind) {
  const KnownFit known("random_intercept", family_design(many(kind.family)), proper_of(kind.family),
                       500, sampler_of(kind.family));
  const Report report = evaluate(known, true);
  const ReportTable& compared = table(report, "test_statistics");
  BOOST_TEST(compared.rows == kind.statistics, boost::test_tools::per_element());
  BOOST_TEST(
      tells(report, Finding::Level::good, "replicates of y are like the data in " + kind.like));
  std::vector<std::string> names;
  for (const Figure& figure : report.figures()) {
    names.push_back(figure.name);
    BOOST_TEST(!figure.caption.empty());
  }
  BOOST_TEST(names == kind.figures, boost::test_tools::per_element());
  for (const Finding& finding : report.findings()) {
    BOOST_TEST((finding.level == Finding::Level::good), finding.sentence);
    BOOST_TEST(finding.sentence.find("group_variance") == std::string::npos, finding.sentence);
  }
  for (const double value : compared.values) BOOST_TEST(std::isfinite(value));
}

BOOST_AUTO_TEST_CASE(too_many_zeros_and_too_much_spread_are_told_with_a_family) {
  const Design zeros = family_design(many({"zero_inflated_poisson", {0.5}}));
  Design as_counts = zeros;
  as_counts.family_name = "poisson";
  as_counts.family = FamilyCase{"poisson"}.make();
  const KnownFit known("random_intercept",
                       as_counts.with_rows(std::make_shared<MatrixRows>(zeros.all_rows())), proper,
                       500);
  const Report report = evaluate(known);
  BOOST_TEST(tells(report, Finding::Level::note, "the share of zeros in the values of y is"));
  BOOST_TEST(tells(report, Finding::Level::note,
                   "have more: try --family negbinomial, zero_inflated_poisson or hurdle_poisson"));
  BOOST_TEST(tells(report, Finding::Level::note, "the variance over mean of y is"));
  BOOST_TEST(tells(report, Finding::Level::note, "try --family negbinomial, or a missing term"));
}

BOOST_AUTO_TEST_CASE(a_rootogram_hangs_frequencies_from_what_is_expected) {
  const KnownFit known("random_intercept", family_design(many({"poisson"})), proper, 500);
  const Report report = evaluate(known, true);
  const auto figure = std::ranges::find(report.figures(), "rootogram", &Figure::name);
  const FigureData& bins = figure->data.front();
  const auto column = [&](const std::string& name) {
    return std::ranges::find(bins.columns, name, &FigureColumn::name)->numbers;
  };
  const std::vector<double> value = column("value"), seen = column("data"),
                            made = column("replicates"), top = column("top"), foot = column("foot");
  const Vector y = known.design.all_rows().y;
  double rows = 0, replicated = 0;
  for (std::size_t k = 0; k < value.size(); ++k) {
    BOOST_TEST(value[k] == double(k));
    BOOST_TEST(seen[k] == double((y.array() == value[k]).count()));
    BOOST_TEST(std::abs(top[k] - foot[k] - std::sqrt(seen[k])) < 1e-12);
    BOOST_TEST(std::abs(top[k] * top[k] - made[k]) < 1e-9);
    rows += seen[k];
    replicated += made[k];
  }
  BOOST_TEST(rows == double(y.size()));
  BOOST_TEST(std::abs(replicated / rows - 1) < 0.01);  // but for counts beyond all that are shown
}

BOOST_AUTO_TEST_CASE(isotonic_regression_pools_violators_and_equal_x) {
  const Vector x{{3, 1, 2, 2, 5, 4}};
  const Vector y{{0, 0, 1, 0, 1, 0.5}};
  // By x: 0 | (1, 0) -> 1/2 of weight 2 | 0 | 1/2 | 1; 1/2 and 0 are pooled to 1/3.
  const Vector fitted = isotonic(x, y, Vector::Ones(6));
  const Vector expected{{1.0 / 3, 0, 1.0 / 3, 1.0 / 3, 1, 0.5}};
  BOOST_TEST((fitted - expected).norm() < 1e-15);
  // A weight of 3 is three rows.
  const Vector weight{{3, 1, 1, 1, 1, 1}};
  BOOST_TEST(std::abs(isotonic(x, y, weight)[0] - 0.2) < 1e-15);
}

BOOST_AUTO_TEST_CASE(the_score_of_predictions_is_split) {
  Predicted predicted;
  predicted.mean = Vector{{0.2, 0.2, 0.8, 0.8}};
  predicted.observed = Vector{{0, 1, 1, 1}};
  predicted.weight = Vector::Ones(4);
  predicted.replicates = Matrix::Zero(4, 3);
  predicted.replicates.col(0) = predicted.observed;
  const Reliability found = reliability(predicted);
  BOOST_TEST(std::abs(found.score - (0.04 + 0.64 + 0.04 + 0.04) / 4) < 1e-15);
  BOOST_TEST(std::abs(found.uncertainty - 3.0 / 16) < 1e-15);
  BOOST_TEST(std::abs(found.miscalibration - (found.score - 0.125)) < 1e-15);
  BOOST_TEST(std::abs(found.discrimination - (3.0 / 16 - 0.125)) < 1e-15);
  BOOST_TEST(std::abs(found.score -
                      (found.miscalibration - found.discrimination + found.uncertainty)) < 1e-15);
  // The same once, and twice zeros only: (4 * 0.04 + 2 * 0.6) / 4 more than 0.
  BOOST_TEST(std::abs(found.p - (0.5 + 2) / 3) < 1e-15);
  BOOST_TEST(found.recalibrated == (std::vector<double>{0.5, 0.5, 1, 1}));
}

BOOST_AUTO_TEST_CASE(probabilities_of_a_wrong_link_are_told) {
  // Responses by the square of what the model is given.
  Rng rng({4, 0, Purpose::test});
  Data made{Matrix(600, 1), Vector(600)};
  for (Eigen::Index i = 0; i < 600; ++i) {
    made.X(i, 0) = rng.normal();
    const double eta = 3 * (made.X(i, 0) * made.X(i, 0) - 1) + made.X(i, 0);
    made.y[i] = rng.uniform() < 1 / (1 + std::exp(-eta)) ? 1 : 0;
  }
  Design design = design_of(made);
  design.family_name = "bernoulli";
  design.family = FamilyCase{"bernoulli"}.make();
  const Report report = evaluate(KnownFit("pooled", design, {}, 500));
  BOOST_TEST(tells(report, Finding::Level::note, "the probabilities of y are not calibrated"));
  BOOST_TEST(at(table(report, "calibration"), "all", "p") < 0.01);
}

BOOST_DATA_TEST_CASE(pit_of_a_right_model_is_uniform_and_the_same_each_time, data::make(kinds),
                     kind) {
  for (const bool grouped : {true, false}) {  // with effects integrated out, and by draws
    FamilyData made = many(kind.family);
    made.slopes = !grouped;
    const KnownFit known(grouped ? "random_intercept" : "random_slope", family_design(made),
                         proper_of(kind.family), 500, grouped ? sampler_of(kind.family) : "pivot");
    const LooPit loo =
        loo_pit({.posterior = known.fitted.draws, .model = &known.model, .seed = 3, .threads = 2},
                1000, 400);
    BOOST_TEST(loo.pit.size() == 250U);
    BOOST_TEST(loo.unreliable < 13U);
    const EcdfBand band = ecdf_band(loo.pit.size(), 100, 0.999);
    BOOST_TEST(band.leaves(band.ecdf(loo.pit)) == band.at.size());
    const LooPit again =
        loo_pit({.posterior = known.fitted.draws, .model = &known.model, .seed = 3, .threads = 1},
                1000, 400);
    BOOST_TEST(loo.pit == again.pit, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(rows_of_weight_are_left_out_whole) {
  // One row of weight 3 is three equal rows, none of which tells the others: flat in the posterior
  // of the rest, a closed form for the normal mean.
  Data made{Matrix(12, 0), Vector(12)};
  made.frequency = Vector::Ones(12);
  for (Eigen::Index i = 0; i < 12; ++i) made.y[i] = std::sin(double(i));
  made.frequency[0] = 3;
  const KnownFit known("pooled", design_of(made),
                       {"Intercept ~ flat()", "sigma ~ lognormal(0, 0.0001)"}, 4000);
  const LooPit loo =
      loo_pit({.posterior = known.fitted.draws, .model = &known.model, .seed = 3}, 100, 8000);
  const double mean = made.y.tail(11).mean();
  const double expected = to_mean(Link::probit, (made.y[0] - mean) / std::sqrt(1 + 1.0 / 11));
  BOOST_TEST(std::abs(loo.pit[0] - expected) < 0.02);  // 8000 draws, of which weights leave some
}
