// Free coordinates of every support: there and back, volumes and gradients.
#define BOOST_TEST_MODULE target
#include <Eigen/LU>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "differences.hpp"
#include "tarn/distributions.hpp"
#include "tarn/error.hpp"
#include "tarn/target.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

Axis axis(const std::string& name, int length) {
  Axis axis{name, {}};
  for (int i = 1; i <= length; ++i) axis.labels.push_back(std::to_string(i));
  return axis;
}

Layout layout_of(const Block& block) {
  Layout layout;
  layout.add(block);
  return layout;
}

/// A block, and the stored elements that a density is per volume of.
struct Case {
  Block block;
  std::vector<Eigen::Index> measured;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << to_string(c.block.support) << ", " << c.block.size() << " elements";
  }
};

Case matrix(Support support, int q) {
  Case c{{"m", {axis("row", q), axis("column", q)}, support}, {}};
  for (int i = 0; i < q; ++i) {
    for (int j = 0; j <= i; ++j) {
      if (j < i || support == Support::covariance) c.measured.push_back(i * q + j);
    }
  }
  return c;
}

std::vector<Case> cases() {
  return {{{"x", {axis("a", 3)}, Support::real}, {0, 1, 2}},
          {{"x", {axis("a", 3)}, Support::positive}, {0, 1, 2}},
          {{"x", {axis("a", 3)}, Support::unit_interval}, {0, 1, 2}},
          {{"x", {axis("a", 3)}, Support::minus_one_to_one}, {0, 1, 2}},
          {{"x", {axis("a", 1)}, Support::ordered}, {0}},
          {{"x", {axis("a", 4)}, Support::ordered}, {0, 1, 2, 3}},
          {{"x", {axis("a", 1)}, Support::simplex}, {}},
          {{"x", {axis("a", 2)}, Support::simplex}, {0}},
          {{"x", {axis("a", 5)}, Support::simplex}, {0, 1, 2, 3}},
          matrix(Support::correlation, 1),
          matrix(Support::correlation, 2),
          matrix(Support::correlation, 4),
          matrix(Support::covariance, 1),
          matrix(Support::covariance, 3)};
}

Vector some_point(Eigen::Index size) {
  Rng rng({3, 0, Purpose::test});
  Vector z(size);
  fill_normal(z, rng);
  return z;
}

double no_density(ConstVectorRef) { return 0; }

}  // namespace

BOOST_DATA_TEST_CASE(free_coordinates_come_back, boost::unit_test::data::make(cases())) {
  const Target target(layout_of(sample.block), no_density);
  BOOST_TEST(target.natural_size() == static_cast<Eigen::Index>(sample.block.size()));
  BOOST_TEST(target.size() == static_cast<Eigen::Index>(sample.measured.size()));
  const Vector z = some_point(target.size());
  // A factorisation of a matrix of condition 1e3 or so, in double precision.
  BOOST_TEST((target.free(target.natural(z)) - z).norm() < 1e-11);
}

BOOST_AUTO_TEST_CASE(natural_values_lie_in_their_support) {
  const Target shares(layout_of({"x", {axis("a", 5)}, Support::simplex}), no_density);
  const Vector x = shares.natural(some_point(4));
  BOOST_TEST(x.minCoeff() > 0);
  BOOST_TEST(std::abs(x.sum() - 1) < 1e-15);
  BOOST_TEST((shares.natural(Vector::Zero(4)).array() - 0.2).abs().maxCoeff() < 1e-15);

  const Target rising(layout_of({"c", {axis("a", 5)}, Support::ordered}), no_density);
  const Vector c = rising.natural(some_point(5));
  BOOST_TEST((c.tail(4) - c.head(4)).minCoeff() > 0);
  const Target signs(layout_of({"r", {axis("a", 5)}, Support::minus_one_to_one}), no_density);
  BOOST_TEST(signs.natural(some_point(5)).cwiseAbs().maxCoeff() < 1);
  BOOST_TEST(signs.natural(Vector::Zero(5)).isZero());

  const Target correlations(layout_of(matrix(Support::correlation, 4).block), no_density);
  const Vector stored = correlations.natural(some_point(6));
  const Matrix R = Eigen::Map<const Matrix>(stored.data(), 4, 4);
  BOOST_TEST((R == R.transpose()));
  BOOST_TEST((R.diagonal() == Vector::Ones(4)));
  for (Eigen::Index k = 1; k <= 4; ++k) BOOST_TEST(R.topLeftCorner(k, k).determinant() > 0);
}

BOOST_DATA_TEST_CASE(volumes_are_those_of_numerical_differentiation,
                     boost::unit_test::data::make(cases())) {
  const Target target(layout_of(sample.block), no_density);
  const Vector z = some_point(target.size());
  const Eigen::Index d = target.size();
  Matrix jacobian(d, d);
  for (Eigen::Index row = 0; row < d; ++row) {
    const Eigen::Index element = sample.measured[static_cast<std::size_t>(row)];
    jacobian.row(row) =
        gradient_of([&](const Vector& at) { return target.natural(at)[element]; }, z).transpose();
  }
  const double numerical = d == 0 ? 0 : std::log(std::abs(jacobian.determinant()));
  BOOST_TEST(std::abs(target.log_jacobian(z) - numerical) < 1e-9);
}

BOOST_DATA_TEST_CASE(gradients_are_those_of_numerical_differentiation,
                     boost::unit_test::data::make(cases())) {
  // A density without any symmetry: it treats R_ij and R_ji differently.
  const auto weight = [](Eigen::Index i) { return std::cos(1.0 + 2.0 * static_cast<double>(i)); };
  const auto density = [&](ConstVectorRef x) {
    double sum = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) sum += weight(i) * std::sin(0.1 * x[i]);
    return sum;
  };
  const auto with_gradient = [&](ConstVectorRef x, VectorRef gradient) {
    for (Eigen::Index i = 0; i < x.size(); ++i)
      gradient[i] = 0.1 * weight(i) * std::cos(0.1 * x[i]);
    return density(x);
  };
  const Target target(layout_of(sample.block), density, with_gradient);
  BOOST_TEST(target.has_gradient());
  const Vector z = some_point(target.size());
  Vector gradient(target.size());
  const double value = target.log_density_gradient(z, gradient);
  BOOST_TEST(value == target.log_density(z));
  const Vector numerical = gradient_of([&](const Vector& at) { return target.log_density(at); }, z);
  BOOST_TEST((gradient - numerical).norm() <= 1e-9 * (1 + numerical.norm()));
}

BOOST_AUTO_TEST_CASE(effects_are_in_units_of_their_sd_or_of_a_number) {
  Layout layout;
  layout.add({"r", {axis("g", 3), axis("term", 2)}, Support::real, "effects", "sd"});
  layout.add({"sd", {axis("term", 2)}, Support::positive});
  const auto density = [](ConstVectorRef x) {
    double sum = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) sum += std::sin(static_cast<double>(i) + x[i]);
    return sum;
  };
  Target target(layout, density, [&](ConstVectorRef x, VectorRef gradient) {
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      gradient[i] = std::cos(static_cast<double>(i) + x[i]);
    }
    return density(x);
  });
  BOOST_TEST(target.size() == 8);
  BOOST_TEST(target.effects().size() == 2u);
  const Vector z = some_point(8);
  for (const double fixed : {0.0, 2.5}) {  // of the second column
    target.set_unit(1, fixed);
    const Vector x = target.natural(z);
    for (Eigen::Index j = 0; j < 3; ++j) {
      BOOST_TEST(x[2 * j] == z[2 * j] * std::exp(z[6]));
      BOOST_TEST(x[2 * j + 1] == z[2 * j + 1] * (fixed == 0 ? std::exp(z[7]) : fixed));
    }
    BOOST_TEST((target.free(x) - z).norm() < 1e-14);

    Matrix jacobian(8, 8);
    for (Eigen::Index row = 0; row < 8; ++row) {
      jacobian.row(row) =
          gradient_of([&](const Vector& at) { return target.natural(at)[row]; }, z).transpose();
    }
    BOOST_TEST(std::abs(target.log_jacobian(z) - std::log(std::abs(jacobian.determinant()))) <
               1e-9);
    Vector gradient(8);
    BOOST_TEST(target.log_density_gradient(z, gradient) == target.log_density(z));
    const Vector numerical =
        gradient_of([&](const Vector& at) { return target.log_density(at); }, z);
    BOOST_TEST((gradient - numerical).norm() <= 1e-9 * (1 + numerical.norm()));
  }
}

BOOST_AUTO_TEST_CASE(effects_whose_sd_is_not_there_are_refused_in_words) {
  const auto message = [](const std::vector<Block>& blocks) -> std::string {
    Layout layout;
    for (const Block& block : blocks) layout.add(block);
    try {
      const Target target(layout, no_density);
    } catch (const PluginError& error) {
      return error.what();
    }
    return "accepted";
  };
  const Block effects{"r", {axis("g", 3), axis("term", 2)}, Support::real, "", "sd"};
  const std::string refusal =
      "block 'r' is scaled by 'sd'; it must hold real numbers, and that block one positive number "
      "for each label of its last axis";
  BOOST_TEST(message({effects, {"sd", {axis("term", 2)}, Support::positive}}) == "accepted");
  BOOST_TEST(message({effects}) == refusal);
  BOOST_TEST(message({effects, {"sd", {axis("term", 2)}}}) == refusal);
  BOOST_TEST(message({effects, {"sd", {axis("term", 3)}, Support::positive}}) == refusal);
}

BOOST_AUTO_TEST_CASE(blocks_stand_side_by_side) {
  Layout layout;
  layout.add({"R", {axis("row", 3), axis("column", 3)}, Support::correlation});
  layout.add({"s", {axis("row", 2)}, Support::positive});
  layout.add({"b", {}, Support::real});
  const Target target(layout, [&](ConstVectorRef x) { return x[1] + 10 * x[9] + 100 * x[11]; });
  BOOST_TEST(target.size() == 3 + 2 + 1);
  BOOST_TEST(!target.has_gradient());
  const Vector z = some_point(6);
  const Vector x = target.natural(z);
  BOOST_TEST(x[0] == 1);
  BOOST_TEST(x[1] == std::tanh(z[0]));
  BOOST_TEST(x[9] == std::exp(z[3]));
  BOOST_TEST(x[11] == z[5]);
  BOOST_TEST(target.log_density(z) == x[1] + 10 * x[9] + 100 * x[11] + target.log_jacobian(z));
}

BOOST_AUTO_TEST_CASE(correlations_under_lkj_have_their_beta_marginals) {
  // Density |R|^(eta - 1), eta = 1.5, q = 3: every r is Beta(a, a) on (-1, 1), a = eta + (q - 2)/2.
  // The trapezoidal rule is exact to rounding here: the integrand is analytic within pi/2 of the
  // real line, and the ends are e^-20 of the peak.
  const double eta = 1.5;
  const Target target(layout_of(matrix(Support::correlation, 3).block), [&](ConstVectorRef x) {
    const Matrix R = Eigen::Map<const Matrix>(x.data(), 3, 3);
    return (eta - 1) * std::log(R.determinant());
  });
  double total = 0;
  Vector squares = Vector::Zero(9);
  Vector fourths = Vector::Zero(9);
  const double h = 0.25;
  for (int i = -28; i <= 28; ++i) {
    for (int j = -28; j <= 28; ++j) {
      for (int k = -28; k <= 28; ++k) {
        const Vector z = h * Vector{{1.0 * i, 1.0 * j, 1.0 * k}};
        const Vector r2 = target.natural(z).cwiseAbs2();
        const double p = std::exp(target.log_density(z));
        total += p;
        squares += p * r2;
        fourths += p * r2.cwiseAbs2();
      }
    }
  }
  const double a = eta + 0.5;
  for (const Eigen::Index element : {1, 2, 5}) {
    BOOST_TEST(std::abs(squares[element] / total - 1 / (2 * a + 1)) < 1e-7);
    BOOST_TEST(std::abs(fourths[element] / total - 3 / ((2 * a + 1) * (2 * a + 3))) < 1e-7);
  }
}

BOOST_AUTO_TEST_CASE(the_volume_is_right_where_correlations_round_to_one) {
  const Target target(layout_of(matrix(Support::correlation, 2).block), no_density);
  const double expected = 2 * (std::numbers::ln2 - 40);
  BOOST_TEST(std::abs(log_jacobian(Support::minus_one_to_one, 40) - expected) < 1e-13);
  BOOST_TEST(target.natural(Vector{{40.0}})[1] == 1);
  BOOST_TEST(std::abs(target.log_jacobian(Vector{{40.0}}) - expected) < 1e-13);
}

BOOST_AUTO_TEST_CASE(blocks_whose_axes_do_not_fit_are_refused_in_words) {
  const auto message = [](const Block& block) -> std::string {
    try {
      const Target target(layout_of(block), no_density);
    } catch (const PluginError& error) {
      return error.what();
    }
    return "accepted";
  };
  BOOST_TEST(message({"R", {axis("row", 4)}, Support::correlation}) ==
             "block 'R' is a correlation matrix, which needs two axes of one length");
  BOOST_TEST(message({"S", {axis("row", 2), axis("column", 3)}, Support::covariance}) ==
             "block 'S' is a covariance matrix, which needs two axes of one length");
  BOOST_TEST(message({"p", {axis("g", 2), axis("share", 3)}, Support::simplex}) ==
             "block 'p' is a simplex, which needs one axis");
  BOOST_TEST(message({"c", {axis("g", 2), axis("cut", 3)}, Support::ordered}) ==
             "block 'c' is a rising sequence of numbers, which needs one axis");
}
