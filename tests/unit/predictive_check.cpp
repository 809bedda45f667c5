// The diagnostic predictive_check: statistics by hand, leave-one-out in closed form, what it tells.
#define BOOST_TEST_MODULE predictive_check
#include <Eigen/Dense>
#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>

#include "known_fit.hpp"
#include "loo_pit.hpp"
#include "replicates.hpp"
#include "report_tables.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using namespace tarn::predictive_check;

/// A line with residuals made by `noise` of standard normals.
template <class Noise>
Data line(Eigen::Index rows, const Noise& noise) {
  Rng rng({12, 0, Purpose::test});
  Data data{Matrix(rows, 1), Vector(rows)};
  for (Eigen::Index i = 0; i < rows; ++i) {
    data.X(i, 0) = rng.normal();
    data.y[i] = 1 + data.X(i, 0) + noise(i, rng.normal());
  }
  return data;
}

double plain(Eigen::Index, double z) { return z; }

Report evaluate(const KnownFit& known, const std::vector<std::string>& given = {},
                bool figures = false) {
  const DiagnosticType& type = *registry().diagnostic("predictive_check").type;
  Report report;
  const Fit fit{.posterior = known.fitted.draws,
                .model = &known.model,
                .wants_figures = figures,
                .seed = 5,
                .threads = 2};
  type.make(Settings(type.settings, given, "predictive_check"))->evaluate(fit, report);
  return report;
}

bool tells(const Report& report, Finding::Level level, const std::string& words) {
  return std::ranges::any_of(report.findings(), [&](const Finding& finding) {
    return finding.level == level && finding.sentence.find(words) != std::string::npos;
  });
}

Finding::Level worst(const Report& report) {
  Finding::Level level = Finding::Level::good;
  for (const Finding& finding : report.findings()) level = std::max(level, finding.level);
  return level;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_shape_keeps_what_the_numbers_say) {
  const Vector y{{1, 2, 2, 3, 10}};
  Rows rows;
  rows.y = y;
  rows.level = {{0, 0, 0, 1, 1}};
  Shape shape({.low = 0, .width = 0.5, .bins = 24}, 3, {2});
  shape.add(rows, y.head(3));
  rows.level = {{1, 1}};
  shape.add(rows, y.tail(2));
  const auto near = boost::test_tools::tolerance(1e-12);
  BOOST_TEST(shape.of(predictive_check::Statistic::mean) == 3.6, near);
  // Squares about the mean: 6.76 + 2.56 + 2.56 + 0.36 + 40.96 = 53.2; cubes -17.576 - 4.096 - 4.096
  // - 0.216 + 262.144 = 236.16.
  BOOST_TEST(shape.of(predictive_check::Statistic::sd) == std::sqrt(53.2 / 4), near);
  BOOST_TEST(
      shape.of(predictive_check::Statistic::skewness) == 236.16 / 5 / std::pow(53.2 / 5, 1.5),
      near);
  BOOST_TEST(shape.of(predictive_check::Statistic::least) == 1);
  BOOST_TEST(shape.of(predictive_check::Statistic::greatest) == 10);
  BOOST_TEST(shape.group_mean(0, 1) == 6.5, near);
  BOOST_TEST(shape.group_sd(0, 0) == std::sqrt(1.0 / 3), near);
  BOOST_TEST(std::isnan(shape.group_sd(0, 1)));  // two rows
  const std::vector<double> ecdf = shape.ecdf();
  BOOST_TEST(ecdf[3] == 0.2, near);   // below 1.5
  BOOST_TEST(ecdf[6] == 0.6, near);   // below 3
  BOOST_TEST(ecdf[24] == 1.0, near);  // below 12
  double area = 0;
  // The kernel of the first value, 2.5 of its standard deviations from the grid's end, loses 0.6 %.
  for (const double at : shape.density(0.5)) area += 0.5 * at;
  BOOST_TEST(area == 1, boost::test_tools::tolerance(2e-3));
}

BOOST_AUTO_TEST_CASE(leave_one_out_is_that_of_the_closed_form) {
  const KnownFit known("pooled", line(40, plain),
                       {"Intercept ~ flat()", "b ~ flat()", "sigma ~ flat()"}, 4000);
  const LooPit loo = loo_pit(
      {.posterior = known.fitted.draws, .model = &known.model, .seed = 3, .threads = 2}, 100, 8000);
  BOOST_TEST(loo.pit.size() == 40U);
  const Rows rows = known.design.all_rows();
  const Matrix products = rows.X.transpose() * rows.X;
  for (Eigen::Index i = 0; i < 40; ++i) {
    // Without row i, and sigma itself flat, y_i is Student's t with 39 - 2 - 1 degrees of freedom.
    const Vector x = rows.X.row(i);
    const Matrix inverse = (products - x * x.transpose()).inverse();
    const Vector b = inverse * (rows.X.transpose() * rows.y - x * rows.y[i]);
    const Vector e = rows.y - rows.X * b;
    const double squares = e.squaredNorm() - e[i] * e[i];
    const double scale = std::sqrt(squares / 36 * (1 + x.dot(inverse * x)));
    const double exact = cdf(boost::math::students_t(36), e[i] / scale);
    // 8000 draws, of which weights leave at least half: five standard errors.
    const double error = std::sqrt(exact * (1 - exact) / 4000) + 1e-4;
    BOOST_TEST(std::abs(loo.pit[static_cast<std::size_t>(i)] - exact) < 5 * error, "row " << i);
  }
}

BOOST_AUTO_TEST_CASE(replicates_do_not_depend_on_threads) {
  const KnownFit known("pooled", line(50, plain), {}, 200);
  const Matrix thetas = some_draws(known.fitted.draws, 60);
  BOOST_TEST(thetas.cols() == 60);
  const auto run = [&](std::size_t threads) {
    std::vector<double> means;
    const Replicated made = replicate(
        {.posterior = known.fitted.draws, .model = &known.model, .seed = 3, .threads = threads},
        thetas);
    for (const Shape& shape : made.replicates) {
      means.push_back(shape.of(predictive_check::Statistic::mean));
    }
    return means;
  };
  BOOST_TEST(run(1) == run(3));
}

BOOST_AUTO_TEST_CASE(a_right_model_is_not_accused) {
  const KnownFit known("pooled", line(200, plain), {}, 500);
  const Report report = evaluate(known);
  BOOST_TEST((worst(report) == Finding::Level::good));
  BOOST_TEST(tells(report, Finding::Level::good, "replicates of y are like the data"));
  const ReportTable& compared = table(report, "test_statistics");
  BOOST_TEST(compared.rows.size() == 5U);
  const ReportTable& pit = table(report, "loo_pit");
  BOOST_TEST(pit.at(0, 0) == 200);
  // The mean of 200 uniform numbers: standard error 0.02.
  BOOST_TEST(std::abs(pit.at(0, 2) - 0.5) < 0.1);
  const ReportTable& prior = table(report, "prior_predictive");
  BOOST_TEST(prior.at(0, 0) < prior.at(1, 0));
  BOOST_TEST(prior.at(0, 4) > prior.at(1, 4));
}

BOOST_AUTO_TEST_CASE(a_skewed_response_is_told_with_advice) {
  const KnownFit known(
      "pooled", line(200, [](Eigen::Index, double z) { return std::exp(1.2 * z); }), {}, 500);
  const Report report = evaluate(known);
  BOOST_TEST(tells(report, Finding::Level::note, "the skewness of y is"));
  BOOST_TEST(tells(report, Finding::Level::note, "the greatest value of y is"));
  BOOST_TEST(tells(report, Finding::Level::note, "distributions is clearly not uniform"));
}

BOOST_AUTO_TEST_CASE(groups_whose_spread_differs_are_told) {
  Data data = line(240, [](Eigen::Index i, double z) { return i % 8 < 4 ? 0.2 * z : 2 * z; });
  for (std::int32_t i = 0; i < 240; ++i) data.level.push_back(i % 8);
  const KnownFit known("random_intercept", data, {}, 500);
  const Report report = evaluate(known);
  BOOST_TEST(
      tells(report, Finding::Level::note, "groups of 'g' have a standard deviation outside"));
  BOOST_TEST(tells(report, Finding::Level::note, "--model group_variance"));
  BOOST_TEST(table(report, "group_sds(g)").rows.size() == 8U);
}

BOOST_AUTO_TEST_CASE(priors_that_contradict_the_data_are_told) {
  const KnownFit known("pooled", line(200, plain), {"Intercept ~ normal(50, 1)"}, 500);
  BOOST_TEST(tells(evaluate(known), Finding::Level::note, "the priors contradict the data"));
  const KnownFit wide("pooled", line(200, plain), {"Intercept ~ normal(0, 10000)"}, 500);
  BOOST_TEST(
      tells(evaluate(wide), Finding::Level::note, "more than 100 times as wide as the data"));
}

BOOST_AUTO_TEST_CASE(flat_priors_predict_nothing_and_the_rest_goes_on) {
  const KnownFit known("pooled", line(60, plain), {"b ~ flat()"}, 200);
  const Report report = evaluate(known);
  BOOST_TEST(std::ranges::count(report.tables(), "prior_predictive", &ReportTable::name) == 0);
  BOOST_TEST(std::ranges::count(report.tables(), "test_statistics", &ReportTable::name) == 1);
}

namespace {

/// y ~ Poisson(rate), whole numbers; as a model that does or does not say that they are.
class Counts : public Offers<PointwiseLogLikelihood, Predictive> {
 public:
  explicit Counts(const ModelInput&) { layout_.add({"rate", {}, Support::positive}); }
  static std::optional<std::string> refuses(const Design&) { return std::nullopt; }
  static std::vector<Parameter> parameters(const Design&) { return {}; }
  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng&) override { theta[0] = 1; }
  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    for (Eigen::Index i = 0; i < by_row.size(); ++i) {
      by_row[i] = rows.y[i] * std::log(theta[0]) - theta[0] - std::lgamma(rows.y[i] + 1);
    }
  }
  void predict(ConstVectorRef theta, const Rows&, VectorRef y, Rng& rng) override {
    for (double& count : y) count = draw(theta[0], rng);
  }

  /// Arrivals within one unit of time.
  static double draw(double rate, Rng& rng) {
    double count = -1;
    for (double time = 0; time < 1; time += rng.exponential() / rate) ++count;
    return count;
  }

 private:
  Layout layout_;
};

struct DeclaredCounts final : Counts {
  using Counts::Counts;
  static constexpr bool probability_mass = true;
};

/// Leave-one-out PIT of 400 counts of rate 1.5, given draws of its posterior.
LooPit pit_of(const ModelType& type) {
  constexpr Eigen::Index rows = 400, draws = 1000;
  Rng rng({21, 0, Purpose::test});
  Data data{Matrix(rows, 0), Vector(rows)};
  for (double& y : data.y) y = Counts::draw(1.5, rng);
  const Design design = design_of(data);
  const Priors priors;
  const Settings settings;
  const ModelInput input{design, priors, settings};
  const FittedModel model{type, design, priors, {}, [&] { return type.make(input); }};
  MemoryDraws posterior(type.make(input)->layout(), 1, draws);
  DrawBatch batch;
  batch.theta = Matrix(1, draws);
  for (Eigen::Index s = 0; s < draws; ++s) {
    batch.theta(0, s) = rng.gamma(data.y.sum() + 1) / rows;
  }
  posterior.write(batch);
  return loo_pit({.posterior = posterior, .model = &model, .seed = 5}, 1000, 1000);
}

/// The greatest distance from the uniform distribution function.
double distance(LooPit loo) {
  std::ranges::sort(loo.pit);
  double most = 0;
  const auto n = static_cast<double>(loo.pit.size());
  for (std::size_t i = 0; i < loo.pit.size(); ++i) {
    const auto k = static_cast<double>(i);
    most = std::max({most, (k + 1) / n - loo.pit[i], loo.pit[i] - k / n});
  }
  return most;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pit_is_randomised_where_a_model_declares_a_probability_mass_and_only_there) {
  Plugin plugin;
  plugin.model<DeclaredCounts>("declared", "counts");
  plugin.model<Counts>("silent", "counts that do not say so");
  BOOST_TEST(plugin.models[0].probability_mass);
  BOOST_TEST(!plugin.models[1].probability_mass);
  const LooPit random = pit_of(plugin.models[0]);
  // Kolmogorov: above 1.95 / sqrt(n) once in a thousand data sets.
  BOOST_TEST(distance(random) < 1.95 / 20);
  BOOST_TEST(random.pit == pit_of(plugin.models[0]).pit, boost::test_tools::per_element());
  // P(new y < y) alone: 0 for each of the 22 % of rows whose y is 0.
  const LooPit silent = pit_of(plugin.models[1]);
  BOOST_TEST(std::ranges::count(silent.pit, 0.0) > 60);
  BOOST_TEST(distance(silent) > 0.15);
}

BOOST_AUTO_TEST_CASE(too_few_draws_are_refused_in_words) {
  const KnownFit known("pooled", line(60, plain), {}, 10);
  BOOST_TEST(tells(evaluate(known), Finding::Level::bad, "20 draws in all are too few"));
}

BOOST_AUTO_TEST_CASE(figures_are_made_where_they_are_wanted) {
  Data data = line(120, plain);
  for (std::int32_t i = 0; i < 120; ++i) data.level.push_back(i % 80);
  const KnownFit known("random_intercept", data, {}, 200);
  BOOST_TEST(evaluate(known).figures().empty());
  std::vector<std::string> names;
  const Report report = evaluate(known, {}, true);
  std::size_t numbers = 0;
  for (const Figure& figure : report.figures()) {
    names.push_back(figure.name);
    BOOST_TEST(!figure.caption.empty());
    for (const FigureData& part : figure.data) {
      BOOST_TEST(!part.columns.front().numbers.empty() + !part.columns.front().texts.empty() == 1,
                 figure.name);
      numbers += part.columns.front().numbers.size();
    }
  }
  const std::vector<std::string> expected{"test_statistics", "density_overlay", "ecdf_overlay",
                                          "ecdf_difference", "group_means_g",   "loo_pit",
                                          "prior_predictive"};
  BOOST_TEST(names == expected);
  BOOST_TEST(numbers < 10'000U);
  BOOST_TEST(report.figures()[4].data.front().columns.front().texts.size() == 60U);
  BOOST_TEST(report.figures()[4].caption.find("60 of 80 groups are shown") != std::string::npos);
}
