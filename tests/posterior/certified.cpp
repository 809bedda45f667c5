// NIST's certified linear regressions (Statistical Reference Datasets).
#define BOOST_TEST_MODULE certified
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <ostream>

#include "fit.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

struct Problem {
  std::string name;
  std::string formula;
  int digits;  // that the worst coefficient keeps in double precision, by a Householder QR

  friend std::ostream& operator<<(std::ostream& out, const Problem& p) { return out << p.name; }
};

std::string polynomial(int degree) {
  std::string formula = "y ~ x";
  for (int k = 2; k <= degree; ++k) formula += " + I(x^" + std::to_string(k) + ")";
  return formula;
}

const std::vector<Problem> problems{
    {"Norris", "y ~ x", 11},        {"Pontius", "y ~ x + I(x^2)", 10},
    {"NoInt1", "y ~ 0 + x", 13},    {"NoInt2", "y ~ 0 + x", 13},
    {"Filip", polynomial(10), 7},   {"Longley", "y ~ x1 + x2 + x3 + x4 + x5 + x6", 10},
    {"Wampler1", polynomial(5), 8}, {"Wampler2", polynomial(5), 10},
    {"Wampler3", polynomial(5), 8}, {"Wampler4", polynomial(5), 8},
    {"Wampler5", polynomial(5), 6}};

std::shared_ptr<const Table> read(const std::string& path) {
  return io::read_table(std::vector<std::string>{shared(path)});
}

/// Certified values of one data set: B0, B1, ..., residual_sd.
std::map<std::string, double> certified(const std::string& name) {
  const auto table = read("reference/nist/linear_certified.csv");
  const Column& dataset = table->at("dataset");
  const Column& quantity = table->at("quantity");
  const Column& value = table->at("value");
  std::map<std::string, double> values;
  for (std::size_t i = 0; i < table->rows; ++i) {
    if (dataset.levels[static_cast<std::size_t>(dataset.codes[i])] != name) continue;
    values[quantity.levels[static_cast<std::size_t>(quantity.codes[i])]] = value.numbers[i];
  }
  return values;
}

}  // namespace

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(reference_is_there))
BOOST_DATA_TEST_CASE(least_squares_keeps_the_certified_digits,
                     boost::unit_test::data::make(problems), problem) {
  const auto table = read("reference/nist/linear/" + problem.name + ".csv");
  const Design design = make_design(problem.formula, table).design;
  const Matrix& F = design.moments().factor;
  const auto p = static_cast<Eigen::Index>(design.size());
  Vector b = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
  design.to_user(b);

  const auto values = certified(problem.name);
  const double error = std::pow(10, -problem.digits);
  for (Eigen::Index k = 0; k < p; ++k) {
    const int power = static_cast<int>(k) + (design.has_intercept ? 0 : 1);
    const double value = values.at("B" + std::to_string(power));
    BOOST_TEST(std::abs(b[k] - value) <= error * std::abs(value), "B" << power << ": " << b[k]);
  }
  const double sd = F(p, p) / std::sqrt(static_cast<double>(table->rows) - static_cast<double>(p));
  const double certified_sd = values.at("residual_sd");
  if (certified_sd > 0) BOOST_TEST(std::abs(sd / certified_sd - 1) < error);
}

BOOST_TEST_DECORATOR(*boost::unit_test::precondition(reference_is_there))
BOOST_DATA_TEST_CASE(with_flat_priors_the_posterior_mean_is_the_certified_coefficient,
                     boost::unit_test::data::make(problems), problem) {
  const auto table = read("reference/nist/linear/" + problem.name + ".csv");
  const Design design = make_design(problem.formula, table).design;
  if (table->rows <= design.size() + 4) return;  // too few for the posterior to have variances
  std::vector<std::string> priors{"b ~ flat()", "sigma ~ flat()"};
  if (design.has_intercept) priors.emplace_back("Intercept ~ flat()");
  const Fitted fitted = fit(design, {.model = "pooled",
                                     .priors = priors,
                                     .plan = {.chains = 4, .warmup = 0, .draws = 2000, .seed = 5}});
  const auto values = certified(problem.name);
  for (std::size_t k = 0; k < design.size(); ++k) {
    const std::string name = "b[" + design.coefficients[k] + "]";
    const double value = values.at("B" + std::to_string(k + (design.has_intercept ? 0 : 1)));
    // 4 Monte Carlo standard errors of 8000 independent draws, and the digits that the least
    // squares keep, less two for the way of every draw between the user's coordinates and the
    // centred ones.
    const double error = 4 * fitted.at(name, "sd") / std::sqrt(8000) +
                         std::pow(10, 2 - problem.digits) * std::abs(value);
    BOOST_TEST(std::abs(fitted.at(name, "mean") - value) < error,
               name << ": " << fitted.at(name, "mean") - value << " against " << error);
    BOOST_TEST(std::isfinite(fitted.at(name, "sd")));
  }
}
