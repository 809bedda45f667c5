// The sampler collapsed on densities whose moments are known.
#define BOOST_TEST_MODULE collapsed_draws
#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <boost/math/special_functions/trigamma.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <ostream>

#include "collapsed_toy.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

constexpr double infinity = std::numeric_limits<double>::infinity();

/// A function of a draw and its expectation.
struct Moment {
  std::string name;
  std::function<double(ConstVectorRef)> of;
  double expected;
};

struct Case {
  Toy toy;
  std::vector<Moment> moments;  // the parameters themselves among them
  double bulk = 0.85;           // effective draws per draw, at least
  double tail = 0.6;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.toy.name; }
};

Moment element(Eigen::Index k, double mean) {
  return {"x" + std::to_string(k + 1), [k](ConstVectorRef x) { return x[k]; }, mean};
}

Moment square(Eigen::Index k, double mean) {
  return {"x" + std::to_string(k + 1) + "^2", [k](ConstVectorRef x) { return x[k] * x[k]; }, mean};
}

/// x_1 = e_1, x_k = 0.8 x_(k-1) + 0.6 e_k: all with variance 1.
Case correlated_normal(Eigen::Index d) {
  const auto density = [](ConstVectorRef x) {
    double squares = x[0] * x[0];
    for (Eigen::Index k = 1; k < x.size(); ++k) {
      const double e = (x[k] - 0.8 * x[k - 1]) / 0.6;
      squares += e * e;
    }
    return -0.5 * squares;
  };
  const std::string name = "a correlated normal in " + std::to_string(d) + " dimensions";
  return {toy(name, Support::real, d, density, 0.5),
          {element(0, 0),
           square(0, 1),
           element(d - 1, 0),
           square(d - 1, 1),
           {"x1 x2", [](ConstVectorRef x) { return x[0] * x[1]; }, 0.8}}};
}

/// x_2 + b (x_1^2 - 1) ~ N(0, 1).
Case banana(Eigen::Index d, double b) {
  const auto density = [b](ConstVectorRef x) {
    const double bent = x[1] + b * (x[0] * x[0] - 1);
    return -0.5 * (x.squaredNorm() - x[1] * x[1] + bent * bent);
  };
  const std::string name = "a banana in " + std::to_string(d) + " dimensions";
  return {toy(name, Support::real, d, density, 0.5),
          {element(0, 0),
           square(0, 1),
           element(1, 0),
           square(1, 1 + 2 * b * b),
           element(2, 0),
           {"x1^2 x2", [](ConstVectorRef x) { return x[0] * x[0] * x[1]; }, -2 * b}}};
}

/// x_k ~ gamma(a): skewed in log x.
Case gammas(Eigen::Index d, double a) {
  const auto density = [a](ConstVectorRef x) { return (a - 1) * x.array().log().sum() - x.sum(); };
  const double mean = boost::math::digamma(a);
  const auto log_first = [](ConstVectorRef x) { return std::log(x[0]); };
  const auto log_square = [mean](ConstVectorRef x) {
    return (std::log(x[0]) - mean) * (std::log(x[0]) - mean);
  };
  const std::string name = std::to_string(d) + " gammas";
  return {toy(name, Support::positive, d, density, 1),
          {element(0, a),
           square(d - 1, a * (a + 1)),
           {"log x1", log_first, mean},
           {"(log x1)^2", log_square, boost::math::trigamma(a)}}};
}

/// x_k ~ t(5) each, heavy along all axes at once.
Case heavy_tails(Eigen::Index d) {
  const auto density = [](ConstVectorRef x) {
    return -3 * (1 + x.array().square() / 5).log().sum();
  };
  const std::string name = std::to_string(d) + " t with 5 degrees of freedom";
  return {toy(name, Support::real, d, density, 0.5),
          {element(0, 0), square(0, 5.0 / 3), square(d - 1, 5.0 / 3)}};
}

/// Half-normal scales, as far below 1 as they like, and a correlation that (1 + rho) / 2 ~
/// beta(12, 1) presses against 1.
Case near_boundaries() {
  Toy made{"scales near 0 and a correlation near 1", {}, {}, Vector(7)};
  made.layout.add({"sd", {{"k", {"1", "2", "3"}}}, Support::positive});
  made.layout.add({"cor", {{"i", {"1", "2"}}, {"j", {"1", "2"}}}, Support::correlation});
  made.log_density = [](ConstVectorRef x) {
    return -0.5 * x.head(3).squaredNorm() + 11 * std::log1p(x[4]);
  };
  made.start << 1, 1, 1, 1, 0.5, 0.5, 1;
  return {std::move(made),
          {element(0, std::sqrt(2 / M_PI)),
           square(1, 1),
           {"sd1 < 0.01", [](ConstVectorRef x) { return x[0] < 0.01 ? 1.0 : 0.0; },
            std::erf(0.01 / std::sqrt(2))},
           element(4, 2 * 12.0 / 13 - 1)}};
}

/// Density 4 x^3 on (0, 1): greatest where it is cut off.
Case cut(Eigen::Index d) {
  const auto density = [](ConstVectorRef x) {
    return x.maxCoeff() < 1 ? 3 * x.array().log().sum() : -infinity;
  };
  const std::string name = std::to_string(d) + " numbers whose density is cut at its greatest";
  return {toy(name, Support::positive, d, density, 0.5),
          {element(0, 0.8), square(0, 4.0 / 6), element(d - 1, 0.8)},
          d <= 2 ? 0.85 : 0.6};  // no t ends where this does: every second proposal is lost
}

double upper_tail(double x) { return 0.5 * std::erfc(x / std::sqrt(2)); }

/// Two normals, at 0 and at `apart` in every coordinate, the second with half the scale,
/// under a constant that no exp() holds: that of a likelihood has no limit.
Case two_modes(Eigen::Index d, double second, double apart) {
  constexpr double constant = 1e4;
  constexpr double narrow = 0.5;
  const auto density = [=](ConstVectorRef x) {
    const double one = std::log(1 - second) - 0.5 * x.squaredNorm();
    const double other = std::log(second) - static_cast<double>(d) * std::log(narrow) -
                         0.5 * ((x.array() - apart) / narrow).matrix().squaredNorm();
    return constant + std::max(one, other) + std::log1p(std::exp(-std::abs(one - other)));
  };
  Toy made = toy(std::to_string(d) + " dimensions with a narrow second mode", Support::real, d,
                 density, 0.5);
  made.elsewhere = Vector::Constant(d, 0.8 * apart);
  return {
      std::move(made),
      {element(0, second * apart),
       element(d - 1, second * apart),
       {"in the second mode", [apart](ConstVectorRef x) { return x[0] > 0.6 * apart ? 1.0 : 0.0; },
        (1 - second) * upper_tail(0.6 * apart) + second * upper_tail(-0.4 * apart / narrow)}},
      0.5,
      0.4};
}

const Case cases[] = {correlated_normal(3),
                      correlated_normal(12),
                      correlated_normal(14),
                      banana(3, 0.7),
                      banana(6, 0.3),
                      gammas(4, 1),
                      gammas(10, 3),
                      heavy_tails(4),
                      near_boundaries(),
                      cut(1),
                      cut(2),
                      cut(3),
                      two_modes(1, 0.5, 6),
                      two_modes(1, 0.05, 12),
                      two_modes(2, 0.5, 5),
                      two_modes(2, 0.05, 8),
                      two_modes(3, 0.3, 5),
                      two_modes(5, 0.5, 4)};

}  // namespace

BOOST_DATA_TEST_CASE(draws_have_the_known_moments_and_are_nearly_independent, cases) {
  BOOST_TEST_MESSAGE(plan_of(sample.toy));
  const Matrix theta = draw(sample.toy);
  Matrix values(theta.rows(), static_cast<Eigen::Index>(sample.moments.size()));
  std::vector<std::string> names;
  for (const Moment& moment : sample.moments) {
    const auto k = static_cast<Eigen::Index>(names.size());
    for (Eigen::Index i = 0; i < theta.rows(); ++i) {
      values(i, k) = moment.of(theta.row(i).transpose());
    }
    names.push_back(moment.name);
  }
  const ReportTable table = summarise(values, names, 4);
  const auto column = [&](const char* name) {
    return static_cast<std::size_t>(std::ranges::find(table.columns, name) - table.columns.begin());
  };
  for (std::size_t row = 0; row < names.size(); ++row) {
    BOOST_TEST_CONTEXT(names[row]) {
      const double mean = table.at(row, column("mean"));
      const double mcse = table.at(row, column("mcse_mean"));
      const double bulk = table.at(row, column("ess_bulk"));
      const double tail = table.at(row, column("ess_tail"));
      // Some 50 comparisons in all: one in 300 such sets has a larger error by chance.
      BOOST_TEST(std::abs(mean - sample.moments[row].expected) < 4 * mcse);
      // What is needed of parameters; of their powers, draws are drawn well enough to compare.
      if (names[row].size() > 2) continue;
      BOOST_TEST(bulk > sample.bulk * 10'000);
      BOOST_TEST(tail > sample.tail * 10'000);
    }
  }
}
