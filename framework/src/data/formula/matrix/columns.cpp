// From terms to columns, with R's rule for the coding of factors.
#include "data/formula/matrix/columns.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tarn/error.hpp"

namespace tarn::formula {
namespace {

/// A factor is coded by contrasts where the term without it lies within the margin of an earlier
/// term (or is empty), else by one column for each level (Chambers & Hastie 1992, section 2.3.1).
bool in_margin(const Sum& sum, std::size_t term, std::uint32_t variable) {
  Term rest = sum.terms[term];
  std::erase(rest, variable);
  if (rest.empty()) return true;
  return std::any_of(sum.terms.begin(), sum.terms.begin() + static_cast<std::ptrdiff_t>(term),
                     [&rest](const Term& earlier) { return std::ranges::includes(earlier, rest); });
}

/// The columns of one variable within a term.
std::vector<ProductColumn> single(const Variable& variable, std::size_t index, bool full) {
  std::vector<ProductColumn> result;
  if (variable.is_factor()) {
    const std::vector<std::string>& levels = variable.factor->levels;
    const std::vector<std::string> labels = coded_labels(variable.coding, levels, full);
    for (std::size_t j = 0; j < labels.size(); ++j) {
      result.push_back({variable.label + labels[j],
                        {{index, j, coded_values(variable.coding, levels.size(), full, j), full}}});
    }
    return result;
  }
  for (std::size_t j = 0; j < variable.columns(); ++j) {
    result.push_back({variable.label + variable.suffix(j), {{index, j, {}, false}}});
  }
  return result;
}

/// Products of the columns, those of `left` changing fastest.
std::vector<ProductColumn> crossed(const std::vector<ProductColumn>& left,
                                   const std::vector<ProductColumn>& right) {
  std::vector<ProductColumn> result;
  for (const ProductColumn& b : right) {
    for (const ProductColumn& a : left) {
      ProductColumn product{a.label + ':' + b.label, a.pieces};
      product.pieces.insert(product.pieces.end(), b.pieces.begin(), b.pieces.end());
      result.push_back(std::move(product));
    }
  }
  return result;
}

/// The triangular factor of so many is 800 MB, and each sweep of all of them takes minutes.
constexpr std::size_t most_columns = 10000;

void refuse_many(std::size_t columns, const Variable& variable) {
  if (columns <= most_columns) return;
  const double p = static_cast<double>(columns);
  const std::string size =
      fmt::format("{} columns, whose factor alone takes {:.3g} GB", columns, p * p * 8 / 1e9);
  if (!variable.is_factor()) {
    throw InputError(
        fmt::format("the formula makes {}; at most {} can be fitted, so leave terms "
                    "out",
                    size, most_columns));
  }
  throw InputError(fmt::format(
      "'{}' has {} levels, and as a fixed effect the formula makes {}; at most {} can be fitted: "
      "write (1 | {}), with which the levels are groups that share what they have in common",
      variable.label, variable.factor->levels.size(), size, most_columns, variable.label));
}

}  // namespace

std::size_t Variables::add(const Node& node, Scope& scope) {
  const std::string label = deparse(node);
  const auto found = std::ranges::find(all_, label, &Variable::label);
  if (found == all_.end()) {
    all_.push_back(variable_of(node, scope));
    return all_.size() - 1;
  }
  return static_cast<std::size_t>(found - all_.begin());
}

std::vector<ProductColumn> columns_of(const Sum& sum, Variables& variables, Scope& scope) {
  std::vector<ProductColumn> result;
  if (sum.intercept) result.push_back({"Intercept", {}});
  // Without an intercept the first factor takes its place.
  bool replaces_intercept = !sum.intercept;
  for (std::size_t t = 0; t < sum.terms.size(); ++t) {
    std::vector<ProductColumn> term;
    for (const std::uint32_t v : sum.terms[t]) {
      const std::size_t index = variables.add(sum.variables[v], scope);
      const Variable& variable = variables.all()[index];
      bool full = !in_margin(sum, t, v);
      if (variable.is_factor()) full = std::exchange(replaces_intercept, false) || full;
      const std::size_t own =
          variable.is_factor() ? variable.factor->levels.size() : variable.columns();
      refuse_many(result.size() + std::max<std::size_t>(1, term.size()) * own, variable);
      std::vector<ProductColumn> columns = single(variable, index, full);
      term = term.empty() ? std::move(columns) : crossed(term, columns);
    }
    result.insert(result.end(), term.begin(), term.end());
  }
  return result;
}

std::vector<std::string> term_labels(const Sum& sum) {
  std::vector<std::string> labels;
  if (sum.intercept) labels.emplace_back("1");
  for (const Term& term : sum.terms) {
    std::string label;
    for (const std::uint32_t v : term) {
      label += (label.empty() ? "" : ":") + deparse(sum.variables[v]);
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace tarn::formula
