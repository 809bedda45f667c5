// Arguments of poly(), bs() and ns(), and what they learn.
#include "data/formula/values/basis_calls.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "data/formula/language/token.hpp"
#include "data/formula/values/call.hpp"
#include "data/formula/values/constants.hpp"

namespace tarn::formula {
namespace {

/// Degrees of each variable, the first one's changing fastest: all products of total degree 1 to
/// `degree`, in the order of R's polym().
std::vector<std::vector<std::size_t>> degrees_up_to(std::size_t degree, std::size_t variables) {
  std::vector<std::vector<std::size_t>> result;
  std::vector<std::size_t> at(variables, 0);
  while (true) {
    std::size_t v = 0;
    while (v < variables && ++at[v] > degree) at[v++] = 0;
    if (v == variables) return result;
    if (std::accumulate(at.begin(), at.end(), std::size_t{0}) <= degree) result.push_back(at);
  }
}

class BasisReader {
 public:
  BasisReader(const Node& node, Scope& scope)
      : node_(node), scope_(scope), constants_(scope), label_(deparse(node)) {}

  Variable polynomial() {
    std::vector<const Node*> columns;
    const Node* degree = nullptr;
    const Node* raw = nullptr;
    for (std::size_t i = 0; i < node_.arguments.size(); ++i) {
      const Node& argument = node_.arguments[i];
      const std::string& name = node_.argument_names[i];
      if (name == "degree") {
        degree = &argument;
      } else if (name == "raw") {
        raw = &argument;
      } else if (!name.empty()) {
        const Call refused(node_, scope_.formula, {"degree", "raw"}, true);
      } else if (inside(argument).kind == Node::Kind::number) {
        if (degree != nullptr || columns.empty()) fail(argument, "poly() needs a column first");
        degree = &argument;
      } else {
        columns.push_back(&argument);
      }
    }
    if (columns.empty()) fail(node_, "poly() needs a column or expression");
    const std::size_t d = degree != nullptr ? constants_.whole(*degree) : 1;
    const bool is_raw = raw != nullptr && constants_.truth(*raw);
    if (columns.size() > 1) return of_several(columns, d, is_raw);
    Variable variable;
    variable.expression = compile(*columns.front(), scope_);
    variable.basis =
        is_raw ? powers(d)
               : known_or(variable.expression, Basis::Kind::orthogonal, [&](std::vector<double> x) {
                   return learn_polynomials(d, std::move(x), label_);
                 });
    return variable;
  }

  Variable spline() {
    const bool natural = node_.text == "ns";
    std::vector<std::string> parameters{"x", "df", "knots"};
    if (!natural) parameters.emplace_back("degree");
    parameters.emplace_back("intercept");
    const Call call(node_, scope_.formula, parameters);
    Variable variable;
    variable.expression = compile(call.needed("x"), scope_);
    BasisRequest request;
    if (const Node* const df = call.given("df")) request.freedom = constants_.whole(*df);
    if (const Node* const degree = natural ? nullptr : call.given("degree")) {
      request.degree = constants_.whole(*degree);
    }
    if (const Node* const knots = call.given("knots");
        knots != nullptr && !knots->is_name("NULL")) {
      request.knots = constants_.numbers(*knots);
    }
    if (const Node* const intercept = call.given("intercept")) {
      request.intercept = constants_.truth(*intercept);
    }
    variable.basis =
        known_or(variable.expression, natural ? Basis::Kind::natural : Basis::Kind::spline,
                 [&](std::vector<double> x) {
                   return natural ? learn_natural_spline(request, std::move(x), label_)
                                  : learn_spline(request, std::move(x), label_);
                 });
    return variable;
  }

 private:
  [[noreturn]] void fail(const Node& at, const std::string& sentence) const {
    fail_at(scope_.formula, at.at, sentence);
  }

  /// The basis that the scope knows for this call, or the one that `learn` makes.
  template <class Learn>
  Basis known_or(const Expression& expression, Basis::Kind kind, Learn learn) {
    auto known = scope_.learnt.numbers.find(label_);
    if (known == scope_.learnt.numbers.end()) {
      const Basis basis = learn(all_values(expression, scope_.frame));
      std::vector<double> state{static_cast<double>(basis.columns)};
      state.insert(state.end(), basis.state.begin(), basis.state.end());
      known = scope_.learnt.numbers.emplace(label_, std::move(state)).first;
      scope_.notes.push_back(label_ + ": " + describe(basis));
    }
    const std::vector<double>& state = known->second;
    return {kind, static_cast<std::size_t>(state.front()), {state.begin() + 1, state.end()}};
  }

  /// The states of all variables are stored one after the other.
  Variable of_several(const std::vector<const Node*>& columns, std::size_t degree, bool raw) {
    Polynomials products;
    products.degrees = degrees_up_to(degree, columns.size());
    if (products.degrees.size() > most_products) {
      fail(node_, fmt::format("this makes more than {} columns", most_products));
    }
    for (const Node* const column : columns) {
      products.arguments.push_back(compile(*column, scope_));
    }
    const auto known = scope_.learnt.numbers.find(label_);
    const std::size_t each = 2 * degree + 1;
    std::vector<double> state;
    for (std::size_t v = 0; v < columns.size(); ++v) {
      if (raw) {
        products.bases.push_back(powers(degree));
      } else if (known != scope_.learnt.numbers.end()) {
        const auto from = known->second.begin() + as_index(v * each);
        products.bases.push_back({Basis::Kind::orthogonal, degree, {from, from + as_index(each)}});
      } else {
        const Expression& x = products.arguments[v];
        products.bases.push_back(learn_polynomials(degree, all_values(x, scope_.frame), label_));
        scope_.notes.push_back(
            fmt::format("{}, {}: {}", label_, x.text, describe(products.bases.back())));
        const std::vector<double>& own = products.bases.back().state;
        state.insert(state.end(), own.begin(), own.end());
      }
    }
    if (!state.empty()) scope_.learnt.numbers.emplace(label_, std::move(state));
    Variable variable;
    variable.polynomials = std::move(products);
    return variable;
  }

  static constexpr std::size_t most_products = 1000;
  const Node& node_;
  Scope& scope_;
  Constants constants_;
  std::string label_;
};

}  // namespace

bool is_basis_call(const Node& node) noexcept {
  return node.is_call("poly") || node.is_call("bs") || node.is_call("ns");
}

Variable read_basis(const Node& node, Scope& scope) {
  BasisReader reader(node, scope);
  return node.is_call("poly") ? reader.polynomial() : reader.spline();
}

}  // namespace tarn::formula
