// Marginal parameters of a family: where they are, their density, and what is drawn given them.
#include "regression/family_marginal.hpp"

namespace tarn::regression {

bool FamilyMarginal::exists(const Design& design) {
  if (predicts_with_groups(design)) return false;
  if (design.terms.empty()) return true;
  return design.terms.size() == 1 && design.terms.front().intercept_only() &&
         design.family->log_concave();
}

FamilyMarginal::FamilyMarginal(const Design& design, const Priors& priors, Terms& terms)
    : terms_(terms),
      psi_(design, priors),
      predictors_(design, priors),
      quadrature_(design),
      left_out_(design, quadrature_),
      rows_(design, terms, predictors_),
      unit_(column_sizes(design).cwiseInverse()) {
  b_ = layout_.add({"b", {{"coefficient", design.coefficients}}, Support::real});
  psi_.add_working_to(layout_);
  predictors_.add_working_to(layout_);
  if (grouped()) sd_ = terms_.covariance(0).add_to(layout_);
}

void FamilyMarginal::write(const State& now, VectorRef phi) const {
  layout_.of(phi, b_) = now.b.cwiseQuotient(unit_);
  psi_.write(now.psi, layout_, phi);
  predictors_.write(now.predictors, layout_, phi);
  if (grouped()) terms_.covariance(0).write(now.covariances.front(), layout_, *sd_, phi);
}

void FamilyMarginal::read(ConstVectorRef phi, State& now) const {
  now.b = layout_.of(phi, b_).cwiseProduct(unit_);
  psi_.read(layout_, phi, now.psi);
  predictors_.read(layout_, phi, now.predictors);
  if (grouped()) terms_.covariance(0).read(layout_, *sd_, phi, now.covariances.front());
}

double FamilyMarginal::log_density(const State& now) {
  const double prior = psi_.log_prior(now.psi) + predictors_.log_prior(now.predictors) +
                       terms_.log_prior(now, now.sigma());
  return prior + (grouped() ? quadrature_.log_likelihood(point(now)) : rows_.log_likelihood(now));
}

double FamilyMarginal::log_density_gradient(const State& now, VectorRef gradient) {
  State slope = now;
  double sum = 0;
  if (grouped()) {
    Quadrature::Slope of_rows;
    sum = quadrature_.log_likelihood_gradient(point(now), of_rows);
    slope.b = of_rows.b;
    slope.psi = of_rows.psi;
    slope.predictors = of_rows.predictors;
    Covariance& of_sd = slope.covariances.front();
    of_sd.sd[0] = of_rows.sd;
    of_sd.correlation.setZero();
    terms_.covariance(0).add_gradient(now.covariances.front(), of_sd.sd, of_sd.correlation);
    terms_.covariance(0).write(of_sd, layout_, *sd_, gradient);
    sum += terms_.covariance(0).log_density(now.covariances.front());
  } else {
    sum = rows_.log_likelihood_gradient(now, slope);
  }
  double dsigma = 0;
  sum += terms_.coefficients().log_density_gradient(now.b, now.sigma(), slope.b, dsigma);
  if (slope.psi.size() > 0) slope.psi[0] += dsigma;
  psi_.add_scores(now.psi, slope.psi);
  psi_.write(slope.psi, layout_, gradient);
  sum += predictors_.log_density_gradient(now.predictors, slope.predictors);
  predictors_.write_gradient(slope.predictors, layout_, gradient);
  layout_.of(gradient, b_) = slope.b.cwiseProduct(unit_);
  return sum + psi_.log_prior(now.psi);
}

void FamilyMarginal::by_level(const Rows& rows, std::size_t grouping, const Vector& eta,
                              const State& now, VectorRef sums) {
  Matrix psi;
  predictors_.of_rows(now.psi, now.predictors, rows, psi);
  sums = quadrature_
             .of_levels(one_block(0, rows, grouping), eta, psi, now.covariances.front().sd[0],
                        2 * quadrature_.nodes() + 9)
             .log_likelihood;
}

void FamilyMarginal::by_row(const Rows& rows, std::size_t grouping, const Vector& eta,
                            const State& now, const LeftOutRows::Parts& parts) {
  Matrix psi;
  predictors_.of_rows(now.psi, now.predictors, rows, psi);
  left_out_.evaluate(one_block(0, rows, grouping), {eta, psi, now.covariances.front().sd[0]},
                     parts);
}

void FamilyMarginal::draw_effects(State& now, Rng& rng) {
  if (grouped()) quadrature_.draw_effects(point(now), now.r.front(), rng);
}

}  // namespace tarn::regression
