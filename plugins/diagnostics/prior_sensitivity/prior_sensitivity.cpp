// The diagnostic `prior_sensitivity`: how sensitive is the posterior to the priors, and do they
// agree with the data?
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "components.hpp"
#include "judged.hpp"
#include "tarn/plugin.hpp"

namespace tarn::power_scaling {
namespace {

constexpr std::size_t fewest_draws = 100;  // in all: fewer tell nothing of a tail
constexpr std::size_t prior_draws = 2000;

Scalings scalings(const std::string& name, const Eigen::ArrayXd& log_component) {
  Scalings all{
      name, power_scale(log_component, lower_alpha), power_scale(log_component, upper_alpha), {}};
  for (std::size_t i = 0; i < shown_alphas.size(); ++i) {
    all.shown[i] = power_scale(log_component, shown_alphas[i]);
  }
  return all;
}

/// Median, and half the width of the central 68.3 %: the standard deviation of a normal, and there
/// for densities without one.
struct MedianAndWidth {
  double median;
  double half;

  explicit MedianAndWidth(Vector x) {
    std::ranges::sort(x);
    const auto at = [&](double p) {
      return x[static_cast<Eigen::Index>(p * static_cast<double>(x.size() - 1) + 0.5)];
    };
    median = at(0.5);
    half = (at(0.8413) - at(0.1587)) / 2;
  }
};

/// Draws of the parameters from the prior, one column each; none where the model or a flat prior
/// gives none.
Matrix draw_prior(const Fit& fit, const std::vector<Judged::Parameter>& parameters) {
  const std::unique_ptr<Model> model = fit.model->make();
  auto* prior = query<PriorDraws>(*model);
  if (prior == nullptr || !fit.model->priors.proper()) return {};
  const Layout& layout = fit.posterior.layout();
  Vector theta(as_index(layout.size()));
  Matrix draws(as_index(prior_draws), as_index(parameters.size()));
  for (Eigen::Index i = 0; i < draws.rows(); ++i) {
    Rng rng({fit.seed, 0, Purpose::prior, static_cast<std::uint64_t>(i)});
    prior->draw_prior(theta, rng);
    for (Eigen::Index k = 0; k < draws.cols(); ++k) {
      const Judged::Parameter& p = parameters[as_size(k)];
      draws(i, k) = theta[as_index(layout.offset(p.block) + p.element)];
    }
  }
  return draws;
}

void add_tables(const Judged& judged, const Fit& fit, Report& report) {
  ReportTable sensitivity{"sensitivity", {"prior", "likelihood"}, {}, {}};
  sensitivity.title = "Power scaling: sensitivity of each parameter";
  ReportTable against{"prior_posterior",
                      {"prior_median", "prior_half_width", "posterior_median",
                       "posterior_half_width", "contraction", "shift"},
                      {},
                      {}};
  against.title = "Prior and posterior";
  const Matrix from_prior = draw_prior(fit, judged.parameters);
  for (std::size_t k = 0; k < judged.parameters.size(); ++k) {
    const Judged::Parameter& p = judged.parameters[k];
    sensitivity.rows.push_back(p.name);
    sensitivity.values.insert(sensitivity.values.end(), {p.by_prior, p.by_likelihood});
    if (from_prior.size() == 0) continue;
    const MedianAndWidth before(from_prior.col(as_index(k)));
    const MedianAndWidth after(draws_of(fit.posterior, p));
    const double ratio = after.half / before.half;
    against.rows.push_back(p.name);
    against.values.insert(against.values.end(),
                          {before.median, before.half, after.median, after.half, 1 - ratio * ratio,
                           (after.median - before.median) / before.half});
  }
  report.add(std::move(sensitivity));
  if (from_prior.size() > 0) report.add(std::move(against));

  ReportTable trust{"power_scaling", {"alpha", "pareto_k"}, {}, {}};
  trust.title = "Pareto k: is power scaling reliable?";
  for (const Scalings* component : {&judged.prior, &judged.likelihood}) {
    for (std::size_t i = 0; i < shown_alphas.size(); ++i) {
      if (shown_alphas[i] == 1) continue;
      trust.rows.push_back(component->component);
      trust.values.insert(trust.values.end(), {shown_alphas[i], component->shown[i].pareto_k});
    }
  }
  report.add(std::move(trust));
}

}  // namespace

double Scalings::shown_k() const {
  double worst = 0;
  for (const Scaled& scaled : shown) worst = std::max(worst, scaled.pareto_k);
  return worst;
}

Vector draws_of(const Draws& draws, const Judged::Parameter& parameter) {
  Matrix x(as_index(draws.chains() * draws.draws()), 1);
  draws.read(parameter.block, parameter.element, x);
  return x.col(0);
}

class PriorSensitivity final : public Diagnostic {
 public:
  static constexpr std::string_view title =
      "Prior sensitivity: how sensitive is the posterior to the priors?";
  static constexpr int place = 70;

  static std::vector<std::string_view> needs() {
    return {"model", LogPrior::id, PointwiseLogLikelihood::id};
  }

  static std::vector<Setting> settings() {
    return {{"threshold", "a parameter is said to react above this sensitivity", 0.05, {}, 0.0, 10},
            {"effects", "group effects too", false}};
  }

  explicit PriorSensitivity(const Settings& settings)
      : threshold_(settings.number("threshold")), effects_(settings.flag("effects")) {}

  void evaluate(const Fit& fit, Report& report) override {
    const Draws& draws = fit.posterior;
    if (draws.chains() * draws.draws() < fewest_draws) {
      report.add({Finding::Level::bad,
                  fmt::format("{} draws in all are too few for power scaling, which needs {} at "
                              "least; run longer: --draws 1000",
                              draws.chains() * draws.draws(), fewest_draws)});
      return;
    }
    const Components parts = components(fit);
    Judged judged{threshold_,
                  scalings("prior", parts.log_prior),
                  scalings("likelihood", parts.log_likelihood),
                  {}};
    const std::unique_ptr<Model> model = fit.model->make();
    const Layout& layout = model->layout();  // stored draws do not say what scales a block
    for (std::size_t b = 0; b < layout.blocks(); ++b) {
      const Block& block = layout.block(b);
      if (block.internal || (!effects_ && !block.scaled_by.empty())) continue;
      for (std::size_t e = 0; e < block.size(); ++e) {
        if (!block.is_own(e)) continue;
        Judged::Parameter p{layout.element_name(b, e), b, e, 0, 0};
        const Vector x = draws_of(draws, p);
        const Quantity quantity(x);
        p.by_prior = sensitivity(quantity, judged.prior.lower, judged.prior.upper);
        p.by_likelihood = sensitivity(quantity, judged.likelihood.lower, judged.likelihood.upper);
        judged.parameters.push_back(std::move(p));
      }
    }
    add_findings(judged, report);
    add_tables(judged, fit, report);
    if (fit.wants_figures) add_figures(judged, draws, report);
  }

 private:
  double threshold_;
  bool effects_;
};

}  // namespace tarn::power_scaling

TARN_PLUGIN("prior_sensitivity", "0.5.0") {
  plugin.diagnostic<tarn::power_scaling::PriorSensitivity>(
      "prior_sensitivity", "power scaling of prior and likelihood; prior against posterior");
}
