// Blocks of rows: predictor, family, and back to coefficients and effects.
#include "regression/family_rows.hpp"

#include "regression/row_blocks.hpp"

namespace tarn::regression {
namespace {

void clear_slope(Values& slope) {
  slope.b.setZero();
  for (Vector& r : slope.r) r.setZero();
}

}  // namespace

double family_log_likelihood(const Design& design, const Terms& terms,
                             const ParameterPredictors& predictors, const State& now) {
  double sum = 0;
  Vector eta, by_row;
  Matrix psi;
  for (const RowBlock& block : design.derived<RowBlocks>().all) {
    const Rows& rows = block.rows;
    eta.resize(rows.y.size());
    by_row.resize(rows.y.size());
    terms.predict(now, rows, eta);
    predictors.of_rows(now.psi, now.predictors, rows, psi);
    design.family->log_likelihood(rows, eta, psi, by_row);
    sum += rows.frequency.dot(by_row);
  }
  return sum;
}

double family_log_likelihood_gradient(const Design& design, const Terms& terms,
                                      const ParameterPredictors& predictors, const State& now,
                                      State& slope) {
  double sum = 0;
  slope.psi.setZero();
  clear_slope(slope);
  for (Values& predictor : slope.predictors) clear_slope(predictor);
  Vector eta, by_row, score, curvature;
  Matrix psi, of_psi;
  for (const RowBlock& block : design.derived<RowBlocks>().all) {
    const Rows& rows = block.rows;
    const Eigen::Index n = rows.y.size();
    eta.resize(n);
    by_row.resize(n);
    score.resize(n);
    curvature.resize(n);
    terms.predict(now, rows, eta);
    predictors.of_rows(now.psi, now.predictors, rows, psi);
    of_psi.resize(n, psi.cols());
    design.family->log_likelihood(rows, eta, psi, by_row);
    design.family->derivatives(rows, eta, psi, score, curvature);
    design.family->psi_scores(rows, eta, psi, of_psi);
    sum += rows.frequency.dot(by_row);
    score.array() *= rows.frequency.array();
    of_psi.array().colwise() *= rows.frequency.array();
    terms.add_scores(rows, score, slope);
    predictors.add_slopes(rows, psi, of_psi, slope.psi, slope.predictors);
  }
  return sum;
}

void start_anywhere(const Design& design, const Terms& terms, const FamilyParameters& psi,
                    State& now, Rng& rng) {
  const ColumnScale scale = predictor_scale(design);
  psi.start(scale.sd, now.psi, rng);
  terms.start(scale, now, rng);
}

}  // namespace tarn::regression
