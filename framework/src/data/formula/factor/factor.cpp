// Levels from columns.
#include "data/formula/factor/factor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

/// Takes the levels that the scope knows, or makes them known.
void settle_levels(std::vector<std::string>& levels, const std::string& key, Scope& scope) {
  levels = scope.learnt.levels.try_emplace(key, std::move(levels)).first->second;
}

std::int32_t code_of(const std::string& level, const std::vector<std::string>& levels,
                     const std::string& key) {
  const auto found = std::ranges::find(levels, level);
  if (found == levels.end()) {
    throw InputError(fmt::format("'{}' is not a level of {}; {}the levels are {}", level, key,
                                 did_you_mean(level, levels), list_of(levels)));
  }
  return static_cast<std::int32_t>(found - levels.begin());
}

/// Sorted distinct values.
std::vector<double> distinct(const Expression& numbers, const Frame& frame) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  bool whole = true;
  for_each_run(numbers, frame, [&](std::size_t, std::span<const double> values) {
    for (const double value : values) {
      low = std::min(low, value);
      high = std::max(high, value);
      whole = whole && value == std::floor(value);
    }
  });
  std::vector<double> result;
  if (whole && high - low < 4.0 * static_cast<double>(frame.count()) + 1024) {
    std::vector<char> seen(static_cast<std::size_t>(high - low) + 1);
    for_each_run(numbers, frame, [&](std::size_t, std::span<const double> values) {
      for (const double value : values) seen[static_cast<std::size_t>(value - low)] = 1;
    });
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i] != 0) result.push_back(low + static_cast<double>(i));
    }
    return result;
  }
  result.reserve(frame.count());
  for_each_run(numbers, frame, [&](std::size_t, std::span<const double> values) {
    result.insert(result.end(), values.begin(), values.end());
  });
  std::ranges::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

/// Whole numbers as digits (R's integers), others as R prints them.
std::vector<std::string> labels_of(const std::vector<double>& values) {
  const bool whole = std::ranges::all_of(
      values, [](double v) { return v == std::floor(v) && std::abs(v) < 1e15; });
  std::vector<std::string> labels;
  for (const double value : values) {
    labels.push_back(whole ? fmt::format("{}", static_cast<std::int64_t>(value))
                           : number_text(value));
  }
  return labels;
}

}  // namespace

Factor factor_of(const Column& column, const std::string& key, Scope& scope) {
  const Frame& frame = scope.frame;
  std::vector<char> seen(column.levels.size());
  for (std::size_t i = 0; i < frame.count(); ++i) {
    seen[static_cast<std::size_t>(column.codes[frame.row(i)])] = 1;
  }
  Factor factor;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != 0) factor.levels.push_back(column.levels[i]);
  }
  std::ranges::sort(factor.levels);
  settle_levels(factor.levels, key, scope);
  std::vector<std::int32_t> code(seen.size());
  const bool sorted = std::ranges::is_sorted(factor.levels);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] == 0) continue;
    const auto near = std::ranges::lower_bound(factor.levels, column.levels[i]);
    const bool found = sorted && near != factor.levels.end() && *near == column.levels[i];
    code[i] = found ? static_cast<std::int32_t>(near - factor.levels.begin())
                    : code_of(column.levels[i], factor.levels, key);
  }
  factor.codes.resize(frame.count());
  for (std::size_t i = 0; i < frame.count(); ++i) {
    factor.codes[i] = code[static_cast<std::size_t>(column.codes[frame.row(i)])];
  }
  return factor;
}

Factor factor_of(const Expression& numbers, const std::string& key, Scope& scope) {
  const std::vector<double> values = distinct(numbers, scope.frame);
  const std::vector<std::string> labels = labels_of(values);
  Factor factor;
  factor.levels = labels;
  // Numbers that agree in all printed digits are one level, as in R.
  factor.levels.erase(std::unique(factor.levels.begin(), factor.levels.end()), factor.levels.end());
  const bool own = factor.levels.size() == labels.size() && !scope.learnt.levels.contains(key);
  settle_levels(factor.levels, key, scope);
  std::vector<std::int32_t> code(values.size());
  std::iota(code.begin(), code.end(), 0);
  if (!own) {
    for (std::size_t i = 0; i < code.size(); ++i) code[i] = code_of(labels[i], factor.levels, key);
  }
  factor.codes.resize(scope.frame.count());
  const bool dense =
      !values.empty() && values.back() - values.front() + 1 == static_cast<double>(values.size());
  for_each_run(numbers, scope.frame, [&](std::size_t first, std::span<const double> run) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      const auto place =
          dense
              ? static_cast<std::size_t>(run[i] - values.front())
              : static_cast<std::size_t>(std::ranges::lower_bound(values, run[i]) - values.begin());
      factor.codes[first + i] = code[place];
    }
  });
  return factor;
}

Factor combination(std::span<const Factor> factors, const std::string& key, Scope& scope) {
  if (factors.size() == 1) return factors.front();
  const std::size_t n = factors.front().codes.size();
  std::vector<std::uint64_t> cell(n, 0);
  for (const Factor& factor : factors) {
    for (std::size_t i = 0; i < n; ++i) {
      cell[i] = cell[i] * factor.levels.size() + static_cast<std::uint64_t>(factor.codes[i]);
    }
  }
  std::vector<std::uint64_t> cells = cell;
  std::ranges::sort(cells);
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  std::vector<std::string> labels;
  for (std::uint64_t rest : cells) {
    std::string label;
    for (auto factor = factors.rbegin(); factor != factors.rend(); ++factor) {
      const std::string& level = factor->levels[rest % factor->levels.size()];
      label = label.empty() ? level : level + ':' + label;
      rest /= factor->levels.size();
    }
    labels.push_back(std::move(label));
  }
  Factor result;
  result.levels = labels;
  settle_levels(result.levels, key, scope);
  std::vector<std::int32_t> code(cells.size());
  std::iota(code.begin(), code.end(), 0);
  if (result.levels != labels) {
    for (std::size_t i = 0; i < code.size(); ++i) code[i] = code_of(labels[i], result.levels, key);
  }
  result.codes.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    result.codes[i] =
        code[static_cast<std::size_t>(std::ranges::lower_bound(cells, cell[i]) - cells.begin())];
  }
  return result;
}

}  // namespace tarn::formula
