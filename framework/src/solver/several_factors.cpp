// What the normal equations say, at the last coefficients and effects and without them.
#include "solver/several_factors.hpp"

#include <cmath>
#include <numeric>

#include "tarn/factor.hpp"

namespace tarn::solver {

using regression::Values;

namespace {

/// Dense columns up to which one evaluation of the exact marginal density costs well below a
/// millisecond.
constexpr Eigen::Index affordable = 150;

}  // namespace

std::vector<std::size_t> all_factors(const NormalEquations& equations) {
  std::vector<std::size_t> all(equations.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

bool is_affordable(const NormalEquations& equations) {
  return Elimination(equations, all_factors(equations)).dense() <= affordable;
}

SeveralFactors::SeveralFactors(const Design& design)
    : equations_(design.derived<NormalEquations>()),
      residuals_(equations_),
      untouched_(residuals_.response()) {
  if (!is_affordable(equations_)) return;
  all_ = std::make_unique<Elimination>(equations_, all_factors(equations_));
}

std::vector<std::size_t> SeveralFactors::groupings() const {
  std::vector<std::size_t> all;
  for (const NormalEquations::Factor& factor : equations_.factors()) all.push_back(factor.grouping);
  return all;
}

/// Moves of what has changed since the last look: a sweep changes one part at a time.
const Residuals& SeveralFactors::residuals(const Values& at) {
  const Vector b = shifted(at.b);
  if (seen_r_.empty()) {
    residuals_.reset();
    seen_b_ = Vector::Zero(b.size());
    seen_r_.resize(at.r.size());
    for (std::size_t f = 0; f < at.r.size(); ++f) seen_r_[f] = Vector::Zero(at.r[f].size());
  }
  if (b != seen_b_) residuals_.move_b(b - seen_b_);
  seen_b_ = b;
  for (std::size_t f = 0; f < at.r.size(); ++f) {
    if (at.r[f] != seen_r_[f]) residuals_.move(f, at.r[f] - seen_r_[f]);
    seen_r_[f] = at.r[f];
  }
  return residuals_;
}

RightHandSides SeveralFactors::without(const Values& at, const std::vector<std::size_t>& factors) {
  return residuals(at).without(seen_b_, at.r, factors);
}

Matrix SeveralFactors::factor_of(const Elimination::Marginal& marginal) const {
  const Eigen::Index p = equations_.p();
  Matrix factor = factor_of_products(marginal.products, std::sqrt(equations_.rounding()));
  factor.col(p) += factor.leftCols(p) * equations_.shift();
  return factor;
}

double SeveralFactors::scores(const Values& at, Values& slope) {
  const Residuals& left = residuals(at);
  slope.b = left.of_covariates();
  for (std::size_t f = 0; f < slope.r.size(); ++f) slope.r[f] = left.of(f);
  return left.squares();
}

Matrix SeveralFactors::given(const Values& at) {
  const Eigen::Index p = equations_.p();
  const RightHandSides left = without(at, {});
  Matrix products = equations_.products();
  products.col(p).head(p) = left.x;
  products.row(p).head(p) = left.x.transpose();
  products(p, p) = left.y;
  return factor_of({products, 0});
}

const SeveralFactors::Marginal& SeveralFactors::marginal(const std::vector<Matrix>& lambda) {
  if (last_lambda_ != lambda) {
    const Elimination::Marginal marginal = all_->factorise(lambda, untouched_);
    last_ = {factor_of(marginal), marginal.log_determinant};
    last_lambda_ = lambda;
  }
  return last_;
}

void SeveralFactors::draw_effects(const std::vector<Matrix>& lambda, double sigma, Values& now,
                                  Rng& rng) {
  marginal(lambda);
  all_->draw(shifted(now.b), sigma, now.r, rng);
}

SeveralFactors::Parabola SeveralFactors::parabola(const Values& at, std::size_t f,
                                                  const Matrix& ratios) {
  const NormalEquations::Factor& factor = equations_.factors()[f];
  const Eigen::Index q = factor.q;
  const Vector z = residuals(at).of(f) + own_product(factor, at.r[f]);
  Parabola parabola{Matrix::Zero(q, q),
                    ratios.cwiseProduct(z.reshaped(q, factor.levels)).rowwise().sum()};
  for (Eigen::Index j = 0; j < factor.levels; ++j) {
    const Eigen::Map<const Matrix> S(factor.own.data() + j * q * q, q, q);
    parabola.quadratic += S.cwiseProduct(ratios.col(j) * ratios.col(j).transpose());
  }
  return parabola;
}

}  // namespace tarn::solver
