// Makes factors from calls such as factor(x) and cut(x, 3).
#include "data/formula/values/category.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/terms.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/call.hpp"
#include "data/formula/values/constants.hpp"
#include "data/formula/values/cut.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

const Column* text_column(const Node& node, const Scope& scope) {
  const Node& it = inside(node);
  if (it.kind != Node::Kind::name || is_constant_name(it)) return nullptr;
  const Column& column = column_at(it, scope.formula, scope.frame.table());
  return column.is_text ? &column : nullptr;
}

/// Texts in the order of their bytes, each once.
Labels sorted(const Labels& labels) {
  Labels result;
  result.texts = labels.texts;
  std::ranges::sort(result.texts);
  result.texts.erase(std::unique(result.texts.begin(), result.texts.end()), result.texts.end());
  for (const std::int32_t code : labels.codes) {
    if (code < 0) {
      result.codes.push_back(-1);
      continue;
    }
    const auto place = std::ranges::lower_bound(result.texts, labels.texts[as_size(code)]);
    result.codes.push_back(static_cast<std::int32_t>(place - result.texts.begin()));
  }
  return result;
}

class CategoryReader {
 public:
  explicit CategoryReader(Scope& scope) : scope_(scope) {}

  Factor factor(const Node& node, const std::string& key) {
    const Node& it = inside(node);
    if (it.is_call("relevel")) return relevelled(it);
    if (it.is_call("C")) fail(it, "C() stands outside, as in C(factor(x), sum)");
    const bool passes = it.is_call("factor") || it.is_call("as.factor") || it.is_call("droplevels");
    if (passes && it.arguments.size() == 1 && it.argument_names.front().empty()) {
      return factor(it.arguments.front(), key);
    }
    if (!makes_factor(it, scope_)) {
      const Expression values = compile(node, scope_);
      if (values.is_logical()) return logical(values, node);
      return learn(labels_in(values, scope_), key, scope_);
    }
    return learn(labels(it), key, scope_);
  }

  /// A text for each row.
  Labels labels(const Node& node) {
    const Node& it = inside(node);
    if (const Column* const column = text_column(it, scope_))
      return labels_in(*column, scope_.frame);
    if (it.kind == Node::Kind::text) {
      return {{it.text}, std::vector<std::int32_t>(scope_.frame.count(), 0)};
    }
    if (it.is_call("as.character")) return sorted(labels(only_argument(it)));
    if (it.is_call("cut")) return intervals(it);
    if (it.is_call("interaction")) return interaction(it);
    if (it.is_call("ifelse")) return choice(it);
    if (says_levels(it)) return of_levels(it);
    if (it.is_call("factor") || it.is_call("as.factor") || it.is_call("droplevels")) {
      return labels(only_argument(it));
    }
    if (it.is_call("relevel")) {
      Factor made = relevelled(it);
      return {std::move(made.levels), std::move(made.codes)};
    }
    const Expression values = compile(it, scope_);
    if (values.is_logical()) {
      Factor made = logical(values, it);
      return {std::move(made.levels), std::move(made.codes)};
    }
    return labels_in(values, scope_);
  }

 private:
  [[noreturn]] void fail(const Node& at, const std::string& sentence) const {
    fail_at(scope_.formula, at.at, sentence);
  }

  const Node& only_argument(const Node& call) const {
    if (call.arguments.size() != 1 || !call.argument_names.front().empty()) {
      fail(call, fmt::format("{}() takes one column or expression", call.text));
    }
    return call.arguments.front();
  }

  Factor logical(const Expression& truth, const Node& node) {
    Factor factor{{"FALSE", "TRUE"}, {}, 2};
    factor.codes.reserve(scope_.frame.count());
    std::size_t true_rows = 0;
    for_each_run(truth, scope_.frame, [&](std::size_t, std::span<const double> run) {
      for (const double value : run) {
        factor.codes.push_back(value != 0 ? 1 : 0);
        true_rows += value != 0 ? 1 : 0;
      }
    });
    if (!scope_.is_new && (true_rows == 0 || true_rows == factor.codes.size())) {
      fail(node, fmt::format("{} is {} in all rows used; leave it out", deparse(node),
                             true_rows == 0 ? "FALSE" : "TRUE"));
    }
    return factor;
  }

  Labels intervals(const Node& node) {
    Cut cut = read_cut(node, scope_);
    if (cut.labels.empty()) return labels_in(cut.interval, scope_);
    Labels result{std::move(cut.labels), std::vector<std::int32_t>(scope_.frame.count())};
    std::array<double, chunk_rows> place;
    for (std::size_t first = 0; first < scope_.frame.count(); first += chunk_rows) {
      const std::size_t count = std::min(chunk_rows, scope_.frame.count() - first);
      evaluate(cut.interval, scope_.frame, first, count, place.data());
      for (std::size_t i = 0; i < count; ++i) {
        result.codes[first + i] =
            std::isnan(place[i]) ? -1 : static_cast<std::int32_t>(place[i]) - 1;
      }
    }
    return result;
  }

  /// factor(x, levels = c("b", "a"), labels = c("B", "A"))
  Labels of_levels(const Node& node) {
    const Call call(node, scope_.formula, {"x", "levels", "labels"});
    const Labels given = labels(call.needed("x"));
    std::vector<std::string> texts = given.texts;
    if (const Node* const levels = call.given("levels")) texts = level_texts(*levels);
    std::unordered_map<std::string_view, std::int32_t> number;
    for (const std::string& text : texts) {
      if (!number.emplace(text, static_cast<std::int32_t>(number.size())).second) {
        fail(*call.given("levels"), fmt::format("the level '{}' stands twice", text));
      }
    }
    Labels result;
    for (const std::int32_t code : given.codes) {
      const auto found = code < 0 ? number.end() : number.find(given.texts[as_size(code)]);
      result.codes.push_back(found == number.end() ? -1 : found->second);
    }
    result.texts = texts;
    if (const Node* const labels = call.given("labels")) {
      result.texts = level_texts(*labels);
      if (result.texts.size() != texts.size()) {
        fail(*labels,
             fmt::format("there are {} levels, but {} labels", texts.size(), result.texts.size()));
      }
    }
    return result;
  }

  /// Texts, or numbers as levels are labelled.
  std::vector<std::string> level_texts(const Node& node) {
    const Node& it = inside(node);
    const Node& first = it.is_call("c") ? inside(it.arguments.front()) : it;
    if (first.kind == Node::Kind::text) return Constants(scope_).texts(node);
    return number_labels(Constants(scope_).numbers(node));
  }

  Factor relevelled(const Node& node) {
    const Call call(node, scope_.formula, {"x", "ref"});
    const Node& of = call.needed("x");
    const Node& ref = inside(call.needed("ref"));
    Factor made = factor(of, deparse(of));
    std::size_t first = 0;
    if (ref.kind == Node::Kind::number) {
      first = static_cast<std::size_t>(ref.number) - 1;
      if (ref.number < 1 || first >= made.known || ref.number != std::floor(ref.number)) {
        fail(ref, fmt::format("ref is a level in quotes, or its number from 1 to {}", made.known));
      }
    } else {
      if (ref.kind != Node::Kind::text && ref.kind != Node::Kind::name) {
        fail(ref, "a level in quotes was expected");
      }
      const auto found = std::ranges::find(made.levels, ref.text);
      if (found == made.levels.end()) {
        fail(ref,
             fmt::format("'{}' is not a level of {}; {}the levels are {}", ref.text, deparse(of),
                         did_you_mean(ref.text, made.levels), list_of(made.levels)));
      }
      first = as_size(found - made.levels.begin());
    }
    const auto at = as_index(first);
    std::rotate(made.levels.begin(), made.levels.begin() + at, made.levels.begin() + at + 1);
    const auto reference = static_cast<std::int32_t>(first);
    for (std::int32_t& code : made.codes) {
      code = code == reference ? 0 : code >= 0 && code < reference ? code + 1 : code;
    }
    return made;
  }

  /// All combinations, of which those that occur become levels; the first factor changes fastest.
  Labels interaction(const Node& node) {
    const Call call(node, scope_.formula, {"sep", "drop", "lex.order"}, true);
    if (call.rest().size() < 2) fail(node, "interaction() takes two factors or more");
    std::string separator = ".";
    if (const Node* const given = call.given("sep")) {
      const std::vector<std::string> texts = Constants(scope_).texts(*given);
      separator = texts.front();
    }
    const Node* const lexical = call.given("lex.order");
    const bool last_fastest = lexical != nullptr && Constants(scope_).truth(*lexical);
    Labels all{{""}, std::vector<std::int32_t>(scope_.frame.count(), 0)};
    for (const Node* const node_of : call.rest()) {
      const Factor next = factor(*node_of, deparse(*node_of));
      if (all.texts.size() * next.levels.size() > most_combinations) {
        fail(node, fmt::format("more than {} combinations", most_combinations));
      }
      all = crossed(all, next, separator, last_fastest);
    }
    return all;
  }

  static Labels crossed(const Labels& left, const Factor& right, const std::string& separator,
                        bool last_fastest) {
    Labels result;
    const std::size_t a = left.texts.size(), b = right.levels.size();
    const bool first = a == 1 && left.texts.front().empty();
    result.texts.resize(a * b);
    const auto place = [=](std::size_t i, std::size_t j) {
      return last_fastest ? i * b + j : i + a * j;
    };
    for (std::size_t i = 0; i < a; ++i) {
      for (std::size_t j = 0; j < b; ++j) {
        result.texts[place(i, j)] =
            first ? right.levels[j] : left.texts[i] + separator + right.levels[j];
      }
    }
    for (std::size_t r = 0; r < left.codes.size(); ++r) {
      const bool missing = left.codes[r] < 0 || right.codes[r] < 0;
      result.codes.push_back(missing ? -1
                                     : static_cast<std::int32_t>(
                                           place(as_size(left.codes[r]), as_size(right.codes[r]))));
    }
    return result;
  }

  /// ifelse(x > 3, "high", "low"), whose branches may be calls and columns of text too.
  Labels choice(const Node& node) {
    const Call call(node, scope_.formula, {"test", "yes", "no"});
    for (const std::string_view name : {"yes", "no"}) {
      const Node& branch = call.needed(name);
      if (!makes_factor(branch, scope_)) {
        fail(branch, "one branch of ifelse() is a text, so the other must be one too");
      }
    }
    const Labels yes = labels(call.needed("yes"));
    const Labels no = labels(call.needed("no"));
    Labels both{yes.texts, {}};
    both.texts.insert(both.texts.end(), no.texts.begin(), no.texts.end());
    const auto shift = static_cast<std::int32_t>(yes.texts.size());
    for_each_run(compile(call.needed("test"), scope_), scope_.frame,
                 [&](std::size_t first, std::span<const double> run) {
                   for (std::size_t i = 0; i < run.size(); ++i) {
                     const std::int32_t other = no.codes[first + i];
                     both.codes.push_back(run[i] != 0 ? yes.codes[first + i]
                                          : other < 0 ? -1
                                                      : other + shift);
                   }
                 });
    return sorted(both);
  }

  static constexpr std::size_t most_combinations = 1'000'000;
  Scope& scope_;
};

}  // namespace

bool is_factor_call(const Node& node) noexcept {
  constexpr std::array<std::string_view, 7> names{"factor",  "as.factor",   "as.character", "cut",
                                                  "relevel", "interaction", "droplevels"};
  return node.kind == Node::Kind::call && std::ranges::find(names, node.text) != names.end();
}

bool makes_factor(const Node& node, Scope& scope) {
  const Node& it = inside(node);
  if (it.kind == Node::Kind::text) return true;
  if (it.is_call("cut")) return !cut_gives_numbers(it, scope);
  if (it.is_call("ifelse")) {
    return std::any_of(it.arguments.begin() + (it.arguments.empty() ? 0 : 1), it.arguments.end(),
                       [&scope](const Node& branch) { return makes_factor(branch, scope); });
  }
  return is_factor_call(it) || text_column(it, scope) != nullptr;
}

Factor category(const Node& node, const std::string& key, Scope& scope) {
  return CategoryReader(scope).factor(node, key);
}

Labels labels_of(const Node& node, Scope& scope) { return CategoryReader(scope).labels(node); }

bool says_levels(const Node& node) noexcept {
  return (node.is_call("factor") || node.is_call("as.factor")) && node.arguments.size() > 1;
}

void find_partial(const Node& node, std::vector<const Node*>& found) {
  if (node.is_call("cut") || says_levels(node)) found.push_back(&node);
  for (const Node& argument : node.arguments) find_partial(argument, found);
}

std::vector<char> missing_rows(const Node& call, Scope& scope) {
  std::vector<char> missing(scope.frame.count(), 0);
  if (call.is_call("cut")) {
    const Cut cut = read_cut(call, scope);
    std::array<double, chunk_rows> place;
    for (std::size_t first = 0; first < missing.size(); first += chunk_rows) {
      const std::size_t count = std::min(chunk_rows, missing.size() - first);
      evaluate(cut.interval, scope.frame, first, count, place.data());
      for (std::size_t i = 0; i < count; ++i) missing[first + i] = std::isnan(place[i]) ? 1 : 0;
    }
    return missing;
  }
  const Labels labels = CategoryReader(scope).labels(call);
  for (std::size_t i = 0; i < missing.size(); ++i) missing[i] = labels.codes[i] < 0 ? 1 : 0;
  return missing;
}

}  // namespace tarn::formula
