// Simulated data sets, fitted, and the truth ranked among their draws.
#include "simulation/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/guard.hpp"
#include "report/summary_table.hpp"
#include "run/draws_view.hpp"
#include "simulation/calibration_verdict.hpp"

namespace tarn::launcher {
namespace {

/// Where draws are too dependent, so many times as many transitions at most.
constexpr std::size_t most_thinning = 32;

constexpr const char* density_name = "log_likelihood";

}  // namespace

Ranking::Ranking(const Layout& layout, const Design& design, bool likelihood)
    : has_likelihood(likelihood) {
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const Block& block = layout.block(b);
    bool of_groups = false;
    for (std::size_t g = 0; g < design.groupings_in_all() && !block.axes.empty(); ++g) {
      of_groups = of_groups || block.axes.front().labels == design.grouping(g).levels;
    }
    if (of_groups) continue;
    for (std::size_t e = 0; e < block.size(); ++e) {
      if (!block.is_own(e)) continue;
      names.push_back(layout.element_name(b, e));
      elements.push_back(as_index(layout.offset(b) + e));
    }
  }
  if (has_likelihood) names.emplace_back(density_name);
}

Vector Ranking::operator()(Model& model, const Rows& rows, ConstVectorRef theta) const {
  Vector all(as_index(names.size()));
  all.head(as_index(elements.size())) = theta(elements);
  if (has_likelihood) {
    Vector by_row(rows.y.size());
    query<PointwiseLogLikelihood>(model)->log_likelihood(theta, rows, by_row);
    all[all.size() - 1] = by_row.sum();
  }
  return all;
}
Calibration::Calibration(const Registry& registry, const Simulator& simulator, const Design& design,
                         const SamplerType& sampler, const Settings& sampler_settings,
                         const CalibrationPlan& plan)
    : convergence_(*registry.diagnostic("convergence").type),
      simulator_(simulator),
      input_{design, simulator.priors, simulator.settings},
      sampler_(sampler),
      sampler_settings_(sampler_settings),
      plan_(plan),
      ranking_(simulator.type.make(input_)->layout(), design,
               std::ranges::count(simulator.type.offers, PointwiseLogLikelihood::id) > 0) {}

Ranked Calibration::rank(std::uint32_t number) const {
  CalibrationPlan plan = plan_;
  while (true) {
    const Replicate made = fit(plan, number);
    const double ess = least_ess(made.draws);
    const auto wanted = static_cast<std::size_t>(
        std::ceil(1.25 * double(ranked) / std::max(1.0, ess) * double(plan.thin)));
    if (ess >= double(ranked) || plan.thin >= most_thinning) {
      Rng ties({plan.seed, number, Purpose::prior, 1});
      return {plan.thin * (plan.draws / ranked), ess, ranks(made, ranked, ties)};
    }
    plan.thin = std::min(most_thinning, std::max(plan.thin + 1, wanted));
  }
}

Replicate Calibration::fit(const CalibrationPlan& plan, std::uint32_t number) const {
  Rows rows;  // of the simulated data, read once
  const Model* of = nullptr;
  return replicate(simulator_.type, input_, sampler_, sampler_settings_, plan, number,
                   [&](Model& model, const Design& design, ConstVectorRef theta) {
                     if (of != &model && ranking_.has_likelihood) rows = design.all_rows();
                     of = &model;
                     return ranking_(model, rows, theta);
                   });
}

double Calibration::least_ess(const Matrix& draws) const {
  Layout layout;  // one chain of quantities
  layout.add({"q", {{"quantity", std::vector<std::string>(std::size_t(draws.rows()), "q")}}});
  const DrawsView quantities(layout, {{draws.data(), draws.rows(), draws.cols()}});
  Report report;
  guarded("diagnostic", convergence_.name, "evaluate()", [&] {
    const Settings settings(convergence_.settings, {}, "convergence");
    convergence_.make(settings)->evaluate({.posterior = quantities}, report);
  });
  const ReportTable& table = report.tables().front();
  const std::size_t column = column_of(table, "ess_bulk");
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const double ess = table.at(row, column);
    if (!std::isnan(ess)) least = std::min(least, ess);
  }
  return least;
}

}  // namespace tarn::launcher
