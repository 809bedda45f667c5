// From elements of the draws to the priors of what they are.
#include "prior_density.hpp"

#include <cmath>
#include <string>

#include "tarn/design.hpp"
#include "tarn/distributions.hpp"
#include "tarn/prior.hpp"

namespace tarn::convergence {
namespace {

using Density1 = std::function<double(double)>;

Density1 of_prior(const ParameterPrior* prior) {
  if (prior == nullptr || !prior->density.proper()) return {};
  if (prior->density.scales_with_sigma() || !prior->density.of_number()) return {};
  return [prior = *prior](double x) { return std::exp(prior.log_density(x)); };
}

Density1 normal(double mean, double sd) {
  return [=](double x) { return std::exp(normal_log_density(x, mean, sd)); };
}

/// The intercept's prior is at the covariates' means; the draws hold it at zero. The difference is
/// normal where all priors are.
Density1 of_intercept(const FittedModel& model, const PredictorDesign& design) {
  const auto prior_of = [&](const std::string& name) {
    return model.priors.find({Subject::Kind::coefficient, name, {}, design.parameter});
  };
  if (design.center.isZero()) return of_prior(prior_of("Intercept"));
  double mean = 0, variance = 0;
  for (std::size_t k = 0; k < design.size(); ++k) {
    const std::string& name = design.coefficients[k];
    const ParameterPrior* const prior = prior_of(name);
    if (prior == nullptr || !prior->density.is_normal()) return {};
    const double factor = name == "Intercept" ? 1 : -design.center[as_index(k)];
    mean += factor * prior->density.location();
    variance += factor * factor * prior->density.scale() * prior->density.scale();
  }
  return normal(mean, std::sqrt(variance));
}

/// One element of a simplex or a matrix, where its density is known.
Density1 of_element(const ParameterPrior* prior, Eigen::Index k, Eigen::Index rows) {
  if (prior == nullptr || !prior->density.proper()) return {};
  if (!prior->density.log_marginal(0.5, k, rows)) return {};
  return [density = prior->density, k, rows](double x) {
    return std::exp(*density.log_marginal(x, k, rows));
  };
}

/// Whether a column's effects at 0 are others than those that the prior is about.
bool moves(const PredictorDesign& design, const std::string& grouping, const std::string& column) {
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const Centering centering = design.term_centering(t);
    if (!centering.moves() || design.groupings[design.terms[t].grouping].name != grouping) continue;
    for (std::size_t k = 0; k < design.terms[t].columns.size(); ++k) {
      if (design.terms[t].columns[k] != column) continue;
      if (centering.constant[static_cast<Eigen::Index>(k)] != 0) return true;
    }
  }
  return false;
}

}  // namespace

Density1 prior_density(const FittedModel& model, const Layout& layout, std::size_t block,
                       std::size_t element) {
  const Block& here = layout.block(block);
  const Priors& priors = model.priors;
  const Subject subject = subject_of(model.design, here, element);
  if (const ParameterPrior* const prior = priors.find(subject)) {
    const PredictorDesign& design = *model.design.predictor_of(subject.parameter);
    if (subject.kind == Subject::Kind::coefficient && subject.name == "Intercept") {
      return of_intercept(model, design);
    }
    const auto is_moved = [&](const std::string& column) {
      return here.derived && moves(design, subject.grouping, column);
    };
    if (subject.kind == Subject::Kind::group_sd && is_moved(subject.name)) return {};
    if (subject.kind == Subject::Kind::group_correlation) {
      const std::vector<std::string>& labels = here.axes[0].labels;
      if (is_moved(labels[element / labels.size()]) || is_moved(labels[element % labels.size()])) {
        return {};
      }
      return of_element(prior, 0, as_index(labels.size()));
    }
    return of_prior(prior);
  }
  if (here.support == Support::simplex) {
    return of_element(priors.find(here.name), as_index(element), as_index(here.size()));
  }
  // The key of any model's parameter is the element's name.
  return of_prior(priors.find(layout.element_name(block, element)));
}

}  // namespace tarn::convergence
