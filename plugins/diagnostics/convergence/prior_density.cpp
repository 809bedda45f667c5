// Finds the prior of an element of the draws by its key.
#include "prior_density.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include <fmt/format.h>

#include "tarn/design.hpp"
#include "tarn/distributions.hpp"
#include "tarn/prior.hpp"

namespace tarn::convergence {
namespace {

using Density1 = std::function<double(double)>;

Density1 of_key(const Priors& priors, const std::string& key) {
  const ParameterPrior* const prior = priors.find(key);
  if (!prior || !prior->density.proper()) return {};
  if (prior->density.family() == Density::Family::scaled_normal) return {};
  const Support support = prior->parameter.support;
  if (support == Support::correlation || support == Support::covariance) return {};
  return [prior = *prior](double x) { return std::exp(prior.log_density(x)); };
}

Density1 normal(double mean, double sd) {
  return [=](double x) { return std::exp(normal_log_density(x, mean, sd)); };
}

/// The intercept's prior is at the covariates' means; the draws hold it at zero. The difference is
/// normal where all priors are.
Density1 of_intercept(const FittedModel& model) {
  const Design& design = model.design;
  if (design.center.isZero()) return of_key(model.priors, "Intercept");
  double mean = 0, variance = 0;
  for (std::size_t k = 0; k < design.size(); ++k) {
    const std::string& name = design.coefficients[k];
    const ParameterPrior* const prior =
        model.priors.find(name == "Intercept" ? name : "b[" + name + "]");
    if (!prior || prior->density.family() != Density::Family::normal) return {};
    const double factor = name == "Intercept" ? 1 : -design.center[static_cast<Eigen::Index>(k)];
    mean += factor * prior->density.argument(0);
    variance += factor * factor * prior->density.argument(1) * prior->density.argument(1);
  }
  return normal(mean, std::sqrt(variance));
}

/// One correlation of a d x d matrix with density LKJ(eta) is that of 2 Beta(a, a) - 1 with
/// a = eta + (d - 2) / 2 (Lewandowski, Kurowicka & Joe 2009).
Density1 of_correlation(const Priors& priors, const std::string& key, std::size_t size) {
  const ParameterPrior* const prior = priors.find(key);
  if (!prior || prior->density.family() != Density::Family::lkj) return {};
  const double a = prior->density.argument(0) + (static_cast<double>(size) - 2) / 2;
  const double scale = log_gamma(2 * a) - 2 * log_gamma(a) - (2 * a - 1) * std::numbers::ln2;
  constexpr double end = 1 - 1e-9;  // where the density may be infinite
  return [=](double r) {
    const double within = std::clamp(r, -end, end);
    return std::exp(scale + (a - 1) * std::log1p(-within * within));
  };
}

}  // namespace

Density1 prior_density(const FittedModel& model, const Layout& layout, std::size_t block,
                       std::size_t element) {
  const Block& here = layout.block(block);
  const std::string name = layout.element_name(block, element);
  if (name == "b[Intercept]") return of_intercept(model);
  for (const Grouping& grouping : model.design.groupings) {
    if (here.name == "sd_" + grouping.variable() && here.axes.size() == 1) {
      const std::string& column = here.axes[0].labels[element];
      return of_key(model.priors, fmt::format("sd({}, {})", grouping.name, column));
    }
    const bool is_correlation = here.support == Support::correlation && here.axes.size() == 2;
    if (is_correlation && here.name.starts_with("cor_" + grouping.variable())) {
      return of_correlation(model.priors, fmt::format("cor({})", grouping.name),
                            here.axes[0].labels.size());
    }
  }
  return of_key(model.priors, name);
}

}  // namespace tarn::convergence
