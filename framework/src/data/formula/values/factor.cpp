// Makes the levels of a factor from a column.
#include "data/formula/values/factor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
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

/// Where a grouping may be missing, NaN stands for that.
void visit(const Expression& numbers, const Frame& frame, bool admits,
           const std::function<void(std::size_t, std::span<const double>)>& see) {
  if (!admits) return for_each_run(numbers, frame, see);
  std::array<double, chunk_rows> values;
  for (std::size_t first = 0; first < frame.count(); first += chunk_rows) {
    const std::size_t count = std::min(chunk_rows, frame.count() - first);
    evaluate(numbers, frame, first, count, values.data());
    see(first, std::span(values.data(), count));
  }
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

}  // namespace

std::vector<std::string> number_labels(const std::vector<double>& values) {
  const bool whole = std::ranges::all_of(
      values, [](double v) { return v == std::floor(v) && std::abs(v) < 1e15; });
  std::vector<std::string> labels;
  for (const double value : values) {
    labels.push_back(whole ? fmt::format("{}", static_cast<std::int64_t>(value))
                           : number_text(value));
  }
  return labels;
}

Labels labels_in(const Column& column, const Frame& frame) {
  Labels labels;
  labels.codes.resize(frame.count());
  std::vector<std::size_t> order(column.levels.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {},
                    [&column](std::size_t i) -> const std::string& { return column.levels[i]; });
  std::vector<std::int32_t> place(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    labels.texts.push_back(column.levels[order[i]]);
    place[order[i]] = static_cast<std::int32_t>(i);
  }
  for (std::size_t i = 0; i < frame.count(); ++i) {
    const std::int32_t code = column.codes[frame.row(i)];
    labels.codes[i] = code < 0 ? -1 : place[as_size(code)];
  }
  return labels;
}

Labels labels_in(const Expression& numbers, const Scope& scope) {
  const Frame& frame = scope.frame;
  std::vector<double> values;
  bool dense = false;
  if (scope.admits) {
    visit(numbers, frame, true, [&values](std::size_t, std::span<const double> run) {
      std::ranges::copy_if(run, std::back_inserter(values),
                           [](double x) { return std::isfinite(x); });
    });
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
  } else {
    values = distinct_values(numbers, frame);
    dense =
        !values.empty() && values.back() - values.front() + 1 == static_cast<double>(values.size());
  }
  Labels labels{number_labels(values), std::vector<std::int32_t>(frame.count())};
  visit(numbers, frame, scope.admits, [&](std::size_t first, std::span<const double> run) {
    for (std::size_t i = 0; i < run.size(); ++i) {
      std::int32_t& code = labels.codes[first + i];
      if (!std::isfinite(run[i])) {
        code = -1;
      } else if (dense) {
        code = static_cast<std::int32_t>(run[i] - values.front());
      } else {
        code = static_cast<std::int32_t>(std::ranges::lower_bound(values, run[i]) - values.begin());
      }
    }
  });
  return labels;
}

Factor learn(Labels labels, const std::string& key, Scope& scope) {
  std::vector<char> seen(labels.texts.size());
  for (const std::int32_t code : labels.codes) {
    if (code >= 0) seen[as_size(code)] = 1;
  }
  std::vector<std::string> occurring;
  std::vector<std::int32_t> place(seen.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    place[i] = static_cast<std::int32_t>(occurring.size());
    if (seen[i] != 0) occurring.push_back(std::move(labels.texts[i]));
  }
  Factor factor;
  // Numbers that agree in all printed digits are one level, as in R.
  const std::vector<std::int32_t> code_of = settle(occurring, key, scope, factor);
  factor.codes = std::move(labels.codes);
  for (std::int32_t& code : factor.codes) {
    if (code >= 0) {
      code = code_of[as_size(place[as_size(code)])];
    }
  }
  return factor;
}

Factor factor_of(const Column& column, const std::string& key, Scope& scope) {
  return learn(labels_in(column, scope.frame), key, scope);
}

Factor factor_of(const Expression& numbers, const std::string& key, Scope& scope) {
  return learn(labels_in(numbers, scope), key, scope);
}

Factor combination(std::span<const Factor> factors, const std::string& key, Scope& scope) {
  if (factors.size() == 1) return factors.front();
  const std::size_t n = factors.front().codes.size();
  constexpr auto missing = std::numeric_limits<std::uint64_t>::max();
  std::vector<std::uint64_t> cell(n, 0);
  for (const Factor& factor : factors) {
    for (std::size_t i = 0; i < n; ++i) {
      if (cell[i] == missing || factor.codes[i] < 0) {
        cell[i] = missing;
      } else {
        cell[i] = cell[i] * factor.levels.size() + static_cast<std::uint64_t>(factor.codes[i]);
      }
    }
  }
  std::vector<std::uint64_t> cells = cell;
  std::ranges::sort(cells);
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  if (!cells.empty() && cells.back() == missing) cells.pop_back();
  Labels labels;
  for (std::uint64_t rest : cells) {
    std::string label;
    for (auto factor = factors.rbegin(); factor != factors.rend(); ++factor) {
      const std::string& level = factor->levels[rest % factor->levels.size()];
      label = label.empty() ? level : level + ':' + label;
      rest /= factor->levels.size();
    }
    labels.texts.push_back(std::move(label));
  }
  labels.codes.reserve(n);
  for (const std::uint64_t c : cell) {
    labels.codes.push_back(c == missing ? -1
                                        : static_cast<std::int32_t>(
                                              std::ranges::lower_bound(cells, c) - cells.begin()));
  }
  return learn(std::move(labels), key, scope);
}

}  // namespace tarn::formula
