// Which parameters are sensitive to their priors, and what to do about it.
#include <algorithm>

#include <fmt/format.h>

#include "judged.hpp"
#include "tarn/text.hpp"

namespace tarn::power_scaling {
namespace {

constexpr std::size_t named = 5;

/// The parameters that `which` holds for, the most sensitive first.
template <class Which>
std::vector<std::string> names(const Judged& judged, const Which& which) {
  std::vector<const Judged::Parameter*> chosen;
  for (const Judged::Parameter& p : judged.parameters) {
    if (which(p)) chosen.push_back(&p);
  }
  std::ranges::stable_sort(chosen, std::ranges::greater(), &Judged::Parameter::by_prior);
  std::vector<std::string> all;
  for (const auto* p : chosen) {
    all.push_back(all.size() < named ? fmt::format("{} ({:.2f})", p->name, p->by_prior) : p->name);
  }
  return all;
}

}  // namespace

void add_findings(const Judged& judged, Report& report) {
  const auto conflict =
      names(judged, [&](const Judged::Parameter& p) { return judged.conflict(p); });
  const auto strong =
      names(judged, [&](const Judged::Parameter& p) { return judged.strong_prior(p); });
  if (!conflict.empty()) {
    report.add(
        {Finding::Level::note,
         fmt::format("potential prior-data conflict: {} {} sensitive to the prior and to the data; "
                     "see whether these priors say what is meant ('tarn priors'), and "
                     "report what wider ones give",
                     list_of(conflict, named), conflict.size() == 1 ? "is" : "are")});
  }
  if (!strong.empty()) {
    report.add(
        {Finding::Level::note,
         fmt::format("potential strong prior / weak likelihood: {} {} sensitive to the prior and "
                     "hardly to the data; say so with the result, or state a prior that "
                     "can be defended",
                     list_of(strong, named), strong.size() == 1 ? "is" : "are")});
  }
  if (conflict.empty() && strong.empty()) {
    report.add(
        {Finding::Level::good,
         fmt::format("no parameter is sensitive to its prior: sensitivity below {:.2g} for all {}",
                     judged.threshold, judged.parameters.size())});
  }
  for (const Scalings* component : {&judged.prior, &judged.likelihood}) {
    if (!(component->local_k() > reliable)) continue;
    report.add({Finding::Level::note,
                fmt::format("the weights that sensitivity to the {} is told from are unreliable "
                            "(Pareto k {:.2f}); fit again with other priors instead",
                            component->component, component->local_k())});
  }
}

}  // namespace tarn::power_scaling
