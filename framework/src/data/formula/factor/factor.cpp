// Levels from columns.
#include "data/formula/factor/factor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

/// Labels without repetition; equal ones are neighbours.
std::vector<std::string> distinct(std::vector<std::string> labels) {
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

/// The codes of labels among the levels that the scope knows; where it knows none, they are the
/// labels.
std::vector<std::int32_t> settle(const std::vector<std::string>& labels, const std::string& key,
                                 Scope& scope, Factor& factor) {
  const auto known = scope.learnt.levels.find(key);
  factor.levels = known == scope.learnt.levels.end() ? distinct(labels) : known->second;
  factor.known = factor.levels.size();
  std::vector<std::int32_t> codes;
  if (known == scope.learnt.levels.end()) {
    scope.learnt.levels.emplace(key, factor.levels);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      codes.push_back(i == 0 ? 0 : codes.back() + (labels[i] != labels[i - 1] ? 1 : 0));
    }
    return codes;
  }
  std::unordered_map<std::string_view, std::int32_t> number;
  for (const std::string& level : factor.levels) {
    number.emplace(level, static_cast<std::int32_t>(number.size()));
  }
  std::vector<std::string> admitted;
  for (const std::string& label : labels) {
    const auto [place, is_new] = number.emplace(label, static_cast<std::int32_t>(number.size()));
    if (is_new && !scope.admits) {
      throw InputError(fmt::format("'{}' is not a level of {}; {}the levels are {}", label, key,
                                   did_you_mean(label, factor.levels), list_of(factor.levels)));
    }
    if (is_new) admitted.push_back(label);
    codes.push_back(place->second);
  }
  factor.levels.insert(factor.levels.end(), admitted.begin(), admitted.end());
  return codes;
}

/// Sorted distinct values.
std::vector<double> distinct_values(const Expression& numbers, const Frame& frame) {
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
  std::vector<std::size_t> occurring;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i] != 0) occurring.push_back(i);
  }
  std::ranges::sort(occurring, {},
                    [&column](std::size_t i) -> const std::string& { return column.levels[i]; });
  std::vector<std::string> labels;
  for (const std::size_t i : occurring) labels.push_back(column.levels[i]);
  Factor factor;
  const std::vector<std::int32_t> code_of = settle(labels, key, scope, factor);
  std::vector<std::int32_t> code(seen.size());
  for (std::size_t i = 0; i < occurring.size(); ++i) code[occurring[i]] = code_of[i];
  factor.codes.resize(frame.count());
  for (std::size_t i = 0; i < frame.count(); ++i) {
    factor.codes[i] = code[static_cast<std::size_t>(column.codes[frame.row(i)])];
  }
  return factor;
}

Factor factor_of(const Expression& numbers, const std::string& key, Scope& scope) {
  const std::vector<double> values = distinct_values(numbers, scope.frame);
  Factor factor;
  // Numbers that agree in all printed digits are one level, as in R.
  const std::vector<std::int32_t> code = settle(labels_of(values), key, scope, factor);
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
  const std::vector<std::int32_t> code = settle(labels, key, scope, result);
  result.codes.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    result.codes[i] =
        code[static_cast<std::size_t>(std::ranges::lower_bound(cells, cell[i]) - cells.begin())];
  }
  return result;
}

}  // namespace tarn::formula
