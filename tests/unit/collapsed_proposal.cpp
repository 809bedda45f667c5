// What the sampler collapsed proposes from: densities that integrate to 1 and fit their draws, and
// mixtures recovered from weighted points.
#define BOOST_TEST_MODULE collapsed_proposal
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <ostream>
#include <vector>

#include "defensive_mixture.hpp"
#include "fit_mixture.hpp"
#include "grid_proposal.hpp"
#include "split_t.hpp"

namespace {

using namespace tarn;
using namespace tarn::collapsed;

Point point(double x, double y) {
  Point p(2);
  p << x, y;
  return p;
}

Square square(double xx, double xy, double yy) {
  Square s(2, 2);
  s << xx, xy, xy, yy;
  return s;
}

TMixture two_hills() {
  return TMixture({{0.7, {8, point(-1, 0), square(1, 0.5, 1)}},
                   {0.3, {8, point(3, 2), square(0.5, -0.2, 0.3)}}});
}

struct Case {
  const char* name;
  std::shared_ptr<const Proposal> proposal;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }
};

SplitT lopsided() { return {5, point(0.5, 2), point(3, 1)}; }

double bent(const Vector& w) {
  const double y = w[1] + 0.5 * (w[0] * w[0] - 1);
  return -0.5 * (w[0] * w[0] + y * y);
}

const Case cases[] = {{"split t", std::make_shared<SplitT>(lopsided())},
                      {"defended mixture", std::make_shared<DefensiveMixture>(
                                               two_hills(), std::make_shared<SplitT>(lopsided()),
                                               MultivariateT(4, point(0, 0), square(4, 0, 4)))},
                      {"grid", std::make_shared<GridProposal>(GriddedDensity(2, bent), 2)}};

/// Masses of 16 x 16 cells that cover the plane, by the trapezoidal rule in u with x = sinh u: ends
/// at sinh(7) = 548, beyond which a t of 4 degrees of freedom has 1e-9 of its mass.
constexpr int cells = 16;
constexpr int points = 64;  // per cell and axis
constexpr double end = 7;

int cell_of(double x) {
  const int cell = static_cast<int>((std::asinh(x) + end) / (2 * end) * cells);
  return std::clamp(cell, 0, cells - 1);
}

Matrix masses(const Proposal& proposal) {
  Matrix mass = Matrix::Zero(cells, cells);
  const double width = 2 * end / (cells * points);
  for (int i = 0; i < cells * points; ++i) {
    for (int j = 0; j < cells * points; ++j) {
      const double u = -end + (i + 0.5) * width;
      const double v = -end + (j + 0.5) * width;
      mass(i / points, j / points) +=
          std::exp(proposal.log_density(point(std::sinh(u), std::sinh(v)))) * std::cosh(u) *
          std::cosh(v) * width * width;
    }
  }
  return mass;
}

}  // namespace

BOOST_DATA_TEST_CASE(a_proposal_integrates_to_1_and_its_draws_fall_where_it_says, cases) {
  const Matrix mass = masses(*sample.proposal);
  // The midpoint rule errs by less than 1e-4 at the jumps of the grid's edges, elsewhere by 1e-6.
  BOOST_TEST(std::abs(mass.sum() - 1) < 1e-4);

  constexpr int draws = 100'000;
  Matrix count = Matrix::Zero(cells, cells);
  Rng rng({3, 0, Purpose::test});
  for (int i = 0; i < draws; ++i) {
    const Point w = sample.proposal->draw(rng);
    count(cell_of(w[0]), cell_of(w[1])) += 1;
  }
  double chi_squared = 0;
  double degrees = -1;
  for (Eigen::Index i = 0; i < mass.size(); ++i) {
    const double expected = draws * mass(i);
    if (expected < 5) continue;
    chi_squared += (count(i) - expected) * (count(i) - expected) / expected;
    ++degrees;
  }
  BOOST_TEST(degrees > 20);
  // Mean and four standard deviations of a chi-squared variable.
  BOOST_TEST(chi_squared < degrees + 4 * std::sqrt(2 * degrees));
}

BOOST_AUTO_TEST_CASE(densities_of_many_points_are_those_of_each) {
  const TMixture mixture = two_hills();
  Matrix points(2, 3);
  points << 0, -1, 50, 0, 3, -80;
  const Eigen::ArrayXd all = mixture.densities(points);
  for (Eigen::Index i = 0; i < 3; ++i) {
    BOOST_TEST(std::abs(all[i] / mixture.density(points.col(i)) - 1) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(maximisation_recovers_a_mixture_from_weighted_points) {
  // Points from a wide t, weighted to stand for the mixture.
  const TMixture truth = two_hills();
  const MultivariateT wide(5, point(0.5, 0.5), square(6, 0, 4));
  constexpr Eigen::Index n = 40'000;
  Matrix points(2, n);
  Eigen::ArrayXd weights(n);
  Rng rng({4, 0, Purpose::test});
  for (Eigen::Index i = 0; i < n; ++i) {
    const Point drawn = wide.draw(rng);
    points.col(i) = drawn;
    weights[i] = truth.density(drawn) / std::exp(wide.log_density(drawn));
  }
  weights /= weights.sum();
  const WeightedPoints sample{points, weights};
  const TMixture start(
      {{0.5, {8, point(-2, -1), square(2, 0, 2)}}, {0.5, {8, point(2, 2), square(2, 0, 2)}}});
  const TMixture found = maximise(sample, start, 8, 100);
  BOOST_REQUIRE(found.components().size() == 2U);
  for (std::size_t k = 0; k < 2; ++k) {
    // Worth some 10 000 points in all, 3000 in the smaller hill: errors of about 0.02.
    BOOST_TEST(std::abs(found.components()[k].weight - truth.components()[k].weight) < 0.03);
    const MultivariateT& t = found.components()[k].t;
    const MultivariateT& expected = truth.components()[k].t;
    BOOST_TEST((t.location() - expected.location()).norm() < 0.08);
    BOOST_TEST((t.scale() - expected.scale()).norm() < 0.12);
  }
}

BOOST_AUTO_TEST_CASE(a_component_without_points_is_dropped) {
  Matrix points(2, 500);
  Rng rng({5, 0, Purpose::test});
  for (double& x : points.reshaped()) x = rng.normal();
  const WeightedPoints sample{points, Eigen::ArrayXd::Constant(500, 1.0 / 500)};
  const Square unit = Square::Identity(2, 2);
  const TMixture start({{0.5, {8, point(0, 0), unit}}, {0.5, {8, point(1e3, 1e3), unit}}});
  BOOST_TEST(maximise(sample, start, 8, 3).components().size() == 1U);
}

BOOST_AUTO_TEST_CASE(sides_of_the_split_t_have_the_scales_of_the_drops) {
  // Normal with scale 2 below and 0.5 above in the first coordinate.
  const auto log_density = [](const Vector& w) {
    const double e = w[0] < 0 ? w[0] / 2 : w[0] / 0.5;
    return -0.5 * (e * e + w[1] * w[1]);
  };
  const SplitT split = SplitT::around_origin(5, 2, log_density);
  const auto ratio = [&](double x, double scale) {
    // (1 + e^2 / nu)^(-(nu + d) / 2)
    return split.log_density(point(x, 0)) - split.log_density(point(0, 0)) +
           3.5 * std::log1p(x * x / (scale * scale * 5));
  };
  BOOST_TEST(std::abs(ratio(-1, 2)) < 1e-12);
  BOOST_TEST(std::abs(ratio(1, 0.5)) < 1e-12);
}
