// Which columns a formula names.
#include <algorithm>
#include <array>

#include "data/formula/language/terms.hpp"
#include "data/formula/language/words.hpp"

namespace tarn::formula {
namespace {

void add_unique(const Node& node, Names& names) {
  const auto same = [&node](const Node* other) { return other->text == node.text; };
  if (std::ranges::none_of(names, same)) names.push_back(&node);
}

/// Further arguments of these functions are constants, levels or codings.
constexpr std::array<std::string_view, 9> of_one_column{
    "C", "factor", "as.factor", "relevel", "cut", "scale", "bs", "ns", "quantile"};

/// Of these all that stand without a name are columns.
constexpr std::array<std::string_view, 2> of_columns{"poly", "interaction"};

/// Numbers that are learnt from a column may stand among the constants: cut(x, quantile(x)).
constexpr std::array<std::string_view, 8> statistics{"mean", "sd",  "var", "median",
                                                     "min",  "max", "sum", "quantile"};

void add_columns(const Node& node, Names& names);

/// The columns that constants are learnt from.
void add_learnt_from(const Node& node, Names& names) {
  if (node.kind == Node::Kind::call && contains(statistics, node.text)) {
    add_columns(node, names);
    return;
  }
  for (const Node& argument : node.arguments) add_learnt_from(argument, names);
}

void add_columns(const Node& node, Names& names) {
  if (node.kind == Node::Kind::name) {
    if ((node.text != "." || node.quoted) && !is_constant_name(node)) add_unique(node, names);
    return;
  }
  const bool call = node.kind == Node::Kind::call;
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    const bool constants =
        call && ((i > 0 && contains(of_one_column, node.text)) ||
                 (contains(of_columns, node.text) && !node.argument_names[i].empty()));
    if (constants) {
      const bool levels = node.text == "C" || node.text == "relevel";
      if (!levels) add_learnt_from(node.arguments[i], names);
    } else {
      add_columns(node.arguments[i], names);
    }
  }
}

void add_groupings(const Node& node, Names& names) {
  if (node.is_operation("|") || node.is_operation("||")) {
    add_columns(node.arguments.back(), names);
    return;
  }
  for (const Node& argument : node.arguments) add_groupings(argument, names);
}

bool has_dot(const Node& node) {
  return (node.is_name(".") && !node.quoted) || std::ranges::any_of(node.arguments, has_dot);
}

void add_right(const Expanded& expanded, bool groupings, Names& names) {
  const auto add = [&names](const Sum& sum) {
    for (const Term& term : sum.terms) {
      for (const std::uint32_t index : term) add_columns(sum.variables[index], names);
    }
  };
  add(expanded.population);
  for (const Bar& bar : expanded.bars) {
    add(bar.columns);
    if (!groupings) continue;
    for (const Node& node : bar.grouping) add_columns(node, names);
  }
  for (const Node& node : expanded.offsets) add_columns(node, names);
}

}  // namespace

bool is_constant_name(const Node& node) {
  constexpr std::array<std::string_view, 6> constants{"pi", "TRUE", "FALSE", "Inf", "NULL", "NA"};
  return node.kind == Node::Kind::name && !node.quoted && contains(constants, node.text);
}

Names left_columns(const Parsed& formula) {
  Names names;
  add_columns(formula.response, names);
  for (const auto* part : {&formula.weights, &formula.errors, &formula.trials}) {
    if (*part) add_columns(**part, names);
  }
  return names;
}

Names columns_in(const Node& node) {
  Names names;
  add_columns(node, names);
  return names;
}

Names grouping_columns(const Parsed& formula) {
  Names names;
  add_groupings(formula.terms, names);
  return names;
}

Names used_columns(const Formula& formula) {
  Names names;
  if (!formula.of_parameter) names = left_columns(formula.parsed);
  add_right(formula.expanded, true, names);
  return names;
}

Names used_columns(const Formulas& formulas) {
  Names names;
  for (const Formula& formula : formulas) {
    for (const Node* const name : used_columns(formula)) add_unique(*name, names);
  }
  return names;
}

Names right_columns(const Expanded& expanded) {
  Names names;
  add_right(expanded, true, names);
  return names;
}

Names ungrouped_columns(const Expanded& expanded) {
  Names names;
  add_right(expanded, false, names);
  return names;
}

bool uses_dot(const Parsed& formula) { return has_dot(formula.terms); }

}  // namespace tarn::formula
