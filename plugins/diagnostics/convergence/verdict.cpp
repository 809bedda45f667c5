// Says which parameters fall short, the worst first, and what to do about it.
#include "verdict.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::convergence {
namespace {

constexpr std::size_t named = 3;          // parameters that a sentence names
constexpr std::size_t least_draws = 100;  // in all; below that no figure is worth its name
constexpr double patience = 50;           // times more draws that may still be advised

/// The advice to draw `factor` times as much, in a round number.
std::string longer(std::size_t draws, double factor) {
  if (factor > patience) {
    return "a longer run will hardly do: try another sampler, tighter priors or a simpler model";
  }
  const double wanted = static_cast<double>(draws) * factor;
  const double unit = std::pow(10, std::floor(std::log10(wanted)));
  return fmt::format("run longer: --draws {:.0f}", std::ceil(wanted / unit - 1e-9) * unit);
}

class Verdict {
 public:
  Verdict(const Judged& judged, const Limits& limits)
      : judged_(judged),
        limits_(limits),
        rhat_(column("rhat")),
        ess_bulk_(column("ess_bulk")),
        ess_tail_(column("ess_tail")) {}

  void add_to(Report& report) const {
    bool bad = add_unusable(Kind::not_finite, "draws that are not finite in", report);
    bad |= add_unusable(Kind::constant, "the same value in every draw of", report);
    const auto rows =
        rows_that([&](std::size_t row) { return judged_.kinds[row] == Kind::varying; });
    const std::size_t total = judged_.chains * judged_.draws;
    if (total < least_draws) {
      report.add(
          {Finding::Level::bad,
           fmt::format("{} draws in all are too few to judge convergence by; {}", total,
                       longer(std::max<std::size_t>(judged_.draws, 1),
                              enough() / static_cast<double>(std::max<std::size_t>(total, 1))))});
      return;
    }
    if (judged_.approximation != nullptr) return add_approximation(*judged_.approximation, report);
    bad |= add_rhat(rows, report);
    bad |= add_ess(rows, report);
    add_unknown(rows, report);
    if (judged_.chains == 1) {
      report.add({Finding::Level::note,
                  "with one chain R-hat can only compare its two halves; run several: --chains 4"});
    }
    if (!bad && !rows.empty()) add_good(rows, report);
  }

 private:
  using RowList = std::vector<std::size_t>;

  std::size_t column(std::string_view name) const {
    const auto& columns = judged_.table.columns;
    return as_size(std::find(columns.begin(), columns.end(), name) - columns.begin());
  }

  double enough() const { return limits_.ess_per_chain * static_cast<double>(judged_.chains); }
  double rhat(std::size_t row) const { return judged_.table.at(row, rhat_); }
  double bulk(std::size_t row) const { return judged_.table.at(row, ess_bulk_); }
  double tail(std::size_t row) const { return judged_.table.at(row, ess_tail_); }
  double ess(std::size_t row) const { return std::fmin(bulk(row), tail(row)); }  // passes over NaN

  template <class Condition>
  RowList rows_that(const Condition& condition) const {
    RowList rows;
    for (std::size_t row = 0; row < judged_.table.rows.size(); ++row) {
      if (condition(row)) rows.push_back(row);
    }
    return rows;
  }

  /// `a (1.08), b (1.03), ...`: the first rows with what is said of them.
  template <class Remark>
  std::string naming(const RowList& rows, const Remark& remark) const {
    std::string text;
    for (std::size_t i = 0; i < std::min(rows.size(), named); ++i) {
      text +=
          fmt::format("{}{}{}", i == 0 ? "" : ", ", judged_.table.rows[rows[i]], remark(rows[i]));
    }
    return rows.size() > named ? text + ", ..." : text;
  }

  std::string share(const RowList& some) const {
    return fmt::format("{} of {} parameter{}", grouped(static_cast<double>(some.size())),
                       grouped(static_cast<double>(judged_.table.rows.size())),
                       judged_.table.rows.size() == 1 ? "" : "s");
  }

  bool add_unusable(Kind kind, std::string_view what, Report& report) const {
    const auto rows = rows_that([&](std::size_t row) { return judged_.kinds[row] == kind; });
    if (rows.empty()) return false;
    const std::string names = naming(rows, [](std::size_t) { return ""; });
    report.add({Finding::Level::bad,
                fmt::format("{} {} ({}); check the model, its priors and the scale of the data",
                            what, share(rows), names)});
    return true;
  }

  bool add_rhat(const RowList& rows, Report& report) const {
    RowList high;
    for (const std::size_t row : rows) {
      if (rhat(row) > limits_.rhat) high.push_back(row);
    }
    if (high.empty()) return false;
    std::sort(high.begin(), high.end(),
              [&](std::size_t a, std::size_t b) { return rhat(a) > rhat(b); });
    const std::string names =
        naming(high, [&](std::size_t row) { return fmt::format(" ({:.2f})", rhat(row)); });
    report.add({Finding::Level::bad,
                fmt::format("R-hat is above {:g} for {}, worst {}: the chains do not agree yet; {}",
                            limits_.rhat, share(high), names, longer(judged_.draws, 4))});
    return true;
  }

  bool add_ess(const RowList& rows, Report& report) const {
    RowList low;
    for (const std::size_t row : rows) {
      if (ess(row) < enough()) low.push_back(row);
    }
    if (low.empty()) return false;
    std::sort(low.begin(), low.end(),
              [&](std::size_t a, std::size_t b) { return ess(a) < ess(b); });
    const std::string names = naming(low, [&](std::size_t row) {
      const auto said = [](double x) { return std::isnan(x) ? "unknown" : grouped(x); };
      return fmt::format(" (bulk {}, tail {})", said(bulk(row)), said(tail(row)));
    });
    report.add({Finding::Level::bad,
                fmt::format("fewer than {} effective draws for {}, fewest {}: intervals and "
                            "tails are not reliable; {}",
                            grouped(enough()), share(low), names,
                            longer(judged_.draws, enough() / ess(low.front())))});
    return true;
  }

  void add_approximation(const Approximation& of, Report& report) const {
    if (!of.reweighted) {
      report.add(
          {Finding::Level::bad,
           fmt::format("approximate: independent draws of an approximation, not reweighted: k-hat "
                       "{:.2f} is above {:g}, so how far they are from the posterior cannot be "
                       "told; fit with another sampler",
                       of.pareto_k, reliable_k)});
      return;
    }
    const std::string what = fmt::format(
        "approximate: independent draws of an approximation, reweighted by the exact density "
        "(k-hat {:.2f}, reliable up to {:g})",
        of.pareto_k, reliable_k);
    if (of.worth < enough()) {
      report.add(
          {Finding::Level::bad,
           fmt::format("{}, are worth {} effective draws, fewer than {}: intervals and tails "
                       "are not reliable; fit with another sampler, or draw from more "
                       "points: --set points=N",
                       what, grouped(of.worth), grouped(enough()))});
      return;
    }
    report.add({Finding::Level::note,
                fmt::format("{}, worth {} effective draws; another sampler draws from the "
                            "posterior itself",
                            what, grouped(of.worth))});
  }

  void add_unknown(const RowList& rows, Report& report) const {
    RowList unknown;
    for (const std::size_t row : rows) {
      if (std::isnan(rhat(row)) || std::isnan(bulk(row)) || std::isnan(tail(row))) {
        unknown.push_back(row);
      }
    }
    if (unknown.empty()) return;
    report.add({Finding::Level::note,
                fmt::format("R-hat or effective draws cannot be said for {} ({}): the draws take "
                            "too few distinct values",
                            share(unknown), naming(unknown, [](std::size_t) { return ""; }))});
  }

  void add_good(const RowList& rows, Report& report) const {
    double worst = 0;
    double fewest = std::numeric_limits<double>::infinity();
    for (const std::size_t row : rows) {
      worst = std::fmax(worst, rhat(row));
      fewest = std::fmin(fewest, ess(row));
    }
    if (worst == 0 || std::isinf(fewest)) return;
    const std::string whose =
        rows.size() == 1
            ? judged_.table.rows[rows.front()]
            : fmt::format("all {} parameters", grouped(static_cast<double>(rows.size())));
    report.add(
        {Finding::Level::good, fmt::format("{}: R-hat below {:g}, at least {} effective draws",
                                           whose, limits_.rhat, grouped(fewest))});
  }

  const Judged& judged_;
  Limits limits_;
  std::size_t rhat_;
  std::size_t ess_bulk_;
  std::size_t ess_tail_;
};

}  // namespace

std::string grouped(double number) {
  const std::string digits = fmt::format("{:.0f}", std::floor(number));
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

void add_findings(const Judged& judged, const Limits& limits, Report& report) {
  Verdict(judged, limits).add_to(report);
}

void add_coverage(const ReportTable& table, const std::map<std::string, double>& truth,
                  std::pair<double, double> interval, Report& report) {
  const auto column = [&table](double p) {
    const auto found = std::ranges::find(table.columns, fmt::format("q{:g}", 100 * p));
    return as_size(found - table.columns.begin());
  };
  const std::size_t low = column(interval.first), high = column(interval.second);
  if (low == table.columns.size() || high == table.columns.size()) return;
  double known = 0, missed = 0;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto value = truth.find(table.rows[row]);
    if (value == truth.end()) continue;
    known += 1;
    if (value->second < table.at(row, low) || value->second > table.at(row, high)) missed += 1;
  }
  if (known == 0) return;
  // So many are missed once in a thousand times, were the parameters independent (normal
  // approximation with a continuity correction).
  const double rate = 1 - (interval.second - interval.first);
  const double most = known * rate + 3.1 * std::sqrt(known * rate * (1 - rate)) + 0.5;
  report.add({missed > most ? Finding::Level::note : Finding::Level::good,
              fmt::format("{:.0f} of {:.0f} true values lie in their {:g} % intervals{}",
                          known - missed, known, 100 * (1 - rate),
                          missed > most ? ": fewer than chance allows; tarn sbc tells whether that "
                                          "is the model, the sampler or these data"
                                        : "")});
}

}  // namespace tarn::convergence
