// The normal family against differences: one sigma for all rows, or one for each (sigma ~ x).
#define BOOST_TEST_MODULE family
#include <cmath>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "tarn/gaussian.hpp"

using namespace tarn;

namespace {

/// Ten rows at this scale; `by_row`: the standard deviation is exp(a + b x) of each.
struct Case {
  Case(double scale, bool by_row) : eta(10), psi(by_row ? 10 : 1, 1) {
    const Vector x = Vector::LinSpaced(10, -1, 1);
    rows.y = scale * (x.array() * 3).sin();
    eta = 0.3 * scale * x;
    rows.frequency = rows.weight = Vector::Ones(10);
    rows.weight[3] = 4;  // a known part of its precision
    for (Eigen::Index i = 0; i < psi.rows(); ++i) psi(i, 0) = scale * std::exp(0.2 + 0.5 * x[i]);
  }

  Rows rows;
  Vector eta;
  Matrix psi;
};

}  // namespace

BOOST_DATA_TEST_CASE(derivatives_are_those_of_the_log_likelihood,
                     boost::unit_test::data::make({1e-9, 1.0, 1e12}) *
                         boost::unit_test::data::make({false, true}),
                     scale, by_row) {
  const Gaussian family;
  const Case at(scale, by_row);
  Vector score(10), curvature(10), above(10), below(10), here(10);
  Matrix own(10, 1), differences(10, 1);
  family.derivatives(at.rows, at.eta, at.psi, score, curvature);
  family.psi_scores(at.rows, at.eta, at.psi, own);
  family.Family::psi_scores(at.rows, at.eta, at.psi, differences);
  const double step = 1e-4 * scale;  // errors of 1e-8 from the step, of 1e-8 from rounding
  family.log_likelihood(at.rows, at.eta, at.psi, here);
  family.log_likelihood(at.rows, at.eta.array() + step, at.psi, above);
  family.log_likelihood(at.rows, at.eta.array() - step, at.psi, below);
  for (Eigen::Index i = 0; i < 10; ++i) {
    const double size = 1 / scale;
    BOOST_TEST(std::abs((above[i] - below[i]) / (2 * step) - score[i]) < 1e-6 * size);
    BOOST_TEST(std::abs((2 * here[i] - above[i] - below[i]) / (step * step) - curvature[i]) <
               1e-5 * size * size);
    BOOST_TEST(std::abs(own(i, 0) - differences(i, 0)) < 1e-6 * size);
  }
}
