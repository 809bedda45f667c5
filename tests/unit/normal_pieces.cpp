// Normals by pieces: independent of each other and of the order in which they are drawn.
#define BOOST_TEST_MODULE normal_pieces
#include "tarn/normal_pieces.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>

namespace {

using namespace tarn;

const Stream stream{44, 2, Purpose::test, 7};

/// Correlation of two runs of normals.
double correlation(ConstVectorRef a, ConstVectorRef b) {
  const Eigen::ArrayXd x = a.array() - a.mean();
  const Eigen::ArrayXd y = b.array() - b.mean();
  return (x * y).sum() / std::sqrt(x.square().sum() * y.square().sum());
}

}  // namespace

BOOST_AUTO_TEST_CASE(up_to_1024_groups_come_from_the_draws_own_stream) {
  for (const Eigen::Index groups : {Eigen::Index{0}, Eigen::Index{85}, Eigen::Index{1024}}) {
    Rng rng(stream);
    Rng same(stream);
    Vector r(3 * groups);
    Vector expected(3 * groups);
    fill_normal_by_pieces(r, 3, rng);
    fill_normal(expected, same);
    BOOST_TEST((r == expected));
    BOOST_TEST(rng.bits() == same.bits());
  }
}

BOOST_AUTO_TEST_CASE(pieces_are_the_same_in_any_order) {
  const Eigen::Index groups = 5000;
  const Eigen::Index q = 2;
  Rng rng(stream);
  Vector expected(groups * q);
  fill_normal_by_pieces(expected, q, rng);

  Rng other(stream);
  const NormalPieces pieces(groups, q, other);
  BOOST_TEST_REQUIRE(pieces.count() == 5);
  Vector r(groups * q);
  for (const Eigen::Index k : {3, 0, 4, 1, 2}) pieces.fill(k, r);
  BOOST_TEST((r == expected));
  BOOST_TEST(rng.bits() == other.bits());  // one number was taken, however many are drawn

  Vector alone = Vector::Zero(groups * q);
  pieces.fill(2, alone);
  BOOST_TEST((alone.segment(2 * 1024 * q, 1024 * q) == r.segment(2 * 1024 * q, 1024 * q)));
  alone.segment(2 * 1024 * q, 1024 * q).setZero();
  BOOST_TEST(alone.norm() == 0);
}

BOOST_AUTO_TEST_CASE(pieces_and_calls_of_one_draw_are_independent) {
  const Eigen::Index length = NormalPieces::groups_each;
  const Eigen::Index count = 40;
  Rng rng(stream);
  Matrix r(length, 2 * count);
  for (int call = 0; call < 2; ++call) {
    Vector all(length * count);
    fill_normal_by_pieces(all, 1, rng);
    r.middleCols(call * count, count) = all.reshaped(length, count);
  }
  // 3160 correlations, each with a Monte Carlo error of 1 / sqrt(1024): the largest is beyond 5.5
  // of them once in 8000 seeds, their root mean square beyond 1 +- 4 / sqrt(2 x 3160) of it so,
  // too.
  double largest = 0;
  double squares = 0;
  int pairs = 0;
  for (Eigen::Index a = 0; a < r.cols(); ++a) {
    for (Eigen::Index b = 0; b < a; ++b, ++pairs) {
      const double z = correlation(r.col(a), r.col(b)) * std::sqrt(static_cast<double>(length));
      largest = std::max(largest, std::abs(z));
      squares += z * z;
    }
  }
  BOOST_TEST(largest < 5.5);
  BOOST_TEST(std::abs(std::sqrt(squares / pairs) - 1) < 4 / std::sqrt(2.0 * pairs));
  // The sum of n squares has the mean n and the variance 2 n.
  const double n = static_cast<double>(r.size());
  BOOST_TEST(std::abs(r.sum()) < 4 * std::sqrt(n));
  BOOST_TEST(std::abs(r.squaredNorm() - n) < 4 * std::sqrt(2 * n));
}
