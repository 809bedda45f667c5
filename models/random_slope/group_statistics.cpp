// The loops over groups, and the two ways to their factor.
#include "group_statistics.hpp"

#include <cmath>

namespace tarn::random_slope {
namespace {

/// Row-major lambda, as the kernel reads it.
RowMatrix by_rows(const Matrix& lambda) { return lambda; }

}  // namespace

GroupStatistics::GroupStatistics(const Design& design)
    : groups_(design.group_factors(design.terms.front().grouping)),
      shift_(Vector::Zero(static_cast<Eigen::Index>(design.size()))),
      well_conditioned_(reciprocal_condition(design.moments().factor) > safe_for_products) {
  const Eigen::Index p = shift_.size();
  const auto m = static_cast<int>(p + 1);
  scratch_.resize(group_kernel::scratch_size(static_cast<int>(columns()), m));

  // Products lose the digits that the residuals do not share with the response, so they are formed
  // of the response less its least-squares fit.
  RowMatrix T = groups_.T;
  Matrix rest = groups_.rest;
  if (well_conditioned_) {
    const Matrix& F = design.moments().factor;
    shift_ = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
    T.col(p) -= T.leftCols(p) * shift_;
    rest.col(p) -= rest.leftCols(p) * shift_;
  }
  rest_products_ = rest.transpose() * rest;
  lay_out(T);
}

void GroupStatistics::lay_out(const RowMatrix& T) {
  const Eigen::Index q = columns();
  const Eigen::Index width = group_kernel::width;
  const Eigen::Index blocks = (size() + width - 1) / width;
  R_.assign(static_cast<std::size_t>(blocks * width * q * (q + 1) / 2), 0);
  T_.assign(static_cast<std::size_t>(blocks * width * q * T.cols()), 0);
  for (Eigen::Index j = 0; j < size(); ++j) {
    const Eigen::Index block = j / width;
    double* R = R_.data() + block * width * q * (q + 1) / 2 + j % width;
    double* t = T_.data() + block * width * q * T.cols() + j % width;
    for (Eigen::Index i = 0; i < q; ++i) {
      for (Eigen::Index k = i; k < q; ++k, R += width) *R = groups_.R(j * q + i, k);
      for (Eigen::Index a = 0; a < T.cols(); ++a, t += width) *t = T(j * q + i, a);
    }
  }
}

group_kernel::Groups GroupStatistics::lanes() const {
  const auto count = static_cast<std::size_t>(size());
  return {count,
          (count + group_kernel::width - 1) / group_kernel::width,
          static_cast<int>(columns()),
          static_cast<int>(groups_.T.cols()),
          R_.data(),
          T_.data()};
}

const GroupStatistics::Marginal& GroupStatistics::marginal(const Matrix& lambda) const {
  if (last_lambda_.size() == 0 || last_lambda_ != lambda) {
    last_ = evaluate(lambda);
    last_lambda_ = lambda;
  }
  return last_;
}

GroupStatistics::Marginal GroupStatistics::evaluate(const Matrix& lambda) const {
  const RowMatrix l = by_rows(lambda);
  const Eigen::Index m = groups_.T.cols();
  Vector packed = Vector::Zero(m * (m + 1) / 2);
  Marginal marginal;
  marginal.log_determinant = kernel_.products(lanes(), l.data(), packed.data(), scratch_.data());
  if (!well_conditioned_) {
    RowMatrix rows(groups_.T.rows(), m);
    kernel_.rows(lanes(), l.data(), rows.data(), scratch_.data());
    TriangularFactor factor(groups_.rest);
    Matrix block = rows;
    factor.add(block);
    marginal.factor = factor.matrix();
    return marginal;
  }
  Matrix products = rest_products_;
  Eigen::Index at = 0;
  for (Eigen::Index a = 0; a < m; ++a) {
    for (Eigen::Index b = 0; b <= a; ++b, ++at) {
      products(a, b) += packed[at];
      if (a != b) products(b, a) += packed[at];
    }
  }
  // What is left of the response never falls below what no effect reaches.
  marginal.factor = factor_of_products(products, groups_.rest(m - 1, m - 1));
  marginal.factor.col(m - 1) += marginal.factor.leftCols(m - 1) * shift_;
  return marginal;
}

Matrix GroupStatistics::derivative(const Matrix& lambda, const Matrix& B) const {
  const RowMatrix l = by_rows(lambda);
  const Eigen::Index p = shift_.size();
  RowMatrix moved = B;  // the kernel's response is y - x'shift
  moved.topRows(p) += shift_ * B.row(p);
  RowMatrix plus = RowMatrix::Zero(columns(), columns());
  RowMatrix minus = plus;
  kernel_.derivative(lanes(), l.data(), moved.data(), plus.data(), minus.data(), scratch_.data());
  return 0.5 * (plus - minus);
}

Matrix GroupStatistics::factor_given(ConstVectorRef r, ConstMatrixRef total) const {
  const Eigen::Index p = shift_.size();
  const Eigen::Index q = columns();
  Vector fitted(groups_.T.rows());
  for (Eigen::Index j = 0; j < size(); ++j) {
    fitted.segment(j * q, q) = groups_.R.middleRows(j * q, q) * r.segment(j * q, q);
  }
  Matrix factor = total;
  const Vector moved = groups_.T.leftCols(p).transpose() * fitted;  // X'(Z r)
  factor.col(p).head(p) -=
      total.topLeftCorner(p, p).transpose().triangularView<Eigen::Lower>().solve(moved);
  return factor;
}

void GroupStatistics::draw(const Matrix& lambda, double sigma, ConstVectorRef b,
                           VectorRef r) const {
  const RowMatrix l = by_rows(lambda);
  const Vector moved = b - shift_;
  kernel_.draw(lanes(), l.data(), sigma, moved.data(), r.data(), scratch_.data());
}

Vector GroupStatistics::residual(ConstVectorRef b) const {
  const Eigen::Index p = shift_.size();
  return groups_.T.col(p) - groups_.T.leftCols(p) * b;
}

Vector GroupStatistics::residual(ConstVectorRef b, ConstVectorRef r) const {
  const Eigen::Index q = columns();
  Vector e = residual(b);
  for (Eigen::Index j = 0; j < size(); ++j) {
    e.segment(j * q, q) -= groups_.R.middleRows(j * q, q) * r.segment(j * q, q);
  }
  return e;
}

Vector GroupStatistics::score_of_b(ConstVectorRef e) const {
  return groups_.T.leftCols(shift_.size()).transpose() * e;
}

Vector GroupStatistics::score_of_r(ConstVectorRef e) const {
  const Eigen::Index q = columns();
  Vector score(e.size());
  for (Eigen::Index j = 0; j < size(); ++j) {
    score.segment(j * q, q) = groups_.R.middleRows(j * q, q).transpose() * e.segment(j * q, q);
  }
  return score;
}

Vector GroupStatistics::rest(ConstVectorRef b) const {
  return groups_.rest.leftCols(b.size()) * b - groups_.rest.col(b.size());
}

GroupStatistics::Parabola GroupStatistics::parabola(ConstVectorRef b,
                                                    const RowMatrix& ratios) const {
  const Eigen::Index q = columns();
  const Vector e = residual(b);
  Parabola parabola{Matrix::Zero(q, q), Vector::Zero(q)};
  Matrix scaled(q, q);
  for (Eigen::Index j = 0; j < size(); ++j) {
    scaled = groups_.R.middleRows(j * q, q) * ratios.row(j).asDiagonal();
    parabola.quadratic += scaled.transpose() * scaled;
    parabola.linear += scaled.transpose() * e.segment(j * q, q);
  }
  return parabola;
}

}  // namespace tarn::random_slope
