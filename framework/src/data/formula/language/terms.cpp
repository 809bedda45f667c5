// Expansion of sums, crossings, nestings and powers of terms.
#include "data/formula/language/terms.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/token.hpp"

namespace tarn::formula {
namespace {

using Terms = std::vector<Term>;

constexpr std::size_t most_terms = 20000;

Term merged(const Term& a, const Term& b) {
  Term result;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(result));
  return result;
}

/// Keeps the first of equal terms.
void remove_repetitions(Terms& terms) {
  std::set<Term> seen;
  std::erase_if(terms, [&seen](const Term& term) { return !seen.insert(term).second; });
}

class Expander {
 public:
  /// Without a place for bars and offsets they are refused: inside a group term.
  Expander(std::string_view text, std::span<const std::string> others, Expanded* whole)
      : text_(text), others_(others), whole_(whole) {}

  Sum expand(const Node& node) {
    Terms terms = encode(node);
    remove_repetitions(terms);
    std::stable_sort(terms.begin(), terms.end(),
                     [](const Term& a, const Term& b) { return a.size() < b.size(); });
    sum_.terms = std::move(terms);
    return std::move(sum_);
  }

 private:
  [[noreturn]] void fail(const Node& node, std::string_view sentence) const {
    fail_at(text_, node.at, sentence);
  }

  Terms encode(const Node& node) {
    switch (node.kind) {
      case Node::Kind::number:
        return number(node);
      case Node::Kind::name:
        return node.text == "." && !node.quoted ? dot(node) : Terms{variable(node)};
      case Node::Kind::text:
        fail(node, "a text is not a term; a column was expected");
      case Node::Kind::call:
        return node.text == "offset" ? offset(node) : Terms{variable(node)};
      case Node::Kind::parentheses:
        return parentheses(node);
      case Node::Kind::operation:
        break;
    }
    if (node.text == "+" || node.text == "-") return sum(node);
    if (node.text == "*" || node.text == ":" || node.text == "/" || node.text == "%in%") {
      const bool was_additive = std::exchange(additive_, false);
      Terms result = product(node);
      additive_ = was_additive;
      return result;
    }
    if (node.text == "^") return power(node);
    if (node.text == "|" || node.text == "||") {
      fail(node, "a group term stands in parentheses, as in (1 | g)");
    }
    fail(node, fmt::format("'{}' is arithmetic, not a term; write I(...) around it", node.text));
  }

  Terms number(const Node& node) {
    if (node.number != 0 && node.number != 1) {
      fail(node, "a number other than 0 and 1 is not a term; arithmetic is written inside I(...)");
    }
    sum_.intercept = (node.number == 1) == adding_;
    return {};
  }

  Term variable(const Node& node) {
    const auto next = static_cast<std::uint32_t>(sum_.variables.size());
    const auto [found, is_new] = numbers_.emplace(deparse(node), next);
    if (is_new) sum_.variables.push_back(node);
    return {found->second};
  }

  Terms dot(const Node& node) {
    if (others_.size() > most_terms) {
      fail(node, fmt::format("'.' stands for {} columns, and at most {} terms can be fitted; name "
                             "those that matter",
                             others_.size(), most_terms));
    }
    Terms result;
    for (const std::string& name : others_) {
      Node column;
      column.kind = Node::Kind::name;
      column.text = name;
      column.quoted = true;
      column.at = node.at;
      result.push_back(variable(column));
    }
    return result;
  }

  Terms offset(const Node& node) {
    if (whole_ == nullptr || !additive_ || !adding_) {
      fail(node, "offset() can only be added to the other terms");
    }
    if (node.arguments.size() != 1) fail(node, "offset() takes one column or expression");
    whole_->offsets.push_back(node.arguments.front());
    return {};
  }

  Terms parentheses(const Node& node) {
    const Node& content = inside(node);
    if (!content.is_operation("|") && !content.is_operation("||")) return encode(content);
    if (whole_ == nullptr) fail(content, "a group term cannot stand inside another one");
    if (!additive_ || !adding_) {
      fail(node, "a group term can only be added to the other terms");
    }
    add_bars(content);
    return {};
  }

  void add_bars(const Node& node) {
    const Sum columns = Expander(text_, others_, nullptr).expand(node.arguments.front());
    if (columns.terms.empty() && !columns.intercept) {
      fail(node, "this group term has no columns; write for example (1 | g)");
    }
    const Node& right = node.arguments.back();
    if (inside(right).kind == Node::Kind::number) {
      fail(inside(right), "a grouping column was expected");
    }
    const Sum groups = Expander(text_, {}, nullptr).expand(right);
    if (groups.terms.empty()) fail(right, "a grouping column was expected");
    for (const Term& group : groups.terms) {
      Bar bar{columns, {}, node.text == "|", node.at};
      for (const std::uint32_t index : group) bar.grouping.push_back(groups.variables[index]);
      whole_->bars.push_back(std::move(bar));
    }
  }

  /// A chain of additions is as deep as it is long, so it is walked, not recursed into.
  Terms sum(const Node& node) {
    std::vector<const Node*> chain;
    const Node* first = &node;
    while ((first->is_operation("+") || first->is_operation("-")) && first->arguments.size() == 2) {
      chain.push_back(first);
      first = &first->arguments.front();
    }
    Terms result;
    const auto apply = [this, &result](bool add, const Node& part) {
      if (!add) adding_ = !adding_;
      Terms terms = encode(part);
      if (!add) {
        adding_ = !adding_;
        const std::set<Term> removed(terms.begin(), terms.end());
        std::erase_if(result, [&removed](const Term& t) { return removed.contains(t); });
      } else {
        result.insert(result.end(), terms.begin(), terms.end());
      }
    };
    const bool has_sign = first->is_operation("+") || first->is_operation("-");
    apply(!first->is_operation("-"), has_sign ? first->arguments.front() : *first);
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
      apply((*it)->text == "+", (*it)->arguments.back());
    }
    return result;
  }

  Terms product(const Node& node) {
    const Terms left = encode(node.arguments.front());
    const Terms right = encode(node.arguments.back());
    Terms result;
    if (node.text == "*" || node.text == "/") result = left;
    if (node.text == "*") result.insert(result.end(), right.begin(), right.end());
    if (node.text == "*" || node.text == ":") {
      append_crossed(left, right, result, node);
    } else {
      // a/b is a + b %in% a: each term of b within all variables of a.
      const bool nested = node.text == "/";
      Term all;
      for (const Term& term : nested ? left : right) all = merged(all, term);
      for (const Term& term : nested ? right : left) result.push_back(merged(all, term));
    }
    remove_repetitions(result);
    return result;
  }

  Terms power(const Node& node) {
    const Node& exponent = inside(node.arguments.back());
    if (exponent.kind != Node::Kind::number || exponent.number < 1 || exponent.number > 100 ||
        exponent.number != static_cast<int>(exponent.number)) {
      fail(exponent,
           "'^' crosses terms and needs a whole number; for the power of a column write I(x^2)");
    }
    const bool was_additive = std::exchange(additive_, false);
    Terms base = encode(node.arguments.front());
    additive_ = was_additive;
    remove_repetitions(base);
    Terms result = base;
    for (int i = 1; i < static_cast<int>(exponent.number); ++i) {
      Terms crossed;
      append_crossed(result, base, crossed, node);
      remove_repetitions(crossed);
      if (crossed.size() == result.size()) break;
      result = std::move(crossed);
    }
    return result;
  }

  void append_crossed(const Terms& left, const Terms& right, Terms& result,
                      const Node& node) const {
    if (left.size() * right.size() > most_terms) {
      fail(node, fmt::format("this expands to more than {} terms", most_terms));
    }
    for (const Term& a : left) {
      for (const Term& b : right) result.push_back(merged(a, b));
    }
  }

  std::string_view text_;
  std::span<const std::string> others_;
  Expanded* whole_;
  Sum sum_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // of the variables, by their labels
  bool adding_ = true;    // false under an odd number of minus signs
  bool additive_ = true;  // not inside a product
};

}  // namespace

Expanded expand(const Parsed& formula, std::span<const std::string> others) {
  Expanded whole;
  whole.population = Expander(formula.text, others, &whole).expand(formula.terms);
  return whole;
}

}  // namespace tarn::formula
