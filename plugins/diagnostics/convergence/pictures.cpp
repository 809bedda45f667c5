// Data of the figures: traces, rank plots and densities.
#include "pictures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "figures.hpp"
#include "prior_density.hpp"
#include "tarn/ecdf_band.hpp"
#include "tarn/statistics/kernel_density.hpp"
#include "tarn/statistics/order.hpp"
#include "tarn/statistics/quantile.hpp"
#include "verdict.hpp"

namespace tarn::convergence {
namespace {

constexpr std::size_t most_panels = 12;
constexpr std::size_t most_suspects = 3;  // panels kept for the worst that are not main
constexpr std::size_t most_points = 500;  // of a chain in a panel
constexpr std::size_t least_ranked = 20;  // draws of a chain that are worth a curve
constexpr std::size_t most_rank_points = 50;
constexpr double band_probability = 0.95;
constexpr double absent = std::numeric_limits<double>::quiet_NaN();

bool is_group_effect(const Block& block) {
  return !block.scaled_by.empty() || block.name.starts_with("r_");
}

std::size_t column(const ReportTable& table, const std::string& name) {
  return as_size(std::ranges::find(table.columns, name) - table.columns.begin());
}

/// Rows of a figure's data, all columns at once.
class FigureRows {
 public:
  explicit FigureRows(std::vector<std::string> texts, std::vector<std::string> numbers) {
    for (std::string& name : texts) columns_.push_back({std::move(name)});
    texts_ = columns_.size();
    for (std::string& name : numbers) columns_.push_back({std::move(name)});
  }
  void add(const std::vector<std::string>& texts, const std::vector<double>& numbers) {
    for (std::size_t k = 0; k < texts_; ++k) columns_[k].texts.push_back(texts[k]);
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      columns_[texts_ + k].numbers.push_back(numbers[k]);
    }
  }
  FigureData named(std::string name) && { return {std::move(name), std::move(columns_)}; }

 private:
  std::vector<FigureColumn> columns_;
  std::size_t texts_;
};

class Pictures {
 public:
  Pictures(const Fit& fit, const ReportTable& table, std::span<const Row> rows,
           std::span<const std::size_t> chosen, std::pair<double, double> interval)
      : fit_(fit),
        table_(table),
        rows_(rows),
        chosen_(chosen),
        interval_(interval),
        chains_(fit.posterior.chains()),
        draws_(fit.posterior.draws()),
        left_out_(table.rows.size() > chosen.size()
                      ? fmt::format(" Of {} parameters {} are shown: main ones, and those whose "
                                    "chains agree least.",
                                    grouped(static_cast<double>(table.rows.size())), chosen.size())
                      : "") {}

  void add_to(Report& report) {
    FigureRows traces({"parameter", "chain"}, {"draw", "value"});
    FigureRows ranks({"parameter", "chain"}, {"rank", "difference", "lower", "upper"});
    FigureRows densities({"parameter", "kind"}, {"x", "density", "to"});
    bool any_ranks = false, any_priors = false, any_truth = false;
    for (const std::size_t row : chosen_) {
      read(row);
      const auto truth = fit_.truth.find(table_.rows[row]);
      const double value = truth == fit_.truth.end() ? absent : truth->second;
      any_truth |= !std::isnan(value);
      add_trace(row, value, traces);
      any_ranks |= add_ranks(row, ranks);
      any_priors |= add_density(row, value, densities);
    }
    report.add(Figure{
        .name = "traces",
        .title = "Traces of the chains",
        .caption =
            "Each line is a chain. Chains that have mixed look like one band of noise; steps, "
            "drifts or a line apart from the others mean that they have not." +
            thinned() + truths(any_truth) + left_out_,
        .specification = std::string(figures::traces),
        .data = {std::move(traces).named("draws")}});
    if (any_ranks) {
      report.add(Figure{
          .name = "ranks",
          .title = "Rank plots: do the chains agree?",
          .caption = "For each chain the share of its draws among the smallest of all, less the "
                     "share expected. Chains from one distribution stay within the band, all at "
                     "once with probability 0.95 (Säilynoja, Bürkner & Vehtari 2022); draws are "
                     "thinned until they are nearly independent." +
                     left_out_,
          .specification = std::string(figures::ranks),
          .data = {std::move(ranks).named("ranks")}});
    }
    report.add(Figure{.name = "densities",
                      .title = "Posterior densities",
                      .caption = density_caption(any_priors, any_truth),
                      .specification = std::string(figures::densities),
                      .data = {std::move(densities).named("densities")}});
  }

 private:
  void read(std::size_t row) {
    x_.resize(as_index(chains_ * draws_), 1);
    fit_.posterior.read(rows_[row].block, rows_[row].element, x_);
  }

  double draw(std::size_t chain, std::size_t i) const {
    return x_(as_index(chain * draws_ + i), 0);
  }

  std::string thinned() const {
    return draws_ > most_points
               ? fmt::format(" One draw in {} is shown.", (draws_ + most_points - 1) / most_points)
               : "";
  }
  static std::string truths(bool any) {
    return any ? " Dashed orange lines: the values that the data were simulated with." : "";
  }

  std::string density_caption(bool any_priors, bool any_truth) const {
    return fmt::format(
               "Posterior density of all chains together; the dot is the median, the thick line "
               "holds half of the probability, the thin one {:g} %.",
               100 * (interval_.second - interval_.first)) +
           (any_priors ? " Dotted grey: the prior, where it is a density of this parameter alone; "
                         "where it is not seen it lies flat along the axis."
                       : "") +
           truths(any_truth) + left_out_;
  }

  void add_trace(std::size_t row, double truth, FigureRows& out) const {
    const std::string& name = table_.rows[row];
    const std::size_t step = (draws_ + most_points - 1) / most_points;
    for (std::size_t chain = 0; chain < chains_; ++chain) {
      for (std::size_t i = 0; i < draws_; i += step) {
        out.add({name, std::to_string(chain + 1)}, {static_cast<double>(i + 1), draw(chain, i)});
      }
    }
    if (!std::isnan(truth)) out.add({name, ""}, {absent, truth});
  }

  /// Ties go to the earlier draw, so that no chain gains by them.
  bool add_ranks(std::size_t row, FigureRows& out) const {
    const double ess = table_.at(row, column(table_, "ess_bulk"));
    if (chains_ < 2 || !(ess > 0)) return false;
    const auto total = static_cast<double>(chains_ * draws_);
    const auto apart = static_cast<std::size_t>(std::ceil(total / std::min(ess, total)));
    const std::size_t step = std::max(apart, (draws_ + most_points - 1) / most_points);
    const std::size_t kept = draws_ / step;
    if (kept < least_ranked) return false;

    std::vector<std::tuple<double, std::size_t, std::size_t>> order;  // value, draw, chain
    for (std::size_t chain = 0; chain < chains_; ++chain) {
      for (std::size_t i = 0; i < kept; ++i) order.emplace_back(draw(chain, i * step), i, chain);
    }
    std::ranges::sort(order);
    std::vector<std::vector<double>> ranks(chains_);
    for (std::size_t k = 0; k < order.size(); ++k) {
      ranks[std::get<2>(order[k])].push_back(static_cast<double>(k + 1) /
                                             static_cast<double>(order.size()));
    }
    const EcdfBand band =
        ecdf_band_of_ranks(kept, chains_, std::min(kept, most_rank_points), band_probability);
    const std::string& name = table_.rows[row];
    for (std::size_t k = 0; k < band.at.size(); ++k) {
      out.add({name, ""},
              {band.at[k], absent, band.lower[k] - band.at[k], band.upper[k] - band.at[k]});
    }
    for (std::size_t chain = 0; chain < chains_; ++chain) {
      const std::vector<double> shares = band.ecdf(ranks[chain]);
      for (std::size_t k = 0; k < band.at.size(); ++k) {
        out.add({name, std::to_string(chain + 1)},
                {band.at[k], shares[k] - band.at[k], absent, absent});
      }
    }
    return true;
  }

  bool add_density(std::size_t row, double truth, FigureRows& out) const {
    const std::string& name = table_.rows[row];
    std::vector<double> sorted(x_.data(), x_.data() + x_.size());
    std::ranges::sort(sorted);
    const auto [lower, upper] = ends(fit_.posterior.layout().block(rows_[row].block).support);
    const Curve curve = kernel_density(sorted, lower, upper);
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      out.add({name, "posterior"}, {curve.x[i], curve.density[i], absent});
    }
    out.add({name, "interval"},
            {quantile(sorted, interval_.first), 0, quantile(sorted, interval_.second)});
    out.add({name, "half"}, {quantile(sorted, 0.25), 0, quantile(sorted, 0.75)});
    out.add({name, "median"}, {median(sorted), 0, absent});
    if (!std::isnan(truth)) out.add({name, "truth"}, {truth, absent, absent});
    return add_prior(row, curve, out);
  }

  bool add_prior(std::size_t row, const Curve& curve, FigureRows& out) const {
    if (!fit_.model) return false;
    const auto prior =
        prior_density(*fit_.model, fit_.posterior.layout(), rows_[row].block, rows_[row].element);
    if (!prior) return false;
    for (const double x : curve.x) out.add({table_.rows[row], "prior"}, {x, prior(x), absent});
    return true;
  }

  static std::pair<double, double> ends(Support support) {
    constexpr double inf = std::numeric_limits<double>::infinity();
    switch (support) {
      case Support::positive:
        return {0, inf};
      case Support::unit_interval:
      case Support::simplex:
        return {0, 1};
      case Support::minus_one_to_one:
      case Support::correlation:
        return {-1, 1};
      default:
        return {-inf, inf};
    }
  }

  const Fit& fit_;
  const ReportTable& table_;
  std::span<const Row> rows_;
  std::span<const std::size_t> chosen_;
  std::pair<double, double> interval_;
  std::size_t chains_;
  std::size_t draws_;
  std::string left_out_;
  Matrix x_;
};

}  // namespace

std::vector<std::size_t> chosen_rows(const ReportTable& table, std::span<const Row> rows,
                                     std::span<const Kind> kinds, const Layout& layout) {
  const std::size_t rhat = column(table, "rhat");
  std::vector<std::size_t> main, others;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (kinds[row] != Kind::varying) continue;
    const Block& block = layout.block(rows[row].block);
    (is_group_effect(block) || block.internal ? others : main).push_back(row);
  }
  // An R-hat that cannot be said is no better than the worst.
  const auto worse = [&](std::size_t a, std::size_t b) {
    const double x = table.at(a, rhat), y = table.at(b, rhat);
    return (std::isnan(x) && !std::isnan(y)) || x > y;
  };
  // Of many main parameters the first, and the worst of the rest.
  if (main.size() > most_panels - most_suspects) {
    const auto first = main.begin() + (most_panels - most_suspects);
    others.insert(others.end(), first, main.end());
    main.erase(first, main.end());
  }
  std::ranges::stable_sort(others, worse);
  others.resize(std::min(others.size(), most_suspects));
  main.insert(main.end(), others.begin(), others.end());
  std::ranges::sort(main);
  return main;
}

void add_pictures(const Fit& fit, const ReportTable& table, std::span<const Row> rows,
                  std::span<const Kind> kinds, std::pair<double, double> interval, Report& report) {
  const auto chosen = chosen_rows(table, rows, kinds, fit.posterior.layout());
  if (chosen.empty() || fit.posterior.draws() < 4) return;
  Pictures(fit, table, rows, chosen, interval).add_to(report);
}

}  // namespace tarn::convergence
