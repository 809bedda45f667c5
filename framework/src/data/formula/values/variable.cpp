// Variables from the nodes of terms.
#include "data/formula/values/variable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/terms.hpp"
#include "data/formula/language/token.hpp"
#include "data/formula/values/basis_calls.hpp"
#include "data/formula/values/category.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

class ColumnReader {
 public:
  ColumnReader(const Node& node, Scope& scope)
      : node_(node), scope_(scope), label_(deparse(node)) {}

  Variable read() {
    Variable variable;
    if (is_constant_name(node_)) {
      fail(node_,
           fmt::format("{0} is a constant, not a column; a column of that name is written in "
                       "back quotes: `{0}`",
                       label_));
    }
    if (is_basis_call(node_)) {
      variable = read_basis(node_, scope_);
    } else if (node_.is_call("C")) {
      variable = coded();
    } else if (makes_factor(node_, scope_)) {
      check_labels();
      variable.factor = category(node_, label_, scope_);
    } else {
      variable.expression = compile(node_, scope_);
      if (variable.expression.is_logical()) variable.factor = category(node_, label_, scope_);
    }
    variable.label = label_;
    if (variable.factor && variable.factor->levels.size() < 2 && !scope_.is_new) {
      fail(node_, fmt::format("factor '{}' has one level, '{}', in the rows used; leave it out",
                              label_, variable.factor->levels.front()));
    }
    return variable;
  }

  Factor grouping() {
    if (node_.kind != Node::Kind::name && !is_factor_call(node_)) {
      fail(node_, "a grouping column was expected, or several joined by ':' or '/'");
    }
    return category(node_, label_, scope_);
  }

 private:
  [[noreturn]] void fail(const Node& at, const std::string& sentence) const {
    fail_at(scope_.formula, at.at, sentence);
  }

  /// A text column that looks like numbers is no factor that was meant. Over new data a factor has
  /// the levels of the fit, and a few of them may look like numbers.
  void check_labels() const {
    const Node& it = inside(node_);
    if (it.kind != Node::Kind::name) return;
    const Column& column = column_at(it, scope_.formula, scope_.frame.table());
    const bool known = scope_.is_new && scope_.learnt.levels.contains(label_);
    if (!column.is_text || known) return;
    const auto why = no_plain_factor(column, label_, scope_.frame);
    if (!why) return;
    fail(node_, scope_.is_new
                    ? holds_text(column) + "; the fit had numbers here" + numbers_by(column)
                    : *why);
  }

  /// The name of the i-th argument: given, or by its place in `order`.
  std::string name_of(std::size_t i, std::span<const std::string_view> order) const {
    if (!node_.argument_names[i].empty()) return node_.argument_names[i];
    return i <= order.size() && i > 0 ? std::string(order[i - 1]) : std::string();
  }

  [[noreturn]] void unknown_argument(std::size_t i, const std::string& name,
                                     std::vector<std::string> known) const {
    fail(node_.arguments[i],
         name.empty() ? fmt::format("{}() has too many arguments", node_.text)
                      : fmt::format("{}() has no argument '{}'; {}it takes {}", node_.text, name,
                                    did_you_mean(name, known), list_of(known)));
  }

  /// C(x, coding, ref = level)
  Variable coded() {
    Variable variable;
    variable.factor = category(node_.arguments.front(), label_, scope_);
    for (std::size_t i = 1; i < node_.arguments.size(); ++i) {
      const Node& argument = node_.arguments[i];
      constexpr std::array<std::string_view, 1> order{"contr"};
      const std::string name = name_of(i, order);
      if (name == "ref") {
        variable.coding.reference = level(argument, variable.factor->levels);
        if (variable.coding.name != "treatment") {
          fail(argument, "only treatment coding has a reference level");
        }
      } else if (name == "contr") {
        variable.coding.name = coding(argument);
      } else {
        unknown_argument(i, name, {"treatment", "sum", "helmert", "ref"});
      }
    }
    return variable;
  }

  std::string coding(const Node& node) const {
    std::string name = node.text;
    if (name.starts_with("contr.")) name.erase(0, 6);
    const std::vector<std::string> known{"treatment", "sum", "helmert"};
    if (node.kind == Node::Kind::number || std::ranges::find(known, name) == known.end()) {
      fail(node, fmt::format("unknown coding '{}'; {}the codings are {}", deparse(node),
                             did_you_mean(name, known), list_of(known)));
    }
    return name;
  }

  std::size_t level(const Node& node, const std::vector<std::string>& levels) const {
    const std::string wanted =
        node.kind == Node::Kind::name || node.kind == Node::Kind::text ? node.text : deparse(node);
    const auto found = std::ranges::find(levels, wanted);
    if (found == levels.end()) {
      fail(node, fmt::format("'{}' is not a level of {}; {}the levels are {}", wanted,
                             deparse(node_.arguments.front()), did_you_mean(wanted, levels),
                             list_of(levels)));
    }
    return as_size(found - levels.begin());
  }

  const Node& node_;
  Scope& scope_;
  std::string label_;
};

void evaluate(const Polynomials& products, const Frame& frame, std::size_t first, std::size_t count,
              double* out, std::size_t stride) {
  std::array<double, chunk_rows> x;
  std::vector<double> powers;
  for (std::size_t v = 0; v < products.arguments.size(); ++v) {
    const Basis& basis = products.bases[v];
    powers.resize(basis.columns * chunk_rows);
    evaluate(products.arguments[v], frame, first, count, x.data());
    apply(basis, std::span(x.data(), count), powers.data(), chunk_rows);
    for (std::size_t j = 0; j < products.degrees.size(); ++j) {
      double* const column = out + j * stride;
      if (v == 0) std::fill_n(column, count, 1.0);
      const std::size_t degree = products.degrees[j][v];
      if (degree == 0) continue;
      const double* const power = powers.data() + (degree - 1) * chunk_rows;
      for (std::size_t i = 0; i < count; ++i) column[i] *= power[i];
    }
  }
}

}  // namespace

std::size_t Variable::columns() const noexcept {
  return basis ? basis->columns : polynomials ? polynomials->degrees.size() : 1;
}

std::string Variable::suffix(std::size_t j) const {
  if (!polynomials) return columns() > 1 ? std::to_string(j + 1) : std::string();
  std::string text;
  for (const std::size_t degree : polynomials->degrees[j]) {
    text += fmt::format("{}{}", text.empty() ? "" : ".", degree);
  }
  return text;
}

std::vector<const Expression*> Variable::expressions() const {
  if (is_factor()) return {};
  if (!polynomials) return {&expression};
  std::vector<const Expression*> all;
  for (const Expression& argument : polynomials->arguments) all.push_back(&argument);
  return all;
}

Variable variable_of(const Node& node, Scope& scope) { return ColumnReader(node, scope).read(); }

Factor grouping_of(const Node& node, Scope& scope) { return ColumnReader(node, scope).grouping(); }

void evaluate(const Variable& variable, const Frame& frame, std::size_t first, std::size_t count,
              double* out, std::size_t stride) {
  if (variable.polynomials) {
    return evaluate(*variable.polynomials, frame, first, count, out, stride);
  }
  if (!variable.basis) return evaluate(variable.expression, frame, first, count, out);
  std::array<double, chunk_rows> x;
  evaluate(variable.expression, frame, first, count, x.data());
  apply(*variable.basis, std::span(x.data(), count), out, stride);
}

}  // namespace tarn::formula
