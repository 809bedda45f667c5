// The loops over groups, and the two ways to their factor.
#include "solver/one_factor.hpp"

#include <cmath>

#include "tarn/factor.hpp"
#include "tarn/normal_pieces.hpp"

namespace tarn::solver {

using regression::Values;

OneFactor::OneFactor(const Design& design)
    : moments_(design.moments()),
      groups_(design.group_factors(design.terms.front().grouping)),
      shift_(Vector::Zero(static_cast<Eigen::Index>(design.size()))),
      well_conditioned_(reciprocal_condition(moments_.factor) > safe_for_products) {
  const Eigen::Index p = shift_.size();
  const auto m = static_cast<int>(p + 1);
  scratch_.resize(group_kernel::scratch_size(static_cast<int>(columns()), m));

  // Products lose the digits that the residuals do not share with the response, so they are formed
  // of the response less its least-squares fit.
  RowMatrix T = groups_.T;
  Matrix rest = groups_.rest;
  if (well_conditioned_) {
    const Matrix& F = moments_.factor;
    shift_ = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
    T.col(p) -= T.leftCols(p) * shift_;
    rest.col(p) -= rest.leftCols(p) * shift_;
  }
  rest_products_ = rest.transpose() * rest;
  lay_out(T);
}

void OneFactor::lay_out(const RowMatrix& T) {
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

group_kernel::Groups OneFactor::lanes() const {
  const auto count = static_cast<std::size_t>(size());
  return {count,
          (count + group_kernel::width - 1) / group_kernel::width,
          static_cast<int>(columns()),
          static_cast<int>(groups_.T.cols()),
          R_.data(),
          T_.data()};
}

const OneFactor::Marginal& OneFactor::marginal(const std::vector<Matrix>& lambda) {
  if (last_lambda_.size() == 0 || last_lambda_ != lambda[0]) {
    last_ = evaluate(lambda[0]);
    last_lambda_ = lambda[0];
  }
  return last_;
}

OneFactor::Marginal OneFactor::evaluate(const Matrix& lambda) const {
  const RowMatrix l = lambda;
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

std::vector<Matrix> OneFactor::derivative(const std::vector<Matrix>& lambda, const Matrix& B) {
  const RowMatrix l = lambda[0];
  const Eigen::Index p = shift_.size();
  RowMatrix moved = B;  // the kernel's response is y - x'shift
  moved.topRows(p) += shift_ * B.row(p);
  RowMatrix plus = RowMatrix::Zero(columns(), columns());
  RowMatrix minus = plus;
  kernel_.derivative(lanes(), l.data(), moved.data(), plus.data(), minus.data(), scratch_.data());
  return {0.5 * (plus - minus)};
}

Matrix OneFactor::given(const Values& at) {
  const Eigen::Index p = shift_.size();
  Matrix factor = moments_.factor;
  const Vector moved = groups_.T.leftCols(p).transpose() * fitted(at.r[0]);  // X'(Z r)
  factor.col(p).head(p) -=
      factor.topLeftCorner(p, p).transpose().triangularView<Eigen::Lower>().solve(moved);
  return factor;
}

void OneFactor::draw_effects(const std::vector<Matrix>& lambda, double sigma, Values& now,
                             Rng& rng) {
  fill_normal_by_pieces(now.r[0], columns(), rng);
  const RowMatrix l = lambda[0];
  const Vector moved = now.b - shift_;
  kernel_.draw(lanes(), l.data(), sigma, moved.data(), now.r[0].data(), scratch_.data());
}

Vector OneFactor::fitted(const Vector& r) const {
  const Eigen::Index q = columns();
  Vector fit(r.size());
  for (Eigen::Index j = 0; j < size(); ++j) {
    fit.segment(j * q, q) = groups_.R.middleRows(j * q, q) * r.segment(j * q, q);
  }
  return fit;
}

Vector OneFactor::residual(const Vector& b) const {
  return groups_.T.col(b.size()) - groups_.T.leftCols(b.size()) * b;
}

Vector OneFactor::rest(const Vector& b) const {
  return groups_.rest.col(b.size()) - groups_.rest.leftCols(b.size()) * b;
}

double OneFactor::squares(const Values& at) {
  return rest(at.b).squaredNorm() + (residual(at.b) - fitted(at.r[0])).squaredNorm();
}

double OneFactor::scores(const Values& at, Values& slope) {
  const Eigen::Index p = at.b.size();
  const Eigen::Index q = columns();
  const Vector unreached = rest(at.b);
  const Vector e = residual(at.b) - fitted(at.r[0]);
  slope.b =
      groups_.T.leftCols(p).transpose() * e + groups_.rest.leftCols(p).transpose() * unreached;
  for (Eigen::Index j = 0; j < size(); ++j) {
    slope.r[0].segment(j * q, q) = groups_.R.middleRows(j * q, q).transpose() * e.segment(j * q, q);
  }
  return unreached.squaredNorm() + e.squaredNorm();
}

OneFactor::Parabola OneFactor::parabola(const Values& at, std::size_t /*f*/, const Matrix& ratios) {
  const Eigen::Index q = columns();
  const Vector e = residual(at.b);
  Parabola parabola{Matrix::Zero(q, q), Vector::Zero(q)};
  Matrix scaled(q, q);
  for (Eigen::Index j = 0; j < size(); ++j) {
    scaled = groups_.R.middleRows(j * q, q) * ratios.col(j).asDiagonal();
    parabola.quadratic += scaled.transpose() * scaled;
    parabola.linear += scaled.transpose() * e.segment(j * q, q);
  }
  return parabola;
}

}  // namespace tarn::solver
