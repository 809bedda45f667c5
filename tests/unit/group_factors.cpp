// Triangles of the groups' rows against cross-products formed directly.
#define BOOST_TEST_MODULE group_factors
#include <boost/test/unit_test.hpp>

#include "matrix_rows.hpp"
#include "tarn/rng.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Rows whose groups come in turn; the last group has one row.
Data data(Eigen::Index n, std::int32_t groups) {
  Rng rng({31, 0, Purpose::test});
  Data data{Matrix(n, 2), Vector(n)};
  data.slopes = Matrix(n, 2);
  for (Eigen::Index i = 0; i < n; ++i) {
    data.X.row(i) << 100 + rng.normal(), rng.normal();
    data.slopes.row(i) << data.X(i, 0), rng.normal();
    data.y[i] = 1000 + rng.normal();
    data.level.push_back(i + 1 == n ? groups - 1 : static_cast<std::int32_t>(i) % (groups - 1));
  }
  data.frequency = Vector::LinSpaced(n, 0.5, 2);
  return data;
}

void equal(const Matrix& a, const Matrix& b) {
  // Sums of a few hundred terms of at most 1e6 in double precision.
  BOOST_TEST((a - b).cwiseAbs().maxCoeff() < 1e-12 * (1 + b.cwiseAbs().maxCoeff()));
}

void check(const Data& data) {
  const Design design = design_of(data);
  const Rows rows = design.all_rows();
  const GroupFactors& groups = design.group_factors(0);
  const Eigen::Index q = 3;
  BOOST_TEST_REQUIRE(groups.columns == q);

  Matrix d(rows.y.size(), rows.X.cols() + 1);
  d << rows.X, rows.y;
  Matrix total = groups.rest.transpose() * groups.rest;
  for (Eigen::Index j = 0; j < groups.levels(); ++j) {
    Matrix ZZ = Matrix::Zero(q, q);
    Matrix Zd = Matrix::Zero(q, d.cols());
    for (Eigen::Index i = 0; i < d.rows(); ++i) {
      if (rows.level[0][static_cast<std::size_t>(i)] != j) continue;
      ZZ += rows.weight[i] * rows.Z[0].row(i).transpose() * rows.Z[0].row(i);
      Zd += rows.weight[i] * rows.Z[0].row(i).transpose() * d.row(i);
    }
    const Matrix R = groups.R.middleRows(j * q, q);
    const Matrix T = groups.T.middleRows(j * q, q);
    BOOST_TEST(R.triangularView<Eigen::StrictlyLower>().toDenseMatrix().norm() == 0);
    equal(R.transpose() * R, ZZ);
    equal(R.transpose() * T, Zd);
    total += T.transpose() * T;
  }
  equal(total, d.transpose() * rows.weight.asDiagonal() * d);
}

}  // namespace

BOOST_AUTO_TEST_CASE(triangles_have_the_cross_products_of_their_rows) {
  check(data(400, 7));  // in quarters
}

BOOST_AUTO_TEST_CASE(many_small_groups_are_one_part) { check(data(60, 25)); }

BOOST_AUTO_TEST_CASE(a_group_of_one_row_has_one_row_of_its_triangle) {
  const Design design = design_of(data(400, 7));
  const GroupFactors& groups = design.group_factors(0);
  BOOST_TEST(groups.R.bottomRows(2).norm() == 0);
  BOOST_TEST(groups.T.bottomRows(2).norm() == 0);
}

BOOST_AUTO_TEST_CASE(intercepts_alone_are_the_weighted_means) {
  Data intercepts = data(400, 7);
  intercepts.slopes = Matrix();
  const Design design = design_of(intercepts);
  const GroupMoments& means = design.group_moments(0);
  const GroupFactors& groups = design.group_factors(0);
  for (Eigen::Index j = 0; j < groups.levels(); ++j) {
    const double root = std::sqrt(means.weight[j]);
    BOOST_TEST(std::abs(groups.R(j, 0) - root) < 1e-12 * root);
    equal(groups.T.row(j) / root, means.mean.col(j).transpose());
  }
  equal(groups.rest.transpose() * groups.rest, means.within.transpose() * means.within);
}
