// Moves of the residual.
#include "solver/residuals.hpp"

namespace tarn::solver {

Vector own_product(const NormalEquations::Factor& factor, ConstVectorRef r) {
  const Eigen::Index q = factor.q;
  Vector product(r.size());
  for (Eigen::Index j = 0; j < factor.levels; ++j) {
    const double* const S = factor.own.data() + j * q * q;
    for (Eigen::Index a = 0; a < q; ++a) {
      double sum = 0;
      for (Eigen::Index b = 0; b < q; ++b) sum += S[a * q + b] * r[j * q + b];
      product[j * q + a] = sum;
    }
  }
  return product;
}

Residuals::Residuals(const NormalEquations& equations) : equations_(equations) { reset(); }

void Residuals::reset() {
  const Eigen::Index p = equations_.p();
  left_.z.clear();
  for (const NormalEquations::Factor& factor : equations_.factors()) {
    left_.z.emplace_back(factor.d.col(p));
  }
  left_.x = equations_.products().col(p).head(p);
  left_.y = equations_.products()(p, p);
}

void Residuals::move_b(ConstVectorRef by) {
  const Eigen::Index p = equations_.p();
  if (p == 0) return;
  for (std::size_t f = 0; f < equations_.size(); ++f) {
    left_.z[f].noalias() -= equations_.factors()[f].d.leftCols(p) * by;
  }
  const Vector before = left_.x;
  left_.x.noalias() -= equations_.products().topLeftCorner(p, p) * by;
  left_.y -= by.dot(before + left_.x);
}

void Residuals::move(std::size_t factor, ConstVectorRef by) {
  const NormalEquations::Factor& moved = equations_.factors()[factor];
  const Vector before = left_.z[factor];
  left_.z[factor] -= own_product(moved, by);
  for (std::size_t f = 0; f < equations_.size(); ++f) {
    if (f != factor) equations_.subtract_product(f, factor, by, left_.z[f]);
  }
  left_.x.noalias() -= moved.d.leftCols(equations_.p()).transpose() * by;
  left_.y -= by.dot(before + left_.z[factor]);
}

RightHandSides Residuals::without(ConstVectorRef b, const std::vector<Vector>& r,
                                  const std::vector<std::size_t>& factors) const {
  const Eigen::Index p = equations_.p();
  RightHandSides response{std::vector<Vector>(equations_.size()), left_.x, left_.y};
  response.x += equations_.products().topLeftCorner(p, p) * b;
  for (const std::size_t f : factors) {
    const NormalEquations::Factor& factor = equations_.factors()[f];
    response.x += factor.d.leftCols(p).transpose() * r[f];
    Vector& z = response.z[f];
    z = left_.z[f] + own_product(factor, r[f]) + factor.d.leftCols(p) * b;
    for (const std::size_t other : factors) {
      if (other != f) equations_.subtract_product(f, other, -r[other], z);
    }
  }
  // |e + u|^2 = |e|^2 + u'e + u'(e + u) for u = X b + sum Z r.
  response.y += b.dot(left_.x + response.x);
  for (const std::size_t f : factors) response.y += r[f].dot(left_.z[f] + response.z[f]);
  return response;
}

}  // namespace tarn::solver
