// The diagnostic `autocorrelation`: how dependent are successive draws of a chain?
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "figures.hpp"
#include "tarn/plugin.hpp"
#include "tarn/statistics/chains.hpp"
#include "tarn/statistics/ess.hpp"

namespace tarn {
namespace {

constexpr std::array<std::size_t, 4> lags{1, 5, 10, 50};
constexpr std::size_t most_per_variable = 100;  // of the elements of a variable, evenly spaced
constexpr std::size_t most_panels = 12;
constexpr std::size_t longest_lag = 50;  // in the figure
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// One parameter: its place in the draws, and what is known of it.
struct Memory {
  std::size_t block = 0, element = 0;
  std::string name;
  std::array<double, lags.size()> rho{};
  double time = nan;  // transitions that one effective draw takes: 1 + 2 sum of rho
};

Matrix read(const Draws& draws, std::size_t block, std::size_t element) {
  Matrix x(as_index(draws.chains() * draws.draws()), 1);
  draws.read(block, element, x);
  x.resize(as_index(draws.draws()), as_index(draws.chains()));
  return x;
}

/// Mean over the chains of the autocorrelation within each, as R's acf(): about the chain's own
/// mean, with divisor n at every lag. NaN for a constant chain.
class Autocorrelation {
 public:
  explicit Autocorrelation(const Matrix& x) : chains_(as_size(x.cols())) {
    for (std::size_t c = 0; c < chains_.size(); ++c) {
      chains_[c].assign(x.col(as_index(c)));
    }
  }

  double of_chain(std::size_t chain, std::size_t lag) {
    auto& x = chains_[chain];
    return x.informative() && lag < x.draws() ? x.autocovariance(lag) / x.autocovariance(0) : nan;
  }

  double mean(std::size_t lag) {
    double sum = 0;
    for (std::size_t c = 0; c < chains_.size(); ++c) sum += of_chain(c, lag);
    return sum / static_cast<double>(chains_.size());
  }

 private:
  std::vector<statistics::Chains> chains_;
};

Memory judged(const Draws& draws, std::size_t block, std::size_t element) {
  const Matrix x = read(draws, block, element);
  Autocorrelation rho(x);
  Memory memory{block, element, draws.layout().element_name(block, element)};
  for (std::size_t k = 0; k < lags.size(); ++k) memory.rho[k] = rho.mean(lags[k]);
  statistics::Chains together;
  together.assign(x);
  const double effective = statistics::EffectiveDraws()(together);
  if (effective > 0) memory.time = static_cast<double>(x.size()) / effective;
  return memory;
}

}  // namespace

class AutocorrelationDiagnostic final : public Diagnostic {
 public:
  static constexpr std::string_view title = "Autocorrelation: how dependent are successive draws?";
  static constexpr int place = 20;

  static std::vector<Setting> settings() {
    return {{"long",
             "transitions for one effective draw above which a chain mixes slowly",
             10.0,
             {},
             1.0,
             1e6}};
  }

  explicit AutocorrelationDiagnostic(const Settings& settings) : long_(settings.number("long")) {}

  void evaluate(const Fit& fit, Report& report) override {
    std::vector<Memory> all = judged_elements(fit.posterior);
    add_finding(all, fit.posterior, report);
    add_table(all, report);
    if (fit.wants_figures) add_figure(std::move(all), fit.posterior, report);
  }

 private:
  std::vector<Memory> judged_elements(const Draws& draws) {
    std::vector<Memory> all;
    skipped_ = 0;
    for (std::size_t b = 0; b < draws.layout().blocks(); ++b) {
      const Block& block = draws.layout().block(b);
      if (block.internal) continue;
      const std::size_t step = (block.size() + most_per_variable - 1) / most_per_variable;
      for (std::size_t e = 0; e < block.size(); ++e) {
        if (!block.is_own(e)) continue;
        if (e % step == 0) {
          all.push_back(judged(draws, b, e));
        } else {
          ++skipped_;
        }
      }
    }
    return all;
  }

  void add_finding(const std::vector<Memory>& all, const Draws& draws, Report& report) const {
    const Memory* slowest = nullptr;
    for (const Memory& memory : all) {
      if (memory.time > (slowest != nullptr ? slowest->time : 0)) slowest = &memory;
    }
    if (slowest == nullptr) {
      report.add(Finding{Finding::Level::bad,
                         "no parameter varies: the chains are stuck where they started; look at "
                         "the sampler's acceptance, or take another sampler"});
      return;
    }
    const double time = slowest->time;
    if (time > long_) {
      report.add(Finding{
          Finding::Level::note,
          fmt::format("{} mixes slowly: one effective draw takes {:.0f} transitions (its lag-1 "
                      "autocorrelation is {:.2f}); draw {} times as many, with --thin {:.0f} to "
                      "keep the file small, or take another sampler",
                      slowest->name, time, slowest->rho[0],
                      time > 0.02 * static_cast<double>(draws.draws()) ? "several" : "a few",
                      std::ceil(time / 2))});
      return;
    }
    report.add(Finding{Finding::Level::good,
                       fmt::format("one effective draw takes at most {:.1f} transitions ({}): {}",
                                   time, slowest->name,
                                   time < 1.5 ? "the draws are nearly independent"
                                              : "thinning would only throw draws away")});
  }

  void add_table(const std::vector<Memory>& all, Report& report) const {
    ReportTable table{"autocorrelation", {}, {}, {}};
    table.title = "Autocorrelation at some lags, and transitions per effective draw";
    for (const std::size_t lag : lags) table.columns.push_back(fmt::format("lag_{}", lag));
    table.columns.emplace_back("time");
    for (const Memory& memory : all) {
      table.rows.push_back(memory.name);
      table.values.insert(table.values.end(), memory.rho.begin(), memory.rho.end());
      table.values.push_back(memory.time);
    }
    report.add(std::move(table));
  }

  /// The slowest parameters, chain by chain.
  void add_figure(std::vector<Memory> all, const Draws& draws, Report& report) const {
    std::erase_if(all, [](const Memory& memory) { return std::isnan(memory.time); });
    if (all.empty()) return;
    const std::size_t panels = std::min(most_panels, all.size());
    std::ranges::stable_sort(all, std::ranges::greater(), &Memory::time);
    const std::size_t left_out = all.size() - panels + skipped_;
    all.resize(panels);
    FigureColumn parameter{"parameter"}, chain{"chain"}, lag{"lag"}, rho{"autocorrelation"};
    for (const Memory& memory : all) {
      Autocorrelation within(read(draws, memory.block, memory.element));
      for (std::size_t c = 0; c < draws.chains(); ++c) {
        for (std::size_t k = 0; k <= std::min(longest_lag, draws.draws() - 1); ++k) {
          parameter.texts.push_back(memory.name);
          chain.texts.push_back(std::to_string(c + 1));
          lag.numbers.push_back(static_cast<double>(k));
          rho.numbers.push_back(within.of_chain(c, k));
        }
      }
    }
    // Of independent draws: normal with variance 1 / n (Bartlett 1946).
    const double limit = 1.96 / std::sqrt(static_cast<double>(draws.draws()));
    std::string caption =
        "The correlation of a chain with itself so many transitions later, a line for each chain. "
        "The faster it falls into the band (where 95 % of independent draws would be), the "
        "more each draw is worth.";
    if (left_out > 0) {
      caption +=
          fmt::format(" Shown are the {} slowest parameters of {}.", panels, panels + left_out);
    }
    report.add(Figure{.name = "autocorrelation",
                      .title = "Autocorrelation functions of the chains",
                      .caption = std::move(caption),
                      .specification = std::string(figures::autocorrelation),
                      .data = {{"lags", {parameter, chain, lag, rho}},
                               {"independent", {{"low", {-limit}}, {"high", {limit}}}}}});
  }

  double long_;
  std::size_t skipped_ = 0;
};

}  // namespace tarn

TARN_PLUGIN("autocorrelation", "0.3.0") {
  plugin.diagnostic<tarn::AutocorrelationDiagnostic>(
      "autocorrelation", "dependence of successive draws, and transitions for one effective draw");
}
