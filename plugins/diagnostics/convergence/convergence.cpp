// The diagnostic `convergence`: have the chains mixed, and how many effective draws are there?
#include <algorithm>
#include <atomic>
#include <charconv>
#include <future>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "approximation.hpp"
#include "pictures.hpp"
#include "summary.hpp"
#include "tarn/plugin.hpp"
#include "tarn/text.hpp"
#include "verdict.hpp"

namespace tarn::convergence {
namespace {

constexpr std::size_t elements_per_read = 128;
constexpr std::size_t values_per_read = std::size_t{1} << 23;  // 64 MB, however long the chains

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t first = 0; first < text.size();) {
    const std::size_t comma = std::min(text.find(',', first), text.size());
    const std::string_view item = text.substr(first, comma - first);
    const std::size_t from = item.find_first_not_of(' ');
    const std::size_t to = item.find_last_not_of(' ');
    items.emplace_back(from == item.npos ? "" : item.substr(from, to - from + 1));
    first = comma + 1;
  }
  return items;
}

std::vector<double> probabilities(const Settings& settings, std::string_view name) {
  std::vector<double> values;
  for (const std::string& item : split_list(settings.text(name))) {
    double value = 0;
    const char* end = item.data() + item.size();
    const auto [rest, error] = std::from_chars(item.data(), end, value);
    if (error != std::errc() || rest != end || !(value > 0 && value < 1)) {
      throw UsageError(std::string(name) + "=" + settings.text(name) + ": '" + item +
                       "' is not a probability; write numbers above 0 and below 1, separated by "
                       "commas");
    }
    values.push_back(value);
  }
  return values;
}

/// The stored blocks to summarise: those named, or all.
std::vector<std::size_t> chosen_blocks(const Layout& layout, const std::string& named) {
  std::vector<std::size_t> stored;
  std::vector<std::string> names;
  for (std::size_t block = 0; block < layout.blocks(); ++block) {
    if (!layout.block(block).stored) continue;
    stored.push_back(block);
    names.push_back(layout.block(block).name);
  }
  if (named.empty()) return stored;

  std::vector<std::size_t> chosen;
  for (const std::string& name : split_list(named)) {
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      throw UsageError("blocks: no variable '" + name + "' in the draws; " +
                       did_you_mean(name, names) + "there are " + list_of(names));
    }
    chosen.push_back(stored[as_size(at - names.begin())]);
  }
  return chosen;
}

/// The elements of a block that are numbers of their own.
std::vector<std::size_t> own_elements(const Block& block) {
  std::vector<std::size_t> elements;
  for (std::size_t e = 0; e < block.size(); ++e) {
    if (block.is_own(e)) elements.push_back(e);
  }
  return elements;
}

}  // namespace

class Convergence final : public Diagnostic {
 public:
  static constexpr std::string_view title = "Convergence: have the chains mixed?";
  static constexpr int place = 10;

  /// Where they are there.
  static std::vector<std::string_view> statistics() { return approximation_statistics(); }

  static std::vector<Setting> settings() {
    return {{"quantiles", "probabilities of the quantiles in the table, separated by commas",
             "0.025,0.05,0.25,0.5,0.75,0.95,0.975"},
            {"mcse_quantiles", "those whose Monte Carlo standard error is in the table",
             "0.05,0.5,0.95"},
            {"blocks", "variables to judge, separated by commas; nothing: all", ""},
            {"max_rhat", "R-hat above which the chains disagree", 1.01, {}, 1.0, 10.0},
            {"min_ess", "effective draws that each chain must be worth", 100.0, {}, 0.0, 1e9},
            {"threads",
             "at most so many threads; 0: one per processor",
             std::int64_t{0},
             {},
             0.0,
             1024.0}};
  }

  explicit Convergence(const Settings& settings)
      : columns_{probabilities(settings, "quantiles"), probabilities(settings, "mcse_quantiles")},
        blocks_(settings.text("blocks")),
        limits_{settings.number("max_rhat"), settings.number("min_ess")},
        threads_(as_size(settings.integer("threads"))) {
    if (threads_ == 0) threads_ = std::max(1u, std::thread::hardware_concurrency());
  }

  void evaluate(const Fit& fit, Report& report) override {
    const Draws& draws = fit.posterior;
    const Layout& layout = draws.layout();
    const Halves halves(draws.chains(), draws.draws());
    const NormalScores scores(halves.size());
    std::vector<Summary> summaries(threads_, Summary(columns_, halves, scores));

    ReportTable table{"parameters", columns_.names(), {}, {}};
    std::vector<Row> rows;
    std::vector<Kind> kinds;
    for (const std::size_t block : chosen_blocks(layout, blocks_)) {
      const std::size_t first_row = table.rows.size();
      const std::vector<std::size_t> elements = own_elements(layout.block(block));
      for (const std::size_t element : elements) {
        table.rows.push_back(layout.element_name(block, element));
        rows.push_back({block, element});
      }
      table.values.resize(table.rows.size() * columns_.count());
      kinds.resize(table.rows.size());
      summarise(draws, block, elements, summaries,
                std::span(table.values).subspan(first_row * columns_.count()),
                std::span(kinds).subspan(first_row));
      for (std::size_t row = first_row; row < kinds.size() && layout.block(block).derived; ++row) {
        if (kinds[row] == Kind::constant) kinds[row] = Kind::implied;
      }
    }
    const auto approximation = approximation_of(fit.statistics);
    if (approximation) restate(table, *approximation, draws.chains() * draws.draws());
    add_findings(
        {table, kinds, draws.chains(), draws.draws(), approximation ? &*approximation : nullptr},
        limits_, report);
    if (!fit.truth.empty()) add_coverage(table, fit.truth, interval(), report);
    if (fit.wants_figures) add_pictures(fit, table, rows, kinds, interval(), report);
    report.add(std::move(table));
  }

 private:
  /// The outermost of the quantiles, or those of 95 %.
  std::pair<double, double> interval() const {
    if (columns_.quantiles.size() < 2) return {0.025, 0.975};
    const auto [low, high] = std::ranges::minmax(columns_.quantiles);
    return {low, high};
  }

  // Reading is serial; the columns read are shared out among the threads.
  void summarise(const Draws& draws, std::size_t block, std::span<const std::size_t> elements,
                 std::vector<Summary>& summaries, std::span<double> rows,
                 std::span<Kind> kinds) const {
    const std::size_t values = draws.chains() * draws.draws();
    const std::size_t most = std::max<std::size_t>(
        1, std::min(elements_per_read, values_per_read / std::max<std::size_t>(values, 1)));
    const std::size_t size = elements.size();
    Matrix x;
    for (std::size_t first = 0, count = 0; first < size; first += count) {
      // A run of neighbours: there are gaps in matrices alone.
      for (count = 1; count < std::min(most, size - first); ++count) {
        if (elements[first + count] != elements[first] + count) break;
      }
      x.resize(as_index(values), as_index(count));
      draws.read(block, elements[first], x);

      std::atomic<std::size_t> next = 0;
      const auto work = [&](Summary& summary) {
        for (std::size_t i = next++; i < count; i = next++) {
          kinds[first + i] =
              summary.summarise({x.col(as_index(i)).data(), values},
                                rows.subspan((first + i) * columns_.count(), columns_.count()));
        }
      };
      std::vector<std::future<void>> others;
      try {
        for (std::size_t thread = 1; thread < std::min(summaries.size(), count); ++thread) {
          others.push_back(std::async(std::launch::async, work, std::ref(summaries[thread])));
        }
      } catch (const std::system_error&) {
        // With fewer threads it takes longer.
      }
      work(summaries.front());
      for (auto& other : others) other.get();
    }
  }

  Columns columns_;
  std::string blocks_;
  Limits limits_;
  std::size_t threads_;
};

}  // namespace tarn::convergence

TARN_PLUGIN("convergence", "0.5.0") {
  plugin.diagnostic<tarn::convergence::Convergence>(
      "convergence", "R-hat, effective draws and Monte Carlo standard errors of every parameter");
}
