// Diagnostics of how chains walk: `autocorrelation` and `energy`.
#define BOOST_TEST_MODULE walk_diagnostics
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/plugin.hpp"

namespace {

using namespace tarn;

const Vector first{{1, 3, 2, 5, 4, 6, 8, 7, 10, 9, 3, 1}};
const Vector second{{1, -3, 9, -10, 7, -8, 6, -4, 5, -2, 3, -1}};

/// One block a variable, a column of values each: chain after chain.
test::MemoryDraws draws_of(const std::vector<std::string>& names, std::size_t chains,
                           const Matrix& values) {
  Layout layout;
  for (const std::string& name : names) layout.add({.name = name});
  const auto draws = static_cast<std::size_t>(values.rows()) / chains;
  test::MemoryDraws result(layout, chains, draws);
  for (std::size_t c = 0; c < chains; ++c) {
    result.write({.chain = c,
                  .first = 0,
                  .theta = values.middleRows(c * draws, draws).transpose(),
                  .statistics = {}});
  }
  return result;
}

Report evaluate(const std::string& name, const Draws& posterior, const Draws* statistics,
                bool figures = false, const FittedModel* model = nullptr) {
  const auto& type = *test::registry().diagnostic(name).type;
  Report report;
  type.make(Settings(type.settings, {}, name))
      ->evaluate({.posterior = posterior,
                  .statistics = statistics,
                  .model = model,
                  .wants_figures = figures},
                 report);
  return report;
}

Matrix two_chains() {
  Matrix x(24, 1);
  x << first, second;
  return x;
}

/// A model as its priors leave it, of 20 rows in four groups: what it offers decides the advice.
struct Offered {
  Offered(const std::string& name, const std::vector<std::string>& given, bool grouped = true)
      : design(test::design_of(data(grouped))),
        priors(test::registry().model(name).type->parameters(design), given),
        type(narrowed(*test::registry().model(name).type, design, priors)),
        model{type, design, priors, {}, {}} {}

  static test::Data data(bool grouped) {
    test::Data data{Matrix(20, 1), Vector(20)};
    Rng rng({7});
    for (Eigen::Index i = 0; i < 20; ++i) {
      data.X(i, 0) = rng.normal();
      data.y[i] = rng.normal();
      if (grouped) data.level.push_back(static_cast<std::int32_t>(i / 5));
    }
    return data;
  }

  Design design;
  Priors priors;
  ModelType type;
  FittedModel model;
};

/// What `energy` says of 24 draws of which two have this statistic.
std::string said(const std::string& statistic, const FittedModel* model) {
  Matrix x = Matrix::Zero(24, 1);
  x(3, 0) = x(17, 0) = 1;
  const auto statistics = draws_of({statistic}, 2, x);
  return evaluate("energy", statistics, &statistics, false, model).findings().front().sentence;
}

/// The same of energies that hardly move from draw to draw.
std::string said_of_energy(const FittedModel* model) {
  const auto statistics = draws_of({"energy"}, 1, Vector::LinSpaced(24, 0, 23));
  return evaluate("energy", statistics, &statistics, false, model).findings().front().sentence;
}

const std::string heavy_tails = "Intercept ~ student_t(3, 0, 1)";  // nothing is integrated out

}  // namespace

// R 4.2: acf(x, plot = FALSE)$acf of both chains, averaged.
BOOST_AUTO_TEST_CASE(autocorrelations_are_those_of_r) {
  const Report report = evaluate("autocorrelation", draws_of({"x"}, 2, two_chains()), nullptr);
  const ReportTable& table = report.tables().front();
  const double lag_1 = (0.501125231665343 - 0.9075776791376031) / 2;
  const double lag_5 = (-0.321220545406407 - 0.3952124286620165) / 2;
  const double lag_10 = (0.143102991792428 + 0.0155358275206088) / 2;
  BOOST_TEST(table.at(0, 0) == lag_1, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(table.at(0, 1) == lag_5, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(table.at(0, 2) == lag_10, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(std::isnan(table.at(0, 3)));  // the chains end before lag 50
}

// A first-order autoregression with coefficient a takes (1 + a) / (1 - a) transitions for one
// effective draw: 19 at 0.9. The estimate's relative sd is about sqrt(4 (2 M + 1) / n) with its
// window M of some 50 lags (Sokal 1997, equation 3.19): 0.1 for n = 40,000.
BOOST_AUTO_TEST_CASE(slow_mixing_is_noted_with_its_time) {
  Rng rng({5});
  Matrix x(40000, 1);
  double at = 0;
  for (Eigen::Index i = 0; i < x.rows(); ++i) x(i, 0) = at = 0.9 * at + rng.normal();
  const Report report = evaluate("autocorrelation", draws_of({"x"}, 4, x), nullptr);
  const double time = report.tables().front().at(0, 4);
  BOOST_TEST(time == 19, boost::test_tools::tolerance(0.3));
  BOOST_TEST((report.findings().front().level == Finding::Level::note));
}

BOOST_AUTO_TEST_CASE(stuck_chains_are_bad_and_their_figures_cannot_be_said) {
  const Report report =
      evaluate("autocorrelation", draws_of({"x"}, 2, Matrix::Constant(24, 1, 3)), nullptr, true);
  BOOST_TEST((report.findings().front().level == Finding::Level::bad));
  BOOST_TEST(std::isnan(report.tables().front().at(0, 0)));
  BOOST_TEST(report.figures().empty());
}

// mean((E_t - E_{t-1})^2) / var(E), divisor n in both, as ArviZ's bfmi.
BOOST_AUTO_TEST_CASE(missing_information_is_that_of_its_definition) {
  const auto statistics = draws_of({"energy"}, 2, two_chains());
  const Report report = evaluate("energy", statistics, &statistics, true);
  const ReportTable& table = report.tables().front();
  BOOST_TEST(table.at(0, 0) == 0.705321683876092, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(table.at(1, 0) == 3.80976537729867, boost::test_tools::tolerance(1e-12));
  BOOST_TEST((report.findings().front().level == Finding::Level::good));
  BOOST_TEST(report.figures().size() == 1u);
}

BOOST_AUTO_TEST_CASE(divergences_are_bad_and_shown_where_they_lie) {
  Rng rng({6});
  Matrix x(200, 2), diverging(200, 1);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    x.row(i) << rng.normal(), rng.normal();
    diverging(i, 0) = x(i, 0) > 1.5 ? 1 : 0;
  }
  const auto statistics = draws_of({"diverging"}, 2, diverging);
  const Report report = evaluate("energy", draws_of({"x", "y"}, 2, x), &statistics, true);
  BOOST_TEST((report.findings().front().level == Finding::Level::bad));
  BOOST_TEST_REQUIRE(report.figures().size() == 1u);
  BOOST_TEST(report.figures().front().name == "divergences");
}

BOOST_AUTO_TEST_CASE(trajectories_that_are_cut_off_are_noted) {
  Matrix cut = Matrix::Zero(24, 1);
  const auto turned = draws_of({"reached_max_treedepth"}, 2, cut);
  const Report good = evaluate("energy", turned, &turned);
  BOOST_TEST_REQUIRE(good.findings().size() == 1u);
  BOOST_TEST((good.findings().front().level == Finding::Level::good));
  BOOST_TEST(good.findings().front().sentence == "no trajectory was cut off before it turned");
  cut(3, 0) = cut(17, 0) = 1;
  const auto statistics = draws_of({"reached_max_treedepth"}, 2, cut);
  const Report noted = evaluate("energy", statistics, &statistics);
  BOOST_TEST((noted.findings().front().level == Finding::Level::note));
  BOOST_TEST(
      noted.findings().front().sentence ==
      "2 of 24 trajectories were cut off at the greatest depth before they turned: the draws "
      "are valid but expensive; allow longer trajectories (--set max_depth=12)");
}

BOOST_AUTO_TEST_CASE(after_divergences_only_samplers_that_the_model_offers_are_advised) {
  const std::string seen =
      "2 of 24 trajectories diverged: there are regions that the sampler cannot enter, so the "
      "draws "
      "are biased; take smaller steps (--set target_accept=0.99)";
  const Offered both("random_intercept", {});
  BOOST_TEST(said("diverging", &both.model) ==
             seen + ", or --sampler collapsed or gibbs, which have no steps");
  const Offered one("random_intercept", {heavy_tails});
  BOOST_TEST(said("diverging", &one.model) == seen + ", or --sampler gibbs, which has no steps");
  Offered none("random_intercept", {heavy_tails});
  std::erase(none.type.offers, FullConditionals::id);
  BOOST_TEST(said("diverging", &none.model) == seen);
  BOOST_TEST(said("diverging", nullptr) == seen);
}

BOOST_AUTO_TEST_CASE(after_cut_trajectories_only_samplers_that_the_model_offers_are_advised) {
  const std::string seen =
      "2 of 24 trajectories were cut off at the greatest depth before they turned: the draws are "
      "valid but expensive; allow longer trajectories (--set max_depth=12)";
  const Offered both("random_intercept", {});
  BOOST_TEST(said("reached_max_treedepth", &both.model) ==
             seen + ", or take --sampler collapsed or gibbs");
  const Offered one("random_intercept", {heavy_tails});
  BOOST_TEST(said("reached_max_treedepth", &one.model) == seen + ", or take --sampler gibbs");
  BOOST_TEST(said("reached_max_treedepth", nullptr) == seen);
}

BOOST_AUTO_TEST_CASE(advice_on_energies_is_what_the_model_can_take) {
  const std::string seen =
      "E-BFMI is below 0.3 in chain 1 (least 0.02): the momentum moves the energy too little, and "
      "tails may be missing; draw more";
  const Offered both("random_intercept", {});
  BOOST_TEST(said_of_energy(&both.model) ==
             seen + ", or take --set effects=non-centered or --sampler collapsed");
  const Offered heavy("random_intercept", {heavy_tails});
  BOOST_TEST(said_of_energy(&heavy.model) == seen + ", or take --set effects=non-centered");
  const Offered pooled("pooled", {}, false);
  BOOST_TEST(said_of_energy(&pooled.model) == seen + ", or take --sampler collapsed");
  const Offered alone("pooled", {heavy_tails}, false);
  BOOST_TEST(said_of_energy(&alone.model) == seen);
  BOOST_TEST(said_of_energy(nullptr) == seen);
}

BOOST_AUTO_TEST_CASE(samplers_without_trajectories_have_no_energies_to_judge) {
  const auto statistics = draws_of({"lp"}, 2, two_chains());
  BOOST_TEST(evaluate("energy", statistics, &statistics).findings().empty());
}
