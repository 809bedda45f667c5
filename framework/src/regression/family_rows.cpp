// Blocks of rows: predictor, family, and back to coefficients and effects.
#include "regression/family_rows.hpp"

#include <cmath>

#include "regression/row_blocks.hpp"

namespace tarn::regression {

FamilyRows::FamilyRows(const Design& design, const Terms& terms)
    : design_(design), terms_(terms), rows_(*design.family) {}

double FamilyRows::log_likelihood(const State& now) {
  const Matrix psi = now.psi.transpose();
  double sum = 0;
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    eta_.resize(block.rows.y.size());
    terms_.predict(now, block.rows, eta_);
    rows_.evaluate(block, eta_, psi, {.value = &by_row_});
    sum += by_row_.sum();
  }
  return sum;
}

double FamilyRows::log_likelihood_gradient(const State& now, State& slope) {
  const Matrix psi = now.psi.transpose();
  double sum = 0;
  slope.b.setZero();
  slope.psi.setZero();
  for (Vector& r : slope.r) r.setZero();
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    const Rows& rows = block.rows;
    const Eigen::Index n = rows.y.size();
    eta_.resize(n);
    terms_.predict(now, rows, eta_);
    rows_.evaluate(block, eta_, psi, {.value = &by_row_, .score = &score_});
    sum += by_row_.sum();
    slope.b += rows.X.transpose() * score_;
    if (psi.size() > 0) {
      of_psi_.resize(n, psi.size());
      design_.family->psi_scores(rows, eta_, psi, of_psi_);
      slope.psi += of_psi_.transpose() * rows.frequency;
    }
    for (std::size_t f = 0; f < terms_.factors(); ++f) {
      auto of_r = terms_.by_column(f, slope.r[f]);
      const auto& level = rows.level[terms_.grouping(f)];
      Eigen::Index at = 0;
      for (const std::size_t t : design_.terms_on(terms_.grouping(f))) {
        const Matrix& Z = rows.Z[t];
        for (Eigen::Index k = 0; k < Z.cols(); ++k, ++at) {
          for (Eigen::Index i = 0; i < n; ++i) {
            of_r(at, level[static_cast<std::size_t>(i)]) += Z(i, k) * score_[i];
          }
        }
      }
    }
  }
  return sum;
}

void start_anywhere(const Design& design, const Terms& terms, const FamilyParameters& psi,
                    State& now, Rng& rng) {
  const ColumnScale scale = predictor_scale(design);
  psi.start(scale.sd, now.psi, rng);
  for (std::size_t k = 0; k < design.size(); ++k) {
    const auto at = static_cast<Eigen::Index>(k);
    const ColumnScale& x = design.column_scale[k];
    now.b[at] = k == 0 && design.has_intercept
                    ? scale.mean + 0.5 * scale.sd * rng.normal()
                    : 0.3 * scale.sd / (x.sd > 0 ? x.sd : std::abs(x.mean)) * rng.normal();
  }
  for (std::size_t f = 0; f < terms.factors(); ++f) {
    now.covariances[f] = terms.covariance(f).start(0.5 * scale.sd, terms.columns(), rng);
    auto r = terms.by_column(f, now.r[f]);
    for (Eigen::Index j = 0; j < r.cols(); ++j) {
      for (Eigen::Index k = 0; k < r.rows(); ++k) {
        r(k, j) = 0.3 * now.covariances[f].sd[k] * rng.normal();
      }
    }
  }
}

}  // namespace tarn::regression
