// Refuses designs that no model can be fitted to, in words.
#include "data/formula/refuse.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "data/formula/notes/columns.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

// A column whose part outside the span of those before it is smaller than this, relative to the
// column, is dependent. Rounding leaves about 1e-16; NIST's Filip, the hardest of the certified
// regressions, leaves 6e-8.
constexpr double dependent_below = 1e-11;

// Coefficients of the dependence whose contribution is smaller are noise.
constexpr double involved_above = 1e-6;

/// What varies in its last digits only is no constant, but as good as one for a double.
[[noreturn]] void refuse_narrow(const std::string& what, const std::string& label,
                                const Extent& extent) {
  throw InputError(
      fmt::format("{} '{}' varies too little for its size (from {} to {}, standard deviation "
                  "{:.2g}): a number has 16 digits; centre it in the data file, or rescale it",
                  what, label, extent.low, extent.high, extent.scale.sd));
}

[[noreturn]] void refuse_constant(const std::string& label, const Extent& extent) {
  if (extent.low == 0 && extent.high == 0) {
    throw InputError(fmt::format("covariate '{}' is 0 in every row used; leave it out", label));
  }
  if (extent.low != extent.high) refuse_narrow("covariate", label, extent);
  throw InputError(
      fmt::format("covariate '{}' is constant ({}), so it cannot be told from the intercept; leave "
                  "it out",
                  label, extent.low));
}

/// `g` of `C(g, sum)`
std::string uncoded(const std::string& label) {
  return label.starts_with("C(") ? label.substr(2, label.find(',') - 2) : label;
}

/// A cell of reference levels that never occurs leaves no column of zeros, but makes others
/// dependent. With another reference level it has a column, which is left out.
std::string advice_on_cells(const DesignRows& rows, const ProductColumn& column) {
  std::vector<const Variable*> factors;
  for (const Piece& piece : column.pieces) {
    const Variable& variable = rows.variables[piece.variable];
    if (variable.is_factor()) factors.push_back(&variable);
  }
  std::vector<std::size_t> cell(factors.size(), 0);
  std::set<std::vector<std::size_t>> occurring;
  for (std::size_t i = 0; i < rows.count() && factors.size() > 1; ++i) {
    for (std::size_t f = 0; f < factors.size(); ++f) {
      cell[f] = static_cast<std::size_t>(factors[f]->factor->codes[i]);
    }
    occurring.insert(cell);
  }
  std::ranges::fill(cell, 0);
  while (factors.size() > 1) {
    if (!occurring.contains(cell)) {
      std::string levels;
      std::vector<std::string> codings;
      for (std::size_t f = 0; f < factors.size(); ++f) {
        const std::vector<std::string>& names = factors[f]->factor->levels;
        levels += fmt::format("{}{} = {}", levels.empty() ? "" : " with ", factors[f]->label,
                              names[cell[f]]);
        if (cell[f] != factors[f]->coding.reference) continue;
        const bool treatment = factors[f]->coding.name == "treatment";
        codings.push_back(fmt::format("C({}, {}ref = \"{}\")", uncoded(factors[f]->label),
                                      treatment ? "" : "treatment, ", names[cell[f] == 0 ? 1 : 0]));
      }
      if (codings.empty()) return "leave one out: no row has " + levels;
      return fmt::format(
          "no row has {}: take other reference levels, so that this cell has a "
          "column of its own, which is left out: {}",
          levels, list_of(codings));
    }
    std::size_t f = 0;
    while (f < factors.size() && ++cell[f] == factors[f]->factor->levels.size()) cell[f++] = 0;
    if (f == factors.size()) break;
  }
  return "leave one out";
}

}  // namespace

void refuse_degenerate(const Design& design, const Measures& measures, bool discrete) {
  if (measures.response.is_constant() && !discrete) {
    if (measures.response.low != measures.response.high) {
      refuse_narrow("the response", design.response, measures.response);
    }
    throw InputError(fmt::format("the response '{}' is constant: it is {} in every row used",
                                 design.response, measures.response.low + 0.0));
  }
  for (std::size_t j = 0; j < design.size(); ++j) {
    const Extent& extent = measures.columns[j];
    const bool is_intercept = design.has_intercept && j == 0;
    const bool is_zero = extent.low == 0 && extent.high == 0;
    if (!is_intercept && extent.is_constant() && (design.has_intercept || is_zero)) {
      refuse_constant(design.coefficients[j], extent);
    }
  }
  if (design.size() == 0 && design.terms.empty()) {
    throw InputError("nothing is left to estimate: each column is 0 in every row used");
  }
  const std::size_t n = design.rows->count();
  if (design.size() > n) {
    throw InputError(fmt::format(
        "the formula has {} coefficients, but only {} rows can be used; leave terms out",
        design.size(), n));
  }
  if (design.size() == n && !design.known_errors && !discrete) {
    throw InputError(fmt::format(
        "the formula has as many coefficients as there are rows, {}: they fit any response, and "
        "nothing is left to tell sigma by; leave terms out, or write (1 | g) for a factor g with "
        "many levels",
        n));
  }
}

void refuse_groups(const Design& design, const Measures& measures) {
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    const Grouping& grouping = design.groupings[g];
    if (design.terms_on(g).empty()) {
      throw InputError(fmt::format(
          "nothing is left to vary by '{}': each column of its group term is 0 in every row used",
          grouping.name));
    }
    if (grouping.levels.size() < 2) {
      throw InputError(
          fmt::format("grouping factor '{}' has one level, '{}', in the rows used; groups need at "
                      "least two",
                      grouping.name, grouping.levels.front()));
    }
  }
  std::map<std::pair<std::size_t, std::string>, std::size_t> seen;  // the term of each column
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const GroupTerm& term = design.terms[t];
    const Grouping& grouping = design.groupings[term.grouping];
    for (std::size_t j = 0; j < term.columns.size(); ++j) {
      const std::string& column = term.columns[j];
      const auto [place, is_first] = seen.emplace(std::pair(term.grouping, column), t);
      if (!is_first) {
        throw InputError(fmt::format(
            "'{}' varies by '{}' twice, in {} and in {}: two such effects add up to one, "
            "and the data cannot tell their standard deviations apart; write one group "
            "term",
            column, grouping.name, group_term_text(design.terms[place->second], design),
            group_term_text(term, design)));
      }
      if (column != "Intercept" && measures.terms[t][j].is_constant()) {
        if (measures.terms[t][j].low != measures.terms[t][j].high) {
          refuse_narrow("the slope's column", column, measures.terms[t][j]);
        }
        throw InputError(fmt::format(
            "'{}' is constant ({}), so it cannot vary by '{}' as a slope; write (1 | {})", column,
            measures.terms[t][j].low, grouping.name, grouping.name));
      }
    }
  }
}

void refuse_dependent(const Design& design, const DesignRows& rows) {
  const auto p = static_cast<Eigen::Index>(design.size());
  if (p < 2) return;
  const Matrix& factor = design.moments().factor;
  const Matrix R = factor.topLeftCorner(p, p);
  for (Eigen::Index j = 1; j < p; ++j) {
    const double norm = R.col(j).head(j + 1).norm();
    if (std::abs(R(j, j)) >= dependent_below * norm) continue;
    const Vector c = R.topLeftCorner(j, j).triangularView<Eigen::Upper>().solve(R.col(j).head(j));
    std::vector<std::string> others;
    // Centring hides the intercept's share.
    double intercept = design.has_intercept ? design.center(j) + c(0) : 0;
    const auto name = [&design](Eigen::Index k) {
      return design.coefficients[static_cast<std::size_t>(k)];
    };
    for (Eigen::Index k = design.has_intercept ? 1 : 0; k < j; ++k) {
      if (std::abs(c(k)) * R.col(k).head(k + 1).norm() <= involved_above * norm) continue;
      others.push_back(fmt::format("'{}'", name(k)));
      if (design.has_intercept) intercept -= c(k) * design.center(k);
    }
    const double reach = design.has_intercept ? std::abs(R(0, 0)) : 0;
    if (std::abs(intercept) * reach > involved_above * norm) {
      others.insert(others.begin(), "the intercept");
    }
    throw InputError(fmt::format(
        "covariate '{}' is {} {}, so their coefficients cannot be told apart; {}", name(j),
        others.size() == 1 ? "a multiple of" : "a linear combination of", list_of(others),
        advice_on_cells(rows, rows.columns[static_cast<std::size_t>(j)])));
  }
}

}  // namespace tarn::formula
