// cut(x, breaks, ...), as R's cut.default.
#include "data/formula/values/cut.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "data/formula/language/token.hpp"
#include "data/formula/values/call.hpp"
#include "data/formula/values/constants.hpp"

namespace tarn::formula {
namespace {

Call call_of(const Node& node, const Scope& scope) {
  return {node,
          scope.formula,
          {"x", "breaks", "labels", "include.lowest", "right", "dig.lab", "ordered_result"}};
}

/// So many intervals of one width, of which the outer ones reach 0.1 % of the range beyond it.
std::vector<double> equal_breaks(std::vector<double> x, double count) {
  const auto [low, high] = std::ranges::minmax(x);
  double range = high - low;
  const bool constant = range == 0;
  if (constant) range = low != 0 ? std::abs(low) : 1;
  const double from = constant ? low - range / 1000 : low;
  const double to = constant ? high + range / 1000 : high;
  std::vector<double> breaks;
  for (double i = 0; i <= count; ++i) breaks.push_back(from + i * ((to - from) / count));
  breaks.front() = low - range / 1000;
  breaks.back() = high + range / 1000;
  return breaks;
}

std::string written(double x, int digits) {
  if (std::isinf(x)) return x > 0 ? " Inf" : "-Inf";  // the blank is R's: (1, Inf]
  return fmt::format("{:.{}g}", x + 0.0, digits);
}

/// Enough digits to tell neighbouring breaks apart: at least `digits`, at most 12.
std::vector<std::string> interval_labels(const std::vector<double>& breaks, int digits, bool right,
                                         bool include_lowest) {
  std::vector<std::string> ends;
  bool distinct = false;
  for (int d = digits; d <= std::max(12, digits) && !distinct; ++d) {
    ends.clear();
    for (const double b : breaks) ends.push_back(written(b, d));
    distinct = std::ranges::adjacent_find(ends) == ends.end();
  }
  std::vector<std::string> labels;
  for (std::size_t i = 1; i < breaks.size(); ++i) {
    labels.push_back(!distinct ? std::to_string(i)
                     : right   ? '(' + ends[i - 1] + ',' + ends[i] + ']'
                               : '[' + ends[i - 1] + ',' + ends[i] + ')');
  }
  if (distinct && include_lowest && right) labels.front().front() = '[';
  if (distinct && include_lowest && !right) labels.back().back() = ']';
  return labels;
}

class CutReader {
 public:
  CutReader(const Node& node, Scope& scope)
      : node_(node), scope_(scope), constants_(scope), call_(call_of(node, scope)) {}

  Cut read() {
    Cut cut;
    Expression& interval = cut.interval;
    interval.op = Expression::Op::interval;
    interval.text = deparse(node_);
    interval.arguments.push_back(compile(call_.needed("x"), scope_));
    interval.right = is("right", true);
    interval.include_lowest = is("include.lowest", false);
    if (is("ordered_result", false)) {
      fail(*call_.given("ordered_result"),
           "an ordered factor would be coded by polynomials, which tarn does not do; leave "
           "ordered_result out");
    }
    interval.points = breaks(interval.arguments.front());
    if (!cut_gives_numbers(node_, scope_)) cut.labels = labels(interval);
    return cut;
  }

 private:
  [[noreturn]] void fail(const Node& at, const std::string& sentence) const {
    fail_at(scope_.formula, at.at, sentence);
  }

  bool is(std::string_view name, bool standard) const {
    const Node* const given = call_.given(name);
    return given != nullptr ? constants_.truth(*given) : standard;
  }

  std::vector<double> breaks(const Expression& x) {
    const std::string key = deparse(node_);
    const auto known = scope_.learnt.numbers.find(key);
    if (known != scope_.learnt.numbers.end()) return known->second;
    const Node& given = call_.needed("breaks");
    std::vector<double> result = constants_.numbers(given);
    const bool equal = result.size() == 1;
    if (equal) {
      const double count = std::floor(result.front());
      if (!(count >= 2 && count <= 1000)) {
        fail(given, "cut() needs the breaks, as in c(0, 5, 10), or a number of intervals from 2");
      }
      result = equal_breaks(all_values(x, scope_.frame), count);
    }
    std::ranges::sort(result);
    if (std::ranges::adjacent_find(result) != result.end()) {
      fail(given, fmt::format("two of the breaks are equal: {}",
                              number_text(*std::ranges::adjacent_find(result))));
    }
    if (equal) {
      std::string said;
      for (const double b : result) said += fmt::format("{}{}", said.empty() ? "" : ", ", b);
      scope_.notes.push_back(key + ": breaks " + said);
    }
    return scope_.learnt.numbers.emplace(key, std::move(result)).first->second;
  }

  std::vector<std::string> labels(const Expression& interval) {
    const Node* const given = call_.given("labels");
    if (given == nullptr || given->is_name("NULL")) {
      const Node* const digits = call_.given("dig.lab");
      return interval_labels(interval.points,
                             digits != nullptr ? static_cast<int>(constants_.whole(*digits)) : 3,
                             interval.right, interval.include_lowest);
    }
    const std::vector<std::string> texts = constants_.texts(*given);
    if (texts.size() + 1 != interval.points.size()) {
      fail(*given, fmt::format("{} breaks make {} intervals, but there are {} labels",
                               interval.points.size(), interval.points.size() - 1, texts.size()));
    }
    if (std::set(texts.begin(), texts.end()).size() < texts.size()) {
      fail(*given, "each interval needs a label of its own");
    }
    return texts;
  }

  const Node& node_;
  Scope& scope_;
  Constants constants_;
  Call call_;
};

}  // namespace

bool cut_gives_numbers(const Node& node, Scope& scope) {
  const Call call = call_of(node, scope);
  const Node* const labels = call.given("labels");
  return labels != nullptr && (labels->is_name("FALSE") || labels->is_name("F"));
}

Cut read_cut(const Node& node, Scope& scope) { return CutReader(node, scope).read(); }

}  // namespace tarn::formula
