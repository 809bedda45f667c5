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

FamilyRows::FamilyRows(const Design& design, const Terms& terms,
                       const ParameterPredictors& predictors)
    : design_(design), terms_(terms), predictors_(predictors), rows_(*design.family) {}

double FamilyRows::log_likelihood(const State& now) {
  double sum = 0;
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    eta_.resize(block.rows.y.size());
    terms_.predict(now, block.rows, eta_);
    predictors_.of_rows(now.psi, now.predictors, block.rows, psi_);
    rows_.evaluate(block, eta_, psi_, {.value = &by_row_});
    sum += by_row_.sum();
  }
  return sum;
}

double FamilyRows::log_likelihood_gradient(const State& now, State& slope) {
  double sum = 0;
  slope.psi.setZero();
  clear_slope(slope);
  for (Values& predictor : slope.predictors) clear_slope(predictor);
  for (const RowBlock& block : design_.derived<RowBlocks>().all) {
    const Rows& rows = block.rows;
    const Eigen::Index n = rows.y.size();
    eta_.resize(n);
    terms_.predict(now, rows, eta_);
    predictors_.of_rows(now.psi, now.predictors, rows, psi_);
    rows_.evaluate(block, eta_, psi_, {.value = &by_row_, .score = &score_});
    sum += by_row_.sum();
    terms_.add_scores(rows, score_, slope);
    if (psi_.cols() == 0) continue;
    of_psi_.resize(n, psi_.cols());
    design_.family->psi_scores(rows, eta_, psi_, of_psi_);
    of_psi_.array().colwise() *= rows.frequency.array();
    predictors_.add_slopes(rows, psi_, of_psi_, slope.psi, slope.predictors);
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
