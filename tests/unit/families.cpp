// Every family and link against its textbook form in 50 digits: densities, derivatives, sums,
// means, draws and distribution functions.
#define BOOST_TEST_MODULE families
#include <cmath>
#include <functional>

#include <boost/math/quadrature/exp_sinh.hpp>
#include <boost/math/quadrature/sinh_sinh.hpp>
#include <boost/math/quadrature/tanh_sinh.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "family_cases.hpp"

using namespace tarn;
using namespace tarn::test;

namespace {

const std::vector<FamilyCase> cases = [] {
  std::vector<FamilyCase> all = family_cases();
  for (FamilyCase& c : near_cuts()) all.push_back(std::move(c));
  return all;
}();
const std::vector<double> predictors = {-1e5, -700, -30, -8, -2.1, -0.4, 0,
                                        0.7,  1.9,  6,   30, 700,  1e5};

/// Of one response at one predictor.
struct OneRow {
  OneRow(const FamilyCase& c, double y, double at)
      : family(c.make()), rows(rows_of(c, {y})), eta(Vector::Constant(1, at)), psi(psi_of(c)) {}

  double log_likelihood() const {
    Vector l(1);
    family->log_likelihood(rows, eta, psi, l);
    return l[0];
  }
  std::pair<double, double> derivatives() const {
    Vector score(1), curvature(1);
    family->derivatives(rows, eta, psi, score, curvature);
    return {score[0], curvature[0]};
  }
  double mean() const {
    Vector mean(1);
    family->mean(rows, eta, psi, mean);
    return mean[0];
  }
  double variance() const {
    Vector variance(1);
    family->variance(rows, eta, psi, variance);
    return variance[0];
  }
  double cumulative() const {
    Vector below(1);
    query<DistributionFunction>(*family)->cumulative(rows, eta, psi, below);
    return below[0];
  }

  std::shared_ptr<const Family> family;
  Rows rows;
  Vector eta;
  Matrix psi;
};

/// Relative to the larger of |b| and `size`.
double error(double a, const Big& b, double size) {
  return std::abs(static_cast<double>(Big(a) - b)) /
         std::max(std::abs(static_cast<double>(b)), size);
}

/// Whether the curvature given is the second derivative itself.
bool is_second_derivative(const FamilyCase& c, double y) {
  if (c.is("beta") || c.is("student")) return false;
  if (c.name().starts_with("zero_inflated")) return y > 0;
  return c.name() != "hurdle_negbinomial" || y == 0;
}

/// Of e^l: a sum over counts from 0, or an integral; weighted by g(y).
double total(const FamilyCase& c, double at, const std::function<double(double)>& g,
             double most = INFINITY) {
  OneRow row(c, 0, at);
  const auto density = [&](double y) {
    row.rows.y[0] = y;
    const double p = std::exp(row.log_likelihood());
    return p == 0 ? 0 : p * g(y);
  };
  if (c.trial() || c.counts() || c.ordinal()) {
    double sum = 0;
    const double first = c.ordinal() ? 1 : 0;
    const double all = c.ordinal() ? double(c.categories()) : c.trial() ? c.trials : 20'000;
    for (double y = first; y <= std::min(most, all); ++y) sum += density(y);
    return sum;
  }
  if (c.is("student")) {
    boost::math::quadrature::exp_sinh<double> rule;
    if (std::isfinite(most)) return rule.integrate([&](double t) { return density(most - t); });
    return rule.integrate([&](double t) { return density(at + t) + density(at - t); });
  }
  if (c.is("beta")) {
    // In logits: mass may pile up at both ends.
    boost::math::quadrature::exp_sinh<double> rule;
    const auto in_logits = [&](double x) {
      const double y = 1 / (1 + std::exp(-x)), rest = 1 / (1 + std::exp(x));
      return y > 0 && y < 1 ? density(y) * y * rest : 0;
    };
    const double end = std::isfinite(most) ? std::log(most / (1 - most)) : 0;
    const double below = rule.integrate([&](double t) { return in_logits(end - t); });
    if (std::isfinite(most)) return below;
    return below + rule.integrate([&](double t) { return in_logits(end + t); });
  }
  // Positive numbers, in logarithms; a hurdle's zero by itself.
  const double zero = c.name().starts_with("hurdle") ? density(0) : 0;
  boost::math::quadrature::exp_sinh<double> rule;
  const auto in_logs = [&](double x) {
    const double y = std::exp(x);
    return y > 0 && std::isfinite(y) ? density(y) * y : 0;
  };
  const double end = std::isfinite(most) ? std::log(most) : at;
  const double below = rule.integrate([&](double t) { return in_logs(end - t); });
  if (std::isfinite(most)) return zero + below;
  return zero + below + rule.integrate([&](double t) { return in_logs(end + t); });
}

/// Of counts or proportions; a zero's score is 0 where it says nothing of eta.
double variance_of_score(const FamilyCase& c, double at) {
  OneRow row(c, 1, at);
  return total(c, at, [&](double y) {
    row.rows.y[0] = y;
    return std::pow(row.derivatives().first, 2);
  });
}

}  // namespace

BOOST_DATA_TEST_CASE(log_likelihoods_are_those_of_the_textbook, boost::unit_test::data::make(cases),
                     c) {
  for (const double y : some_responses(c)) {
    for (const double at : predictors) {
      const Big expected = reference_log_density(c, y, at, big(c.psi));
      // Beyond the range of a double there is nothing to compare.
      if (abs(expected) > 1e300) continue;
      // Ten units in the last place, of the largest of the numbers that are added.
      const double added = 300 * 10 + std::abs(y * at);
      BOOST_TEST(error(OneRow(c, y, at).log_likelihood(), expected, 1e-3 * added) < 2e-12,
                 "y " << y << " eta " << at << ": " << OneRow(c, y, at).log_likelihood()
                      << " instead of " << expected);
    }
  }
}

BOOST_DATA_TEST_CASE(derivatives_are_those_of_the_textbook, boost::unit_test::data::make(cases),
                     c) {
  const Big h = 1e-12;  // in 50 digits: errors of 1e-24 from the step, 1e-26 from rounding
  for (const double y : some_responses(c)) {
    for (const double at : predictors) {
      const auto l = [&](const Big& eta) { return reference_log_density(c, y, eta, big(c.psi)); };
      const Big above = l(at + h), here = l(at), below = l(at - h);
      const Big score = (above - below) / (2 * h);
      const Big curvature = (2 * here - above - below) / (h * h);
      if (abs(here) > 1e300 || abs(score) > 1e300) continue;
      const auto [own_score, own_curvature] = OneRow(c, y, at).derivatives();
      // Differences of terms of size y: their rounding errors remain.
      const double size = 1e-3 * (1 + std::abs(y));
      BOOST_TEST(error(own_score, score, size) < 1e-9,
                 "y " << y << " eta " << at << ": " << own_score << " instead of " << score);
      BOOST_TEST(std::isfinite(own_curvature), "y " << y << " eta " << at);
      BOOST_TEST(own_curvature >= 0, "y " << y << " eta " << at);
      if (!is_second_derivative(c, y)) continue;
      BOOST_TEST(error(own_curvature, curvature, size) < 1e-9, "y " << y << " eta " << at << ": "
                                                                    << own_curvature
                                                                    << " instead of " << curvature);
    }
  }
}

BOOST_DATA_TEST_CASE(scores_of_parameters_are_those_of_the_textbook,
                     boost::unit_test::data::make(cases), c) {
  const Big h = 1e-18;  // cuts may be 1e-12 apart
  for (const double y : some_responses(c)) {
    for (const double at : {-30.0, -2.1, 0.7, 6.0, 30.0}) {
      OneRow row(c, y, at);
      Matrix scores(1, std::ssize(c.psi));
      row.family->psi_scores(row.rows, row.eta, row.psi, scores);
      for (std::size_t k = 0; k < c.psi.size(); ++k) {
        std::vector<Big> above = big(c.psi), below = big(c.psi);
        above[k] += h;
        below[k] -= h;
        const Big expected =
            (reference_log_density(c, y, at, above) - reference_log_density(c, y, at, below)) /
            (2 * h);
        if (abs(expected) > 1e300) continue;
        BOOST_TEST(error(scores(0, static_cast<Eigen::Index>(k)), expected,
                         1e-3 * (10 + std::abs(y))) < 1e-9,
                   "y " << y << " eta " << at << " psi " << k << ": " << scores << " instead of "
                        << expected);
      }
    }
  }
}

BOOST_DATA_TEST_CASE(curvatures_that_are_no_second_derivative_are_the_expected_or_the_mixture_s,
                     boost::unit_test::data::make(cases), c) {
  for (const double at : {-1.3, 0.4, 1.1}) {
    if (c.piles_up()) return;
    if (c.is("beta") || c.name() == "hurdle_negbinomial") {
      // Fisher's information is the variance of the score.
      OneRow row(c, 1, at);
      const double zero = c.is("beta") ? 0 : c.psi.back();
      const double information = variance_of_score(c, at);
      row.rows.y[0] = c.is("beta") ? 0.5 : 1;
      BOOST_TEST(std::abs(row.derivatives().second / (information / (1 - zero)) - 1) < 1e-6);
    } else if (c.is("student")) {
      const double z = (2.5 - at) / c.psi[0];
      BOOST_TEST(std::abs(OneRow(c, 2.5, at).derivatives().second /
                              ((c.psi[1] + 1) / (c.psi[0] * c.psi[0] * (c.psi[1] + z * z))) -
                          1) < 1e-12);
    } else if (c.name().starts_with("zero_inflated")) {
      const double mu = std::exp(at), zi = c.psi.back();
      const double f = c.is("poisson") ? INFINITY : c.psi[0];
      const double zero = std::isinf(f) ? std::exp(-mu) : std::pow(f / (f + mu), f);
      const double own = std::isinf(f) ? mu : f * f * mu / std::pow(mu + f, 2);
      const double share = (1 - zi) * zero / (zi + (1 - zi) * zero);
      BOOST_TEST(std::abs(OneRow(c, 0, at).derivatives().second / (share * own) - 1) < 1e-12);
    }
  }
}

BOOST_DATA_TEST_CASE(densities_sum_to_one_and_have_the_moments_and_the_distribution_function,
                     boost::unit_test::data::make(cases), c) {
  if (c.piles_up()) return;
  for (const double at : {-2.1, 0.4, 1.9}) {
    BOOST_TEST(std::abs(total(c, at, [](double) { return 1.0; }) - 1) < 1e-8, "eta " << at);
    const double mean = total(c, at, [](double y) { return y; });
    const double own = OneRow(c, 1, at).mean();
    // The t's tail of 4 degrees of freedom is integrated to fewer digits.
    BOOST_TEST(std::abs(mean - own) < (c.is("student") ? 1e-5 : 1e-7) * std::max(1.0, own),
               "eta " << at << ": " << own << " instead of " << mean);
    const double variance = total(c, at, [&](double y) { return (y - own) * (y - own); });
    // Squares make the t's tail of 4 degrees of freedom fall as 1 / y^3 alone.
    BOOST_TEST(
        std::abs(variance / OneRow(c, 1, at).variance() - 1) < (c.is("student") ? 1e-3 : 1e-6),
        "eta " << at << ": " << OneRow(c, 1, at).variance() << " instead of " << variance);
    for (const double y : some_responses(c)) {
      if (c.is("student") && std::abs(y) > 10) continue;
      const OneRow row(c, y, at);
      if (y == 0 && !c.trial() && !c.counts()) {
        BOOST_TEST(row.cumulative() == c.psi.back());
        continue;
      }
      BOOST_TEST(std::abs(row.cumulative() - total(
                                                 c, at, [](double) { return 1.0; }, y)) < 1e-8,
                 "y " << y << " eta " << at);
    }
  }
}

BOOST_DATA_TEST_CASE(draws_are_of_the_distribution, boost::unit_test::data::make(cases), c) {
  if (c.piles_up()) return;
  constexpr Eigen::Index n = 40'000;
  for (const double at : {-2.1, 0.4, 1.9, 4.0}) {
    if (c.is("beta") && c.psi[0] < 10 && at > 2) continue;  // as piles_up()
    OneRow row(c, 1, at);
    Rows many = rows_of(c, std::vector<double>(n, 1));
    Vector y(n);
    Rng rng({11, 0, Purpose::test, static_cast<std::uint64_t>(100 + at * 10)});
    row.family->draw(many, Vector::Constant(n, at), row.psi, y, rng);
    const double sd = std::sqrt((y.array() - y.mean()).square().mean());
    // 4.5 standard errors: some 800 figures.
    // What happens less than once in 10,000 times may have a sd of 0.
    BOOST_TEST(std::abs(y.mean() - row.mean()) <= 4.5 * sd / std::sqrt(double(n)) + 5.0 / n,
               "eta " << at << ": " << y.mean() << " instead of " << row.mean());
    Vector sorted = y;
    std::ranges::sort(sorted);
    for (const double share : {0.02, 0.2, 0.5, 0.8, 0.98}) {
      row.rows.y[0] = sorted[static_cast<Eigen::Index>(share * n)];
      const double below = row.cumulative();
      const double seen = (y.array() <= row.rows.y[0]).cast<double>().mean();
      BOOST_TEST(std::abs(seen - below) <= 4.5 * std::sqrt(below * (1 - below) / n) + 1e-12,
                 "eta " << at << " y " << row.rows.y[0] << ": " << seen << " instead of " << below);
    }
    for (const double drawn : y) {
      if (row.family->refuses(drawn, c.trials)) BOOST_ERROR("a draw of " << drawn);
    }
  }
}

BOOST_DATA_TEST_CASE(a_row_s_bits_do_not_depend_on_its_place_nor_much_on_who_has_its_parameters,
                     boost::unit_test::data::make(cases), c) {
  constexpr Eigen::Index n = 101;
  std::vector<double> y;
  const std::vector<double> some = some_responses(c);
  for (Eigen::Index i = 0; i < n; ++i) {
    y.push_back(some[static_cast<std::size_t>(i) % some.size()]);
  }
  const Rows rows = rows_of(c, y);
  const Vector eta = Vector::LinSpaced(n, -5, 5);
  const Matrix psi = psi_of(c), each = psi.replicate(n, 1);
  const auto family = c.make();
  const auto of = [&](const Rows& some_rows, const Vector& at, const Matrix& with) {
    Matrix all(at.size(), 3 + with.cols());
    Vector l(at.size()), score(at.size()), curvature(at.size());
    Matrix scores(at.size(), with.cols());
    family->log_likelihood(some_rows, at, with, l);
    family->derivatives(some_rows, at, with, score, curvature);
    family->psi_scores(some_rows, at, with, scores);
    all << l, score, curvature, scores;
    return all;
  };
  const Matrix whole = of(rows, eta, psi);
  const Matrix part = of(rows.middle(37, 41), eta.segment(37, 41), psi);
  BOOST_TEST((part.array() == whole.middleRows(37, 41).array()).all());
  const Matrix by_row = of(rows, eta, each);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index k = 0; k < whole.cols(); ++k) {
      BOOST_TEST(error(by_row(i, k), whole(i, k), 1 + std::abs(y[static_cast<std::size_t>(i)])) <
                 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(only_what_is_proven_is_declared_log_concave) {
  for (const FamilyCase& c : cases) {
    const bool proven = c.trial() || c.ordinal() || c.name() == "poisson" ||
                        c.name() == "negbinomial" || c.name() == "gamma";
    BOOST_TEST(c.make()->log_concave() == proven, c);
  }
}

BOOST_AUTO_TEST_CASE(masses_are_those_of_discrete_responses_and_atoms_those_of_hurdles_too) {
  for (const FamilyCase& c : cases) {
    const bool mass = c.trial() || c.counts() || c.ordinal();
    BOOST_TEST(c.make()->probability_mass() == mass, c);
    BOOST_TEST(c.make()->has_atoms() == (mass || c.name().starts_with("hurdle")), c);
  }
}
