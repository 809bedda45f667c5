// Which columns a formula names.
#include <algorithm>

#include "data/formula/language/terms.hpp"

namespace tarn::formula {
namespace {

void add_unique(const Node& node, Names& names) {
  const auto same = [&node](const Node* other) { return other->text == node.text; };
  if (std::ranges::none_of(names, same)) names.push_back(&node);
}

/// Further arguments of these functions are constants, levels or codings.
bool only_first_argument(const Node& call) {
  return call.text == "C" || call.text == "factor" || call.text == "as.factor" ||
         call.text == "poly" || call.text == "bs" || call.text == "ns";
}

void add_columns(const Node& node, Names& names) {
  if (node.kind == Node::Kind::name) {
    if (node.text != "." || node.quoted) add_unique(node, names);
    return;
  }
  const bool first_only = node.kind == Node::Kind::call && only_first_argument(node);
  for (const Node& argument : node.arguments) {
    add_columns(argument, names);
    if (first_only) break;
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

}  // namespace

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

namespace {

void add_right(const Expanded& expanded, Names& names) {
  const auto add = [&names](const Sum& sum) {
    for (const Term& term : sum.terms) {
      for (const std::uint32_t index : term) add_columns(sum.variables[index], names);
    }
  };
  add(expanded.population);
  for (const Bar& bar : expanded.bars) {
    add(bar.columns);
    for (const Node& node : bar.grouping) add_columns(node, names);
  }
  for (const Node& node : expanded.offsets) add_columns(node, names);
}

}  // namespace

Names used_columns(const Parsed& formula, const Expanded& expanded) {
  Names names = left_columns(formula);
  add_right(expanded, names);
  return names;
}

Names right_columns(const Expanded& expanded) {
  Names names;
  add_right(expanded, names);
  return names;
}

bool uses_dot(const Parsed& formula) { return has_dot(formula.terms); }

}  // namespace tarn::formula
