// Variables from the nodes of terms.
#include "data/formula/values/variable.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "data/formula/language/token.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

class Reader {
 public:
  Reader(const Node& node, Scope& scope) : node_(node), scope_(scope), label_(deparse(node)) {}

  Variable read() {
    Variable variable;
    if (node_.is_call("poly")) {
      variable = polynomial();
    } else if (node_.is_call("bs") || node_.is_call("ns")) {
      variable = spline();
    } else if (node_.is_call("factor") || node_.is_call("as.factor")) {
      variable.factor = factor();
    } else if (node_.is_call("C")) {
      variable = coded();
    } else if (const Column* const text = text_column(node_)) {
      check_labels(*text);
      variable.factor = factor_of(*text, label_, scope_);
    } else {
      variable.expression = compile(node_, scope_);
      if (variable.expression.is_logical()) variable.factor = logical(variable.expression);
    }
    variable.label = label_;
    if (variable.factor && variable.factor->levels.size() < 2 && !scope_.is_new) {
      fail(node_, fmt::format("factor '{}' has one level, '{}', in the rows used; leave it out",
                              label_, variable.factor->levels.front()));
    }
    return variable;
  }

  Factor grouping() {
    if (node_.is_call("factor") || node_.is_call("as.factor")) return factor();
    if (node_.kind != Node::Kind::name) {
      fail(node_, "a grouping column was expected, or several joined by ':' or '/'");
    }
    return factor_from(node_);
  }

 private:
  [[noreturn]] void fail(const Node& at, const std::string& sentence) const {
    fail_at(scope_.formula, at.at, sentence);
  }

  const Column* text_column(const Node& node) const {
    if (inside(node).kind != Node::Kind::name) return nullptr;
    const Column& column = column_at(inside(node), scope_.formula, scope_.frame.table());
    return column.is_text ? &column : nullptr;
  }

  /// Over new data a factor has the levels of the fit, and a few of them may look like numbers.
  void check_labels(const Column& column) const {
    const bool known = scope_.is_new && scope_.learnt.levels.contains(label_);
    if (known) return;
    const auto why = no_plain_factor(column, label_, scope_.frame);
    if (!why) return;
    fail(node_, scope_.is_new
                    ? holds_text(column) + "; the fit had numbers here" + numbers_by(column)
                    : *why);
  }

  Factor factor_from(const Node& node) {
    if (const Column* const text = text_column(node)) return factor_of(*text, label_, scope_);
    const Expression numbers = compile(node, scope_);
    return numbers.is_logical() ? logical(numbers) : factor_of(numbers, label_, scope_);
  }

  Factor logical(const Expression& truth) {
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
      fail(node_, fmt::format("{} is {} in all rows used; leave it out", label_,
                              true_rows == 0 ? "FALSE" : "TRUE"));
    }
    return factor;
  }

  Factor factor() {
    if (node_.arguments.size() != 1 || !node_.argument_names.front().empty()) {
      fail(node_, fmt::format("{}() takes one column or expression", node_.text));
    }
    return factor_from(node_.arguments.front());
  }

  std::vector<double> values(const Expression& expression) {
    std::vector<double> x;
    x.reserve(scope_.frame.count());
    for_each_run(expression, scope_.frame, [&x](std::size_t, std::span<const double> run) {
      x.insert(x.end(), run.begin(), run.end());
    });
    return x;
  }

  double number(const Node& node) const {
    const Node& content = inside(node);
    if (content.kind == Node::Kind::number) return content.number;
    if (content.is_operation("-") && content.arguments.size() == 1) {
      return -number(content.arguments.front());
    }
    fail(node, "a number was expected");
  }

  std::size_t whole(const Node& node) const {
    const double value = number(node);
    if (value < 1 || value > 100 || value != std::floor(value)) {
      fail(node, "a whole number from 1 to 100 was expected");
    }
    return static_cast<std::size_t>(value);
  }

  bool truth(const Node& node) const {
    if (node.is_name("TRUE") || node.is_name("T")) return true;
    if (node.is_name("FALSE") || node.is_name("F")) return false;
    fail(node, "TRUE or FALSE was expected");
  }

  std::vector<double> numbers(const Node& node) const {
    if (!node.is_call("c")) return {number(node)};
    std::vector<double> result;
    for (const Node& argument : node.arguments) result.push_back(number(argument));
    return result;
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

  Expression first_argument() {
    if (!node_.argument_names.front().empty()) {
      fail(node_, fmt::format("the first argument of {}() is a column or expression", node_.text));
    }
    return compile(node_.arguments.front(), scope_);
  }

  /// The basis that the scope knows for this call, or the one that `learn` makes.
  template <class Learn>
  Basis known_or(const Expression& expression, Basis::Kind kind, Learn learn) {
    auto known = scope_.learnt.numbers.find(label_);
    if (known == scope_.learnt.numbers.end()) {
      const Basis basis = learn(values(expression));
      std::vector<double> state{static_cast<double>(basis.columns)};
      state.insert(state.end(), basis.state.begin(), basis.state.end());
      known = scope_.learnt.numbers.emplace(label_, std::move(state)).first;
      scope_.notes.push_back(label_ + ": " + describe(basis));
    }
    const std::vector<double>& state = known->second;
    return {kind, static_cast<std::size_t>(state.front()), {state.begin() + 1, state.end()}};
  }

  Variable polynomial() {
    Variable variable;
    variable.expression = first_argument();
    std::size_t degree = 1;
    bool raw = false;
    constexpr std::array<std::string_view, 1> order{"degree"};
    for (std::size_t i = 1; i < node_.arguments.size(); ++i) {
      const std::string name = name_of(i, order);
      if (name == "degree") {
        degree = whole(node_.arguments[i]);
      } else if (name == "raw") {
        raw = truth(node_.arguments[i]);
      } else {
        unknown_argument(i, name, {"degree", "raw"});
      }
    }
    variable.basis =
        raw ? powers(degree)
            : known_or(variable.expression, Basis::Kind::orthogonal, [&](std::vector<double> x) {
                return learn_polynomials(degree, std::move(x), label_);
              });
    return variable;
  }

  Variable spline() {
    Variable variable;
    variable.expression = first_argument();
    const bool natural = node_.text == "ns";
    BasisRequest request;
    constexpr std::array<std::string_view, 3> order{"df", "knots", "degree"};
    for (std::size_t i = 1; i < node_.arguments.size(); ++i) {
      const std::string name = name_of(i, std::span(order).first(natural ? 2 : 3));
      const Node& argument = node_.arguments[i];
      if (name == "df") {
        request.freedom = whole(argument);
      } else if (name == "knots") {
        request.knots = numbers(argument);
      } else if (name == "degree" && !natural) {
        request.degree = whole(argument);
      } else if (name == "intercept") {
        request.intercept = truth(argument);
      } else {
        std::vector<std::string> known{"df", "knots", "intercept"};
        if (!natural) known.emplace_back("degree");
        unknown_argument(i, name, known);
      }
    }
    variable.basis =
        known_or(variable.expression, natural ? Basis::Kind::natural : Basis::Kind::spline,
                 [&](std::vector<double> x) {
                   return natural ? learn_natural_spline(request, std::move(x), label_)
                                  : learn_spline(request, std::move(x), label_);
                 });
    return variable;
  }

  /// C(x, coding, ref = level)
  Variable coded() {
    Variable variable;
    const Node& column = node_.arguments.front();
    const bool nested = column.is_call("factor") || column.is_call("as.factor");
    variable.factor = factor_from(nested ? column.arguments.front() : column);
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
    return static_cast<std::size_t>(found - levels.begin());
  }

  const Node& node_;
  Scope& scope_;
  std::string label_;
};

}  // namespace

Variable variable_of(const Node& node, Scope& scope) { return Reader(node, scope).read(); }

Factor grouping_of(const Node& node, Scope& scope) { return Reader(node, scope).grouping(); }

void evaluate(const Variable& variable, const Frame& frame, std::size_t first, std::size_t count,
              double* out, std::size_t stride) {
  if (!variable.basis) return evaluate(variable.expression, frame, first, count, out);
  std::array<double, chunk_rows> x;
  evaluate(variable.expression, frame, first, count, x.data());
  apply(*variable.basis, std::span(x.data(), count), out, stride);
}

}  // namespace tarn::formula
