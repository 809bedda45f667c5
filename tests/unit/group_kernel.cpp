// The kernels of random_slope: the same bits from each, and the algebra they stand for.
#define BOOST_TEST_MODULE group_kernel
#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "solver/kernel/kernel.hpp"
#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace {

using namespace tarn;

/// Random groups, as matrices and as the kernel has them.
struct Toy {
  Eigen::Index J, q, m;
  std::vector<Matrix> R, T;
  RowMatrix lambda;
  std::vector<double> R_lanes, T_lanes;

  Toy(Eigen::Index groups, Eigen::Index columns, Eigen::Index p)
      : J(groups), q(columns), m(p + 1), lambda(RowMatrix::Zero(q, q)) {
    Rng rng({41, static_cast<std::uint32_t>(q), Purpose::test});
    const auto random = [&](Eigen::Index rows, Eigen::Index cols) {
      return Matrix::NullaryExpr(rows, cols, [&] { return rng.normal(); });
    };
    lambda.triangularView<Eigen::Lower>() = random(q, q);
    const Eigen::Index width = group_kernel::width;
    const Eigen::Index blocks = (J + width - 1) / width;
    R_lanes.assign(static_cast<std::size_t>(blocks * width * q * (q + 1) / 2), 0);
    T_lanes.assign(static_cast<std::size_t>(blocks * width * q * m), 0);
    for (Eigen::Index j = 0; j < J; ++j) {
      R.emplace_back(random(q, q).triangularView<Eigen::Upper>());
      T.emplace_back(random(q, m));
      std::size_t at = static_cast<std::size_t>((j / width) * width * q * (q + 1) / 2 + j % width);
      for (Eigen::Index i = 0; i < q; ++i) {
        for (Eigen::Index k = i; k < q; ++k, at += group_kernel::width)
          R_lanes[at] = R.back()(i, k);
      }
      at = static_cast<std::size_t>((j / width) * width * q * m + j % width);
      for (Eigen::Index e = 0; e < q * m; ++e, at += group_kernel::width) {
        T_lanes[at] = T.back()(e / m, e % m);
      }
    }
  }

  group_kernel::Groups groups() const {
    const auto count = static_cast<std::size_t>(J);
    return {count,
            (count + group_kernel::width - 1) / group_kernel::width,
            static_cast<int>(q),
            static_cast<int>(m),
            R_lanes.data(),
            T_lanes.data()};
  }
};

/// All that a kernel answers, in one vector.
Vector answers(const group_kernel::Functions& kernel, const Toy& toy) {
  const group_kernel::Groups groups = toy.groups();
  std::vector<double> scratch(group_kernel::scratch_size(groups.q, groups.m));
  const double* const lambda = toy.lambda.data();
  Vector products = Vector::Zero(toy.m * (toy.m + 1) / 2);
  const double log_determinant = kernel.products(groups, lambda, products.data(), scratch.data());
  RowMatrix rows(toy.J * toy.q, toy.m);
  kernel.rows(groups, lambda, rows.data(), scratch.data());
  const RowMatrix B = rows.topRows(1).transpose() * Vector::LinSpaced(toy.m, 1, 2).transpose();
  RowMatrix plus = RowMatrix::Zero(toy.q, toy.q);
  RowMatrix minus = plus;
  kernel.derivative(groups, lambda, B.data(), plus.data(), minus.data(), scratch.data());
  Vector r = Vector::LinSpaced(toy.J * toy.q, -1, 1);
  const Vector b = Vector::LinSpaced(toy.m - 1, -0.5, 0.5);
  kernel.draw(groups, lambda, 1.7, b.data(), r.data(), scratch.data());

  Vector all(1 + products.size() + rows.size() + plus.size() + minus.size() + r.size());
  all << log_determinant, products, rows.reshaped(), plus.reshaped(), minus.reshaped(), r;
  return all;
}

/// The same from the formulas, one group after the other.
Vector expected(const Toy& toy) {
  double log_determinant = 0;
  Matrix products = Matrix::Zero(toy.m, toy.m);
  RowMatrix rows(toy.J * toy.q, toy.m);
  Matrix minus = Matrix::Zero(toy.q, toy.q);
  std::vector<Matrix> WV;
  Vector r = Vector::LinSpaced(toy.J * toy.q, -1, 1);
  const Vector b = Vector::LinSpaced(toy.m - 1, -0.5, 0.5);
  const Matrix I = Matrix::Identity(toy.q, toy.q);
  for (std::size_t j = 0; j < toy.R.size(); ++j) {
    const Matrix P = toy.R[j] * toy.lambda;
    const Eigen::LLT<Matrix> K(I + P * P.transpose());
    log_determinant += 2 * K.matrixLLT().diagonal().array().log().sum();
    const Matrix V = K.matrixL().solve(toy.T[j]);
    const Matrix W = K.matrixL().solve(toy.R[j]);
    products += V.transpose() * V;
    rows.middleRows(static_cast<Eigen::Index>(j) * toy.q, toy.q) = V;
    minus += W.transpose() * W;
    WV.emplace_back(W.transpose() * V);
    const Eigen::LLT<Matrix> M(I + P.transpose() * P);
    const Vector e = (toy.T[j].col(toy.m - 1) - toy.T[j].leftCols(toy.m - 1) * b) / 1.7;
    auto own = r.segment(static_cast<Eigen::Index>(j) * toy.q, toy.q);
    const Vector v = M.matrixL().solve(P.transpose() * e) + own;
    own = 1.7 * toy.lambda * M.matrixU().solve(v);
  }
  const Matrix B = rows.topRows(1).transpose() * Vector::LinSpaced(toy.m, 1, 2).transpose();
  Matrix plus = Matrix::Zero(toy.q, toy.q);
  for (const Matrix& x : WV) plus += (x * B) * (x * B).transpose();
  Vector packed(toy.m * (toy.m + 1) / 2);
  Eigen::Index at = 0;
  for (Eigen::Index a = 0; a < toy.m; ++a) {
    for (Eigen::Index c = 0; c <= a; ++c) packed[at++] = products(a, c);
  }
  Vector all(1 + packed.size() + rows.size() + plus.size() + minus.size() + r.size());
  all << log_determinant, packed, rows.reshaped(), plus.reshaped(), minus.reshaped(), r;
  return all;
}

const std::vector<Toy>& toys() {
  // Numbers of columns with and without a compiled constant; whole and broken blocks of groups.
  static const std::vector<Toy> all{{1, 1, 0},  {8, 1, 3},  {19, 2, 2}, {37, 3, 5},
                                    {40, 4, 1}, {21, 5, 3}, {9, 8, 12}};
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_plain_kernel_follows_the_formulas) {
  for (const Toy& toy : toys()) {
    const Vector got = answers(group_kernel::plain, toy);
    const Vector want = expected(toy);
    // A few hundred operations on numbers of a usual size; 8 columns reach conditions of 1e3.
    BOOST_TEST((got - want).cwiseAbs().maxCoeff() < 1e-10 * (1 + want.cwiseAbs().maxCoeff()),
               toy.q << " columns");
  }
}

BOOST_AUTO_TEST_CASE(all_kernels_give_the_same_bits) {
#ifdef TARN_X86_64
  const auto same = [](const group_kernel::Functions& kernel) {
    for (const Toy& toy : toys()) {
      BOOST_TEST((answers(kernel, toy).array() == answers(group_kernel::plain, toy).array()).all(),
                 toy.q << " columns");
    }
  };
  if (__builtin_cpu_supports("avx2")) same(group_kernel::avx2);
  if (__builtin_cpu_supports("avx512f")) same(group_kernel::avx512);
#endif
  BOOST_TEST(toys().size() == 7);
}

BOOST_AUTO_TEST_CASE(a_huge_determinant_does_not_overflow) {
  Toy toy(16, 2, 1);
  toy.lambda *= 1e60;  // |K_j| of about 1e240 each
  const double log_determinant = answers(group_kernel::plain, toy)[0];
  BOOST_TEST(std::isfinite(log_determinant));
  BOOST_TEST(log_determinant > 16 * 500);
}
