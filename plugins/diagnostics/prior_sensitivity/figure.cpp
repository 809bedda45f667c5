// Sensitivities side by side, and means and standard deviations along the powers.
#include <algorithm>

#include <fmt/format.h>

#include "figures.hpp"
#include "judged.hpp"

namespace tarn::power_scaling {
namespace {

constexpr std::size_t most_points = 40;
constexpr std::size_t most_panels = 8;

/// The parameters most sensitive to their priors, in the order of the draws.
std::vector<Judged::Parameter> chosen(const Judged& judged, std::size_t most) {
  std::vector<Judged::Parameter> all = judged.parameters;
  const auto place = [](const Judged::Parameter& p) { return std::pair(p.block, p.element); };
  std::ranges::stable_sort(all, std::ranges::greater(), &Judged::Parameter::by_prior);
  if (all.size() > most) all.resize(most);
  std::ranges::sort(all, {}, place);
  return all;
}

std::string left_out(const Judged& judged, std::size_t shown) {
  if (shown == judged.parameters.size()) return "";
  return fmt::format(" Shown are the {} of {} parameters most sensitive to their priors.", shown,
                     judged.parameters.size());
}

std::string too_far(const Judged& judged) {
  if (!(std::max(judged.prior.shown_k(), judged.likelihood.shown_k()) > reliable)) return "";
  return " Powers for which the weights are unreliable (Pareto k above 0.7) are left out.";
}

void add_sensitivities(const Judged& judged, Report& report) {
  const auto parameters = chosen(judged, most_points);
  FigureColumn name{"parameter"}, component{"component"}, value{"sensitivity"};
  for (const Judged::Parameter& p : parameters) {
    for (const auto& [what, x] :
         {std::pair{"prior", p.by_prior}, {"likelihood", p.by_likelihood}}) {
      name.texts.push_back(p.name);
      component.texts.emplace_back(what);
      value.numbers.push_back(x);
    }
  }
  report.add(Figure{
      .name = "prior_sensitivity",
      .title = "Sensitivity of each parameter to prior and likelihood",
      .caption = "The change of each marginal posterior as prior or likelihood is raised to a "
                 "power a little off 1. To the right of the line for both: potential prior-data "
                 "conflict; for the prior alone: the prior says more than the data." +
                 left_out(judged, parameters.size()),
      .specification = std::string(figures::sensitivity),
      .data = {{"sensitivities", {name, component, value}},
               {"threshold", {{"sensitivity", {judged.threshold}}}}}});
}

void add_scaling(const Judged& judged, const Draws& draws, Report& report) {
  const auto parameters = chosen(judged, most_panels);
  FigureColumn name{"parameter"}, component{"component"}, alpha{"alpha"}, mean{"mean"}, low{"low"},
      high{"high"};
  for (const Judged::Parameter& p : parameters) {
    const Vector x = draws_of(draws, p);
    const Quantity quantity(x);
    for (const Scalings* scalings : {&judged.prior, &judged.likelihood}) {
      for (std::size_t i = 0; i < shown_alphas.size(); ++i) {
        if (scalings->shown[i].pareto_k > reliable) continue;
        const Eigen::ArrayXd& weights = scalings->shown[i].weights;
        name.texts.push_back(p.name);
        component.texts.push_back(scalings->component);
        alpha.numbers.push_back(shown_alphas[i]);
        mean.numbers.push_back(quantity.mean(weights));
        low.numbers.push_back(mean.numbers.back() - quantity.sd(weights));
        high.numbers.push_back(mean.numbers.back() + quantity.sd(weights));
      }
    }
  }
  report.add(Figure{
      .name = "power_scaling",
      .title = "Posteriors with a weaker and a stronger prior or likelihood",
      .caption = "Mean and standard deviation of each posterior, were the prior (or the "
                 "likelihood) raised to the power on the axis. A level line: it does not matter "
                 "there." +
                 too_far(judged) + left_out(judged, parameters.size()),
      .specification = std::string(figures::power_scaling),
      .data = {{"quantities", {name, component, alpha, mean, low, high}}}});
}

}  // namespace

void add_figures(const Judged& judged, const Draws& draws, Report& report) {
  if (judged.parameters.empty()) return;
  add_sensitivities(judged, report);
  add_scaling(judged, draws, report);
}

}  // namespace tarn::power_scaling
