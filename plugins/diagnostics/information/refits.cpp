// The same model without a group's rows, and a bridge from its draws to those of the fit.
#include "refits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "bridge.hpp"
#include "tarn/error.hpp"
#include "tarn/log_likelihood.hpp"

namespace tarn::information {
namespace {

constexpr std::size_t rows_at_once = 16'384;

/// The rows of some levels.
std::vector<std::vector<std::size_t>> rows_of(const Design& design, std::size_t grouping,
                                              const std::vector<std::size_t>& levels) {
  std::vector<std::size_t> place(design.groupings[grouping].levels.size(), levels.size());
  for (std::size_t k = 0; k < levels.size(); ++k) place[levels[k]] = k;
  std::vector<std::vector<std::size_t>> all(levels.size());
  for_each_block(*design.rows, rows_at_once, [&](const Rows& rows) {
    const std::vector<std::int32_t>& level = rows.level[grouping];
    for (std::size_t i = 0; i < level.size(); ++i) {
      const std::size_t k = place[as_size(level[i])];
      if (k < all.size()) all[k].push_back(rows.first + i);
    }
  });
  return all;
}

/// The log likelihood of the only level of a model's rows, in all draws.
Sampled sampled(const Fit& fit, const Draws& draws, const FittedModel& level,
                std::size_t grouping) {
  const Fit part{.posterior = draws, .model = &level, .threads = fit.threads};
  Sampled result{{}, draws.chains()};
  LogLikelihood(part, 0).of_levels(grouping,
                                   [&](std::size_t, std::size_t, const Eigen::ArrayXd& by_draw) {
                                     result.log_likelihood = by_draw;
                                   });
  return result;
}

}  // namespace

Refits refit_levels(const Fit& fit, std::size_t grouping, const std::vector<std::size_t>& wanted,
                    std::size_t most, std::vector<Criteria>& levels) {
  Refits done;
  if (wanted.empty()) return done;
  if (!fit.refit) {
    done.why_not = "the fit cannot be made again here";
    return done;
  }
  std::vector<std::size_t> chosen = wanted;
  if (chosen.size() > most) {
    chosen.resize(most);
    done.why_not = most == 0 ? "to fit again without each of them would take long"
                             : fmt::format("only the worst {} were fitted without", most);
  }
  const FittedModel& model = *fit.model;
  const auto rows = rows_of(model.design, grouping, chosen);
  for (std::size_t k = 0; k < chosen.size(); ++k) {
    const Design design = model.design.with_only(rows[k]);
    const FittedModel level{model.type, design, model.priors, {}, model.make};
    Criteria& unit = levels[chosen[k]];
    try {
      const auto draws = fit.refit(rows[k], static_cast<std::uint32_t>(chosen[k]));
      const Bridged found = bridge(sampled(fit, fit.posterior, level, grouping),
                                   sampled(fit, *draws, level, grouping));
      if (!std::isfinite(found.elpd)) {
        done.why_not = "the log likelihood is not finite in some draws";
        continue;
      }
      unit.p_loo += unit.elpd_loo - found.elpd;
      unit.elpd_loo = found.elpd;
      unit.mcse = found.mcse;
      unit.refitted = true;
      done.levels.push_back(chosen[k]);
    } catch (const Error& error) {
      done.why_not = error.what();
    }
  }
  return done;
}

}  // namespace tarn::information
