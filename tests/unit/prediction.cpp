// Predictions from draws: closed forms, levels that were not seen, the same bits everywhere.
#define BOOST_TEST_MODULE prediction
#include "tarn/prediction.hpp"

#include <Eigen/Dense>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "known_fit.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"
#include "temporary_folder.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

Data line(bool groups) {
  Rng rng({8, 0, Purpose::test});
  Data data{Matrix(30, 1), Vector(30)};
  for (Eigen::Index i = 0; i < 30; ++i) {
    data.X(i, 0) = rng.normal();
    data.y[i] = 1 + 2 * data.X(i, 0) + 0.5 * rng.normal() + (groups ? double(i % 3) : 0);
    if (groups) data.level.push_back(static_cast<std::int32_t>(i % 3));
  }
  return data;
}

using Known = KnownFit;

const std::vector<std::string> proper{"Intercept ~ normal(0, 10)", "b ~ normal(0, 10)",
                                      "sigma ~ half_normal(2)", "sd(g) ~ half_normal(2)"};

/// One row at x for each level (in working coordinates: less the mean of x in the fit).
NewRows rows_of_levels(const Known& known, const std::vector<std::int32_t>& levels, double x) {
  const auto n = static_cast<Eigen::Index>(levels.size());
  Rows rows;
  rows.X.resize(n, 2);
  rows.X.col(0).setOnes();
  rows.X.col(1).setConstant(x - known.design.center[1]);
  rows.y = Vector::Constant(n, std::nan(""));
  rows.frequency = rows.weight = Vector::Ones(n);
  NewRows fresh;
  if (!known.design.groupings.empty()) {
    rows.Z.push_back(Matrix::Ones(n, 1));
    rows.level.push_back(levels);
    fresh.groupings = known.design.groupings;
    for (const std::int32_t level : levels) {
      auto& names = fresh.groupings.front().levels;
      while (static_cast<std::int32_t>(names.size()) <= level) {
        names.push_back("new" + std::to_string(names.size() + 1));
      }
    }
    fresh.known = {known.design.groupings.front().levels.size()};
  }
  fresh.rows = std::make_shared<MatrixRows>(std::move(rows));
  for (std::size_t i = 1; i <= levels.size(); ++i) fresh.row_numbers.push_back(i);
  return fresh;
}

Matrix collect(const Known& known, const Draws& draws, const NewRows* fresh,
               const PredictionPlan& plan) {
  const std::size_t rows = fresh != nullptr ? fresh->rows->count() : known.design.rows->count();
  Matrix all(static_cast<Eigen::Index>(draws.chains() * draws.draws()),
             static_cast<Eigen::Index>(rows));
  const auto visit = [&](std::size_t first, const Rows&, ConstMatrixRef block) {
    all.middleCols(static_cast<Eigen::Index>(first), block.cols()) = block;
  };
  if (fresh != nullptr) {
    predict(known.model, draws, *fresh, plan, visit);
  } else {
    predict(known.model, draws, plan, visit);
  }
  return all;
}

double variance(const Vector& x) {
  return (x.array() - x.mean()).square().sum() / double(x.size() - 1);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_new_response_has_the_variance_of_the_closed_form) {
  const Known known("pooled", line(false), {"Intercept ~ flat()", "b ~ flat()", "sigma ~ flat()"},
                    10'000);
  const double x = 1.5;
  const NewRows fresh = rows_of_levels(known, {0}, x);
  const Matrix y = collect(known, known.fitted.draws, &fresh, {.seed = 4});

  // Student's t with n - p - 1 = 27 degrees of freedom: sigma itself is flat.
  const Rows rows = known.design.all_rows();
  const Vector b = rows.X.colPivHouseholderQr().solve(rows.y);
  const double squares = (rows.y - rows.X * b).squaredNorm();
  const Vector at{{1, x - known.design.center[1]}};
  const double leverage = at.dot((rows.X.transpose() * rows.X).inverse() * at);
  const double expected = squares / (27 - 2) * (1 + leverage);
  const double n = double(y.rows());
  // Independent draws; the variance of a variance with a kurtosis of t_27: 3 + 6 / 23.
  BOOST_TEST(std::abs(y.col(0).mean() - at.dot(b)) < 4 * std::sqrt(expected / n));
  BOOST_TEST(std::abs(variance(y.col(0)) / expected - 1) < 4 * std::sqrt(2.27 / n));
}

BOOST_AUTO_TEST_CASE(fitted_rows_are_the_same_bits_from_any_number_of_threads_and_from_the_file) {
  const Known known("random_intercept", line(true), proper, 250);
  const PredictionPlan plan{.seed = 3, .threads = 1};
  const Matrix one = collect(known, known.fitted.draws, nullptr, plan);
  BOOST_TEST((one == collect(known, known.fitted.draws, nullptr, {.seed = 3, .threads = 3})));
  BOOST_TEST((one != collect(known, known.fitted.draws, nullptr, {.seed = 4, .threads = 1})));

  const TemporaryFolder folder;
  const Layout& layout = known.fitted.draws.layout();
  io::ChainWriter writer(folder.path() / "fit.h5", layout, {}, 2, 250, {}, false);
  for (std::size_t chain = 0; chain < 2; ++chain) {
    DrawBatch batch;
    batch.chain = chain;
    batch.theta.resize(static_cast<Eigen::Index>(layout.size()), 250);
    batch.statistics.resize(0, 250);
    known.fitted.draws.read_draws(chain, 0, batch.theta);
    writer.write(batch);
  }
  const io::ChainFile file(writer.finish().value());
  BOOST_TEST((one == collect(known, file.posterior(), nullptr, plan)));

  // And what the model says of a draw, worked out here.
  const PredictionPlan expected{.scale = PredictionScale::mean};
  const Matrix mean = collect(known, file.posterior(), nullptr, expected);
  const auto model = known.model.make();
  Vector by_row(30);
  for (const Eigen::Index s : {0, 99, 250, 499}) {
    const Vector theta = known.fitted.draws.values().row(s);
    query<Expectation>(*model)->expect(theta, known.design.all_rows(), by_row);
    BOOST_TEST((Vector(mean.row(s)) == by_row));
  }
}

BOOST_AUTO_TEST_CASE(a_level_that_was_not_seen_has_effects_of_the_population) {
  const Known known("random_intercept", line(true), proper, 10'000);
  const NewRows fresh = rows_of_levels(known, {5}, 0.5);
  const Matrix y = collect(known, known.fitted.draws, &fresh,
                           {.new_levels = NewLevels::sample, .seed = 2, .threads = 2});
  const Vector b0 = known.fitted.column("b[Intercept]");
  const Vector b1 = known.fitted.column("b[x1]");
  const Vector sd = known.fitted.column("sd_g[Intercept]");
  const Vector sigma = known.fitted.column("sigma");
  const Vector line_at = b0 + 0.5 * b1;
  const double expected = variance(line_at) + sd.squaredNorm() / double(sd.size()) +
                          sigma.squaredNorm() / double(sd.size());
  // Given theta the rest is normal: E z^2 over the draws, with the error of its own spread.
  const Vector rest = y.col(0) - line_at;
  const Vector spread = sd.cwiseAbs2() + sigma.cwiseAbs2();
  const Vector ratio = rest.array().square() / spread.array();  // chi-square with one degree
  BOOST_TEST(std::abs(ratio.mean() - 1) < 4 * std::sqrt(2 / double(ratio.size())));
  const double found = variance(y.col(0));
  const Vector fourth = (y.col(0).array() - y.col(0).mean()).pow(4);
  const double error = std::sqrt((fourth.mean() - found * found) / double(y.rows()));
  BOOST_TEST(std::abs(found - expected) < 4 * error);
}

BOOST_AUTO_TEST_CASE(rows_of_one_new_level_share_its_effects) {
  const Known known("random_intercept", line(true), proper, 200);
  // More levels that were not seen than there are places, among known ones.
  const std::vector<std::int32_t> levels{3, 4, 0, 5, 6, 1, 7, 3, 4, 2, 5, 6, 7, 3};
  const NewRows fresh = rows_of_levels(known, levels, 0);
  PredictionPlan plan{.scale = PredictionScale::mean, .new_levels = NewLevels::sample, .seed = 2};
  const Matrix mean = collect(known, known.fitted.draws, &fresh, plan);
  for (std::size_t i = 0; i < levels.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const bool same = mean.col(Eigen::Index(i)) == mean.col(Eigen::Index(k));
      BOOST_TEST(same == (levels[i] == levels[k]), "rows " << i << " and " << k);
    }
  }
  plan.block_bytes = 1;  // a block for each row
  BOOST_TEST((mean == collect(known, known.fitted.draws, &fresh, plan)));
  // Rows of levels that were seen do not notice the others.
  const NewRows seen = rows_of_levels(known, {0, 1, 2}, 0);
  const Matrix alone = collect(known, known.fitted.draws, &seen, plan);
  BOOST_TEST((mean.col(2) == alone.col(0)));
  BOOST_TEST((mean.col(5) == alone.col(1)));
  BOOST_TEST((mean.col(9) == alone.col(2)));
}

BOOST_AUTO_TEST_CASE(the_population_has_no_effects) {
  const Known known("random_intercept", line(true), proper, 200);
  const NewRows fresh = rows_of_levels(known, {0, 4}, 1);
  const Vector line_at = known.fitted.column("b[Intercept]") + known.fitted.column("b[x1]");
  PredictionPlan plan{.scale = PredictionScale::mean, .new_levels = NewLevels::population};
  Matrix mean = collect(known, known.fitted.draws, &fresh, plan);
  BOOST_TEST((mean.col(1) - line_at).cwiseAbs().maxCoeff() < 1e-12);
  BOOST_TEST((mean.col(0) - line_at).cwiseAbs().maxCoeff() > 1e-3);
  plan.no_groups = true;
  mean = collect(known, known.fitted.draws, &fresh, plan);
  BOOST_TEST((mean.col(0) - line_at).cwiseAbs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(a_level_that_was_not_seen_is_refused_by_name) {
  const Known known("random_intercept", line(true), proper, 50);
  const NewRows fresh = rows_of_levels(known, {0, 4}, 1);
  BOOST_CHECK_EXCEPTION(collect(known, known.fitted.draws, &fresh, {}), InputError,
                        [](const InputError& error) {
                          const std::string text = error.what();
                          return text.find("row 2: the fit has not seen the level 'new5' of 'g'") !=
                                     std::string::npos &&
                                 text.find("--new-groups sample") != std::string::npos;
                        });
}
