// Notes on group terms.
#include "data/formula/notes/columns.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "data/formula/cells/complaint.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

bool has_intercept(const Design& design, std::size_t grouping) {
  return std::ranges::any_of(design.terms, [grouping](const GroupTerm& term) {
    return term.grouping == grouping && term.columns.front() == "Intercept";
  });
}

/// A column of numbers by itself: no factor, no product, no basis.
const Variable* plain_numbers(const ProductColumn& column, const DesignRows& rows) {
  if (column.pieces.size() != 1) return nullptr;
  const Variable& variable = rows.variables[column.pieces.front().variable];
  const bool plain = !variable.is_factor() && !variable.basis && !variable.polynomials;
  return plain ? &variable : nullptr;
}

/// Group lines that are described by what they are at 0, where that is none of the data's places
/// and nothing is centred. The prior of the intercepts' sd (2.5 sd(y)) then speaks of lines
/// extended beyond the data. In (x || g) the lines are said to be independent of each other there,
/// which holds for one origin alone. In a correlated term that is left as it is, lines that differ
/// by s in slope differ by s |mean| at 0, more than the prior takes for likely: beyond 3 sd(x) the
/// sd of slopes is held down visibly (case H12: by 28 % at 167).
std::vector<std::string> far_from_origin(const Design& design, const DesignRows& rows,
                                         const Measures& measures) {
  constexpr double far = 3;
  std::vector<std::string> notes;
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    const GroupTerm& term = design.terms[t];
    if (!has_intercept(design, term.grouping) || design.term_centering(t).moves()) continue;
    const std::string& g = design.groupings[term.grouping].name;
    for (std::size_t j = 0; j < term.columns.size(); ++j) {
      const Variable* const x = plain_numbers(rows.term_columns[t][j], rows);
      const Extent& extent = measures.terms[t][j];
      const bool among_data = extent.low <= 0 && extent.high >= 0;
      if (x == nullptr || among_data) continue;
      const double distance = std::abs(extent.scale.mean);
      if (!term.correlated) {
        notes.push_back(fmt::format(
            "({0} || {1}) says that intercepts and slopes are independent at {0} = 0, which lies "
            "outside the data (from {2:.4g} to {3:.4g}), and the prior of sd({1}, Intercept) is "
            "meant there; write ({0} | {1}), or (center({0}) || {1})",
            x->label, g, extent.low, extent.high));
      } else if (distance > far * extent.scale.sd) {
        notes.push_back(fmt::format(
            "({0} | {1}) speaks of {0} = 0, which is {2:.4g} units, {3:.3g} standard deviations, "
            "away from the mean of {0}: the priors of sd({1}, Intercept) and of the correlation "
            "are meant there; leave out --center, or write (center({0}) | {1})",
            x->label, g, distance, distance / extent.scale.sd));
      }
    }
  }
  return notes;
}

/// Only the sum of the two variances is in the likelihood.
std::vector<std::string> level_for_each_row(const Design& design) {
  std::vector<std::string> notes;
  if (design.known_errors) return notes;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    const Grouping& grouping = design.groupings[g];
    if (grouping.levels.size() != design.rows->count() || !has_intercept(design, g)) continue;
    notes.push_back(
        fmt::format("'{0}' has a level for each of the {1} rows, so its effects and the residuals "
                    "are told apart by the priors of sd({0}, Intercept) and sigma alone; if the "
                    "standard errors of the response are known, give them, as in 'y | se(s) ~ ...'",
                    grouping.name, grouping.levels.size()));
  }
  return notes;
}

/// Two values of a response that is taken for normal, with enough rows to be no accident.
std::vector<std::string> two_values(const Design& design, const DesignRows& rows) {
  constexpr std::size_t enough = 10;
  if (rows.count() < enough) return {};
  std::vector<double> values;
  for_each_run(rows.response, rows.frame, [&](std::size_t, std::span<const double> run) {
    for (const double y : run) {
      if (values.size() < 3 && std::ranges::find(values, y) == values.end()) values.push_back(y);
    }
  });
  if (values.size() != 2) return {};
  std::ranges::sort(values);
  const bool coins = values[0] == 0 && values[1] == 1;
  return {fmt::format("the response '{}' has two values, {} and {}: {}", design.response, values[0],
                      values[1],
                      coins ? "--family bernoulli is for the probability of 1"
                            : fmt::format("coded as 0 and 1, as in I({} == {}), --family bernoulli "
                                          "is for the probability of the second",
                                          design.response, values[1]))};
}

}  // namespace

std::string hint_at_two_values(const Column& column, const Frame& frame) {
  if (!numbers_by(column).empty()) return "";  // they are meant as numbers
  std::vector<std::int32_t> codes;
  for (std::size_t i = 0; i < frame.count() && codes.size() < 3; ++i) {
    const std::int32_t code = column.codes[frame.row(i)];
    if (std::ranges::find(codes, code) == codes.end()) codes.push_back(code);
  }
  return codes.size() == 2 ? "; --family bernoulli takes its two values as they are" : "";
}

std::string group_term_text(const GroupTerm& term, const Design& design) {
  std::string columns = term.columns.front() == "Intercept" ? "1" : "0 + " + term.columns.front();
  for (std::size_t j = 1; j < term.columns.size(); ++j) columns += " + " + term.columns[j];
  return fmt::format("({} | {})", columns, design.groupings[term.grouping].name);
}

std::vector<std::string> notes_on(const Design& design, const DesignRows& rows,
                                  const Measures& measures, ResponseKind response) {
  std::vector<std::string> notes;
  if (response == ResponseKind::real) {
    notes = two_values(design, rows);
    for (std::string& note : level_for_each_row(design)) notes.push_back(std::move(note));
  }
  for (std::string& note : far_from_origin(design, rows, measures))
    notes.push_back(std::move(note));
  return notes;
}

}  // namespace tarn::formula
