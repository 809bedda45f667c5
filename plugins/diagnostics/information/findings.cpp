// Which figures can be trusted, and what to do where they cannot.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "judged.hpp"
#include "tarn/text.hpp"

namespace tarn::information {
namespace {

constexpr std::size_t named = 5;     // units that a sentence names
constexpr double large_error = 1;    // of an elpd, of which differences below 4 are small
constexpr double steady_waic = 0.4;  // Vehtari, Gelman & Gabry 2017, section 2.2

std::string names(const Judged& judged, std::vector<std::size_t> units) {
  std::vector<std::string> labels;
  for (const std::size_t i : units) {
    if (labels.size() == named) break;
    labels.push_back(judged.rows() ? judged.labels[i] : "'" + judged.labels[i] + "'");
  }
  const std::string list = list_of(labels);
  const std::string more = units.size() > named ? ", ..." : "";
  return judged.rows() ? (labels.size() == 1 ? "row " : "rows ") + list + more : list + more;
}

std::string figure(const Judged& judged) {
  const Estimate elpd = total(judged.units, &Criteria::elpd_loo);
  if (judged.rows()) return fmt::format("elpd_loo {:.1f} (se {:.1f})", elpd.sum, elpd.se);
  return fmt::format("elpd_logo {:.1f} (se {:.1f}, Monte Carlo error {:.2g})", elpd.sum, elpd.se,
                     judged.mcse);
}

std::string what(const Judged& judged) {
  if (!judged.rows()) return "leave-one-group-out by " + judged.grouping;
  if (judged.given_level.empty()) return "leave-one-out";
  return fmt::format("leave-one-out, effects of {} integrated out", judged.given_level);
}

std::string advice(const Judged& judged, bool has_groups) {
  if (!judged.rows()) {
    return judged.why_not_refitted +
           "; what they say of the population is not in the draws, so fit without them, one at a "
           "time, or compare by rows";
  }
  const std::string otherwise =
      judged.normal ? "give the errors heavier tails" : "try another family";
  if (has_groups && judged.given_level.empty()) {
    return "they determine their group's effect almost alone, or do not fit; look at them, leave "
           "whole groups out instead (elpd_logo), or " +
           otherwise;
  }
  return std::string("look at them: they may be wrong, or ") +
         (judged.normal ? "the errors need heavier tails" : "another family may fit better");
}

bool all_finite(const Judged& judged, Report& report) {
  std::vector<std::size_t> lost;
  for (std::size_t i = 0; i < judged.units.size(); ++i) {
    if (std::isnan(judged.units[i].elpd_loo)) lost.push_back(i);
  }
  if (lost.empty()) return true;
  report.add({Finding::Level::bad,
              fmt::format("{}: the log likelihood of {} is not finite in some draws; look at them",
                          what(judged), names(judged, lost))});
  return false;
}

void add_waic(const Judged& judged, Report& report) {
  const auto unsteady = as_size(std::ranges::count_if(
      judged.units, [](const Criteria& unit) { return unit.p_waic > steady_waic; }));
  if (unsteady == 0) return;
  report.add({Finding::Level::note,
              fmt::format("WAIC is unreliable: p_waic is above {1} for {0}; prefer elpd_loo",
                          judged.count(unsteady), steady_waic)});
}

}  // namespace

std::string Judged::count(std::size_t n) const {
  if (rows()) return fmt::format("{} row{}", n, n == 1 ? "" : "s");
  return fmt::format("{} level{} of {}", n, n == 1 ? "" : "s", grouping);
}

void add_findings(const Judged& judged, bool has_groups, Report& report) {
  if (!all_finite(judged, report)) return;
  const std::vector<std::size_t> bad = judged.unreliable();
  const std::vector<std::size_t> refitted = judged.refitted();
  if (!bad.empty()) {
    report.add(
        {Finding::Level::note,
         fmt::format("{}: {} is not to be relied on, since Pareto k is above {:.2f} for {} of {} "
                     "({}): {}",
                     what(judged), figure(judged), judged.threshold, bad.size(),
                     judged.count(judged.units.size()), names(judged, bad),
                     advice(judged, has_groups))});
  } else if (judged.mcse > large_error) {
    report.add({Finding::Level::note,
                fmt::format("{}: {}; so large an error hides small differences: draw more",
                            what(judged), figure(judged))});
  } else if (refitted.empty()) {
    report.add({Finding::Level::good,
                fmt::format("{}: {}; Pareto k is below {:.2f} for all {}", what(judged),
                            figure(judged), judged.threshold, judged.count(judged.units.size()))});
  } else {
    report.add({Finding::Level::good,
                fmt::format("{}: {}; {} of {} are so influential that the fit was repeated without "
                            "each of them ({})",
                            what(judged), figure(judged), refitted.size(),
                            judged.count(judged.units.size()), names(judged, refitted))});
  }
  if (judged.rows()) add_waic(judged, report);
}

}  // namespace tarn::information
