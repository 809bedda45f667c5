// Blocks of rows: predictor, family, and back to coefficients and effects.
#include "regression/family_rows.hpp"

#include <cmath>

#include "regression/row_blocks.hpp"

namespace tarn::regression {
double family_log_likelihood(const Design& design, const Terms& terms, const State& now) {
  double sum = 0;
  Vector eta, by_row;
  for (const RowBlock& block : design.derived<RowBlocks>().all) {
    const Rows& rows = block.rows;
    eta.resize(rows.y.size());
    by_row.resize(rows.y.size());
    terms.predict(now, rows, eta);
    design.family->log_likelihood(rows, eta, now.psi.transpose(), by_row);
    sum += rows.frequency.dot(by_row);
  }
  return sum;
}

double family_log_likelihood_gradient(const Design& design, const Terms& terms, const State& now,
                                      State& slope) {
  double sum = 0;
  slope.b.setZero();
  slope.psi.setZero();
  for (Vector& r : slope.r) r.setZero();
  Vector eta, by_row, score, curvature;
  Matrix of_psi;
  for (const RowBlock& block : design.derived<RowBlocks>().all) {
    const Rows& rows = block.rows;
    const Eigen::Index n = rows.y.size();
    eta.resize(n);
    by_row.resize(n);
    score.resize(n);
    curvature.resize(n);
    of_psi.resize(n, now.psi.size());
    terms.predict(now, rows, eta);
    design.family->log_likelihood(rows, eta, now.psi.transpose(), by_row);
    design.family->derivatives(rows, eta, now.psi.transpose(), score, curvature);
    design.family->psi_scores(rows, eta, now.psi.transpose(), of_psi);
    sum += rows.frequency.dot(by_row);
    score.array() *= rows.frequency.array();
    slope.b += rows.X.transpose() * score;
    slope.psi += of_psi.transpose() * rows.frequency;
    for (std::size_t f = 0; f < terms.factors(); ++f) {
      auto of_r = terms.by_column(f, slope.r[f]);
      const auto& level = rows.level[terms.grouping(f)];
      Eigen::Index at = 0;
      for (const std::size_t t : design.terms_on(terms.grouping(f))) {
        const Matrix& Z = rows.Z[t];
        for (Eigen::Index k = 0; k < Z.cols(); ++k, ++at) {
          for (Eigen::Index i = 0; i < n; ++i) {
            of_r(at, level[static_cast<std::size_t>(i)]) += Z(i, k) * score[i];
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
