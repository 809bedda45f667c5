// The diagnostic `energy`: divergences, depth and energy of Hamiltonian samplers.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "figures.hpp"
#include "tarn/design.hpp"
#include "tarn/plugin.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

constexpr std::size_t bins = 40;
constexpr std::size_t most_points = 1500;

/// What is looked at, of the statistics that samplers report.
enum class Reported { diverging, cut_off, energy };

/// In that order, as samplers declare them.
constexpr std::array<std::string_view, 3> reported{"diverging", "reached_max_treedepth", "energy"};

/// A statistic of all draws, one column per chain.
std::optional<Matrix> statistic(const Draws& statistics, Reported what) {
  const std::string_view name = reported[static_cast<std::size_t>(what)];
  const auto block = statistics.layout().find(name);
  if (!block) return std::nullopt;
  Matrix x(as_index(statistics.chains() * statistics.draws()), 1);
  statistics.read(*block, 0, x);
  x.resize(as_index(statistics.draws()), as_index(statistics.chains()));
  return x;
}

/// Estimated Bayesian fraction of missing information of one chain (Betancourt 2016): how much of
/// the energy's variance one momentum refreshment covers. NaN for a constant chain.
double fraction_of_missing_information(ConstVectorRef energy) {
  const Eigen::Index n = energy.size();
  if (n < 3) return std::numeric_limits<double>::quiet_NaN();
  const Vector steps = energy.tail(n - 1) - energy.head(n - 1);
  const double mean = energy.mean();
  const double variance = (energy.array() - mean).square().mean();
  return steps.squaredNorm() / static_cast<double>(n) / variance;
}

std::size_t count(const Matrix& truths) { return as_size((truths.array() > 0.5).count()); }

/// Two parameters of which divergent draws lie farthest from the others, in standard deviations.
struct Place {
  std::size_t block = 0, element = 0;
  double shift = 0;
};

Vector column(const Draws& draws, std::size_t block, std::size_t element) {
  Matrix x(as_index(draws.chains() * draws.draws()), 1);
  draws.read(block, element, x);
  return x.col(0);
}

std::vector<Place> shifted(const Draws& draws, ConstVectorRef diverging) {
  constexpr std::size_t elements_per_block = 50;
  std::vector<Place> places;
  for (std::size_t b = 0; b < draws.layout().blocks(); ++b) {
    const Block& block = draws.layout().block(b);
    if (block.internal) continue;
    for (std::size_t e = 0; e < std::min(block.size(), elements_per_block); ++e) {
      if (!block.is_own(e)) continue;
      const Vector x = column(draws, b, e);
      const double sd = std::sqrt((x.array() - x.mean()).square().mean());
      const double there = x.dot(diverging) / diverging.sum();
      if (sd > 0) places.push_back({b, e, std::abs(there - x.mean()) / sd});
    }
  }
  std::ranges::stable_sort(places, std::ranges::greater(), &Place::shift);
  return places;
}

/// Samplers that have no trajectories and fit the model as its priors leave it.
std::vector<std::string> without_trajectories(const Fit& fit) {
  std::vector<std::string> samplers;
  if (fit.model == nullptr) return samplers;
  const auto offers = [&fit](std::string_view capability) {
    return std::ranges::find(fit.model->type.offers, capability) != fit.model->type.offers.end();
  };
  if (offers(Collapsed::id)) samplers.emplace_back("collapsed");
  if (offers(FullConditionals::id)) samplers.emplace_back("gibbs");
  return samplers;
}

std::string one_of(const std::vector<std::string>& choices) {
  std::string text;
  for (const std::string& choice : choices) text += (text.empty() ? "" : " or ") + choice;
  return text;
}

}  // namespace

class Energy final : public Diagnostic {
 public:
  static constexpr std::string_view title = "Hamiltonian trajectories: were there divergences?";
  static constexpr int place = 30;
  static std::vector<std::string_view> needs() { return {"statistics"}; }
  static std::vector<std::string_view> statistics() { return {reported.begin(), reported.end()}; }

  static std::vector<Setting> settings() {
    return {{"least_fraction",
             "fraction of missing information below which energy is explored too "
             "slowly",
             0.3,
             {},
             0.0,
             1.0}};
  }

  explicit Energy(const Settings& settings) : least_(settings.number("least_fraction")) {}

  void evaluate(const Fit& fit, Report& report) override {
    const Draws& statistics = *fit.statistics;
    if (const auto diverging = statistic(statistics, Reported::diverging)) {
      judge_divergences(*diverging, fit, report);
      if (fit.wants_figures && count(*diverging) > 0) {
        add_divergences(fit.posterior, *diverging, report);
      }
    }
    if (const auto cut_off = statistic(statistics, Reported::cut_off)) {
      judge_depth(*cut_off, fit, report);
    }
    if (const auto energy = statistic(statistics, Reported::energy)) {
      judge_energy(*energy, fit, report);
      if (fit.wants_figures) add_energies(*energy, report);
    }
  }

 private:
  static void judge_divergences(const Matrix& diverging, const Fit& fit, Report& report) {
    const std::size_t divergent = count(diverging);
    if (divergent == 0) {
      report.add(Finding{Finding::Level::good, "no trajectory diverged"});
      return;
    }
    const auto others = without_trajectories(fit);
    std::string advice = "take smaller steps (--set target_accept=0.99)";
    if (!others.empty()) {
      advice += fmt::format(", or --sampler {}, which {} no steps", one_of(others),
                            others.size() == 1 ? "has" : "have");
    }
    report.add(Finding{
        Finding::Level::bad,
        fmt::format("{} of {} trajectories diverged: there are regions that the sampler cannot "
                    "enter, so the draws are biased; {}",
                    divergent, diverging.size(), advice)});
  }

  static void judge_depth(const Matrix& cut_off, const Fit& fit, Report& report) {
    const std::size_t cut = count(cut_off);
    if (cut == 0) {
      report.add(Finding{Finding::Level::good, "no trajectory was cut off before it turned"});
      return;
    }
    const auto others = without_trajectories(fit);
    std::string advice = "allow longer trajectories (--set max_depth=12)";
    if (!others.empty()) {
      advice += fmt::format(", or take --sampler {}", one_of(others));
    }
    report.add(Finding{
        Finding::Level::note,
        fmt::format("{} of {} trajectories were cut off at the greatest depth before they turned: "
                    "the draws are valid but expensive; {}",
                    cut, cut_off.size(), advice)});
  }

  void judge_energy(const Matrix& energy, const Fit& fit, Report& report) const {
    ReportTable table{"energy", {"ebfmi"}, {}, {}};
    table.title = "E-BFMI of the chains";
    std::vector<std::string> low;
    double least = std::numeric_limits<double>::infinity();
    for (Eigen::Index chain = 0; chain < energy.cols(); ++chain) {
      const double fraction = fraction_of_missing_information(energy.col(chain));
      table.rows.push_back(fmt::format("chain {}", chain + 1));
      table.values.push_back(fraction);
      if (fraction < least_) low.push_back(std::to_string(chain + 1));
      least = std::min(least, fraction);
    }
    if (low.empty()) {
      report.add(Finding{Finding::Level::good,
                         fmt::format("energies are explored well: E-BFMI at least {:.2f}", least)});
    } else {
      std::vector<std::string> others;
      if (fit.model != nullptr && !fit.model->design.terms.empty()) {
        others.emplace_back("--set effects=non-centered");
      }
      const auto samplers = without_trajectories(fit);
      if (std::ranges::find(samplers, "collapsed") != samplers.end()) {
        others.emplace_back("--sampler collapsed");
      }
      report.add(Finding{
          Finding::Level::note,
          fmt::format("E-BFMI is below {:g} in chain {} (least {:.2f}): the momentum moves the "
                      "energy too little, and tails may be missing; draw more{}{}",
                      least_, list_of(low), least, others.empty() ? "" : ", or take ",
                      one_of(others))});
    }
    report.add(std::move(table));
  }

  /// Histograms of the energy and of its steps, both about 0.
  static void add_energies(const Matrix& energy, Report& report) {
    if (energy.rows() < 3) return;
    std::vector<std::pair<std::string, std::vector<double>>> sets{{"energy", {}},
                                                                  {"step to the next", {}}};
    for (Eigen::Index chain = 0; chain < energy.cols(); ++chain) {
      for (Eigen::Index i = 0; i < energy.rows(); ++i) {
        sets[0].second.push_back(energy(i, chain) - energy.mean());
        if (i > 0) sets[1].second.push_back(energy(i, chain) - energy(i - 1, chain));
      }
    }
    double reach = 0;
    for (const auto& set : sets) {
      for (const double x : set.second) reach = std::max(reach, std::abs(x));
    }
    if (!(reach > 0) || !std::isfinite(reach)) return;
    FigureColumn what{"what"}, middle{"energy"}, density{"density"};
    const double width = 2 * reach / static_cast<double>(bins);
    for (const auto& [name, values] : sets) {
      std::vector<double> heights(bins, 0);
      for (const double x : values) {
        const auto bin = static_cast<std::size_t>((x + reach) / width);
        heights[std::min(bin, bins - 1)] += 1 / (width * static_cast<double>(values.size()));
      }
      for (std::size_t bin = 0; bin < bins; ++bin) {
        what.texts.push_back(name);
        middle.numbers.push_back(-reach + (static_cast<double>(bin) + 0.5) * width);
        density.numbers.push_back(heights[bin]);
      }
    }
    report.add(Figure{.name = "energy",
                      .title = "Energy: of the draws, and its change from draw to draw",
                      .caption =
                          "Where the steps between draws are much narrower than the energies "
                          "themselves, the sampler explores the tails slowly.",
                      .specification = std::string(figures::energy),
                      .data = {{"energies", {what, middle, density}}}});
  }

  static void add_divergences(const Draws& draws, const Matrix& truths, Report& report) {
    const Vector diverging =
        (Eigen::Map<const Vector>(truths.data(), truths.size()).array() > 0.5).cast<double>();
    const std::vector<Place> places = shifted(draws, diverging);
    if (places.size() < 2) return;
    const Vector x = column(draws, places[0].block, places[0].element);
    const Vector y = column(draws, places[1].block, places[1].element);
    FigureColumn across{"x"}, up{"y"}, what{"draw"};
    const Eigen::Index step = 1 + x.size() / as_index(most_points);
    std::size_t flagged = 0;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      const bool divergent = diverging[i] > 0 && flagged < most_points;
      if (!divergent && i % step != 0) continue;
      flagged += divergent ? 1 : 0;
      across.numbers.push_back(x[i]);
      up.numbers.push_back(y[i]);
      what.texts.emplace_back(divergent ? "divergent" : "other");
    }
    const Layout& layout = draws.layout();
    report.add(Figure{
        .name = "divergences",
        .title = "Divergent trajectories: where are they?",
        .caption = "Draws of the two parameters in which divergent draws (triangles) lie farthest "
                   "from the others. Where they gather, the posterior has a region that the "
                   "sampler cannot enter.",
        .specification = with_words(
            figures::divergences, {{"x", layout.element_name(places[0].block, places[0].element)},
                                   {"y", layout.element_name(places[1].block, places[1].element)}}),
        .data = {{"draws", {across, up, what}}}});
  }

  double least_;
};

}  // namespace tarn

TARN_PLUGIN("energy", "0.5.0") {
  plugin.diagnostic<tarn::Energy>("energy",
                                  "divergences, depths and energies of Hamiltonian trajectories");
}
