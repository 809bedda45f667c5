// Finds columns that are 0 in every row. As R: lm() has no coefficient for them, lmer() drops them.
#include "data/formula/matrix/empty_cells.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace tarn::formula {
namespace {

/// A column of one variable that is 0 everywhere is a constant, which is another fault.
bool is_empty(const ProductColumn& column, const Extent& extent) {
  return column.pieces.size() > 1 && extent.low == 0 && extent.high == 0;
}

/// `f = c`, or `x other than 0` of numbers and of contrasts that several levels share.
std::string place_of(const Piece& piece, const Variable& variable) {
  if (piece.by_level.empty()) {
    return fmt::format("{} other than 0", variable.label + variable.suffix(piece.column));
  }
  const std::vector<std::string>& levels = variable.factor->levels;
  const auto occupied = [](double value) { return value != 0; };
  if (std::ranges::count_if(piece.by_level, occupied) == 1) {
    const auto level = std::ranges::find_if(piece.by_level, occupied) - piece.by_level.begin();
    return fmt::format("{} = {}", variable.label, levels[static_cast<std::size_t>(level)]);
  }
  return fmt::format(
      "{}{} other than 0", variable.label,
      coded_labels(variable.coding, levels, piece.full)[static_cast<std::size_t>(piece.column)]);
}

std::string cell_of(const ProductColumn& column, const std::vector<Variable>& variables) {
  std::string text;
  for (const Piece& piece : column.pieces) {
    text += (text.empty() ? "" : " with ") + place_of(piece, variables[piece.variable]);
  }
  return text;
}

template <class Entries>
void take_out(Entries& entries, std::size_t i) {
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
}

}  // namespace

std::string left_out_key(const std::string& label, const std::string& grouping) {
  return label + " | " + grouping;
}

std::map<std::string, std::string> leave_out_empty(DesignRows& rows, Design& design,
                                                   Measures& measures) {
  std::map<std::string, std::string> left_out;
  for (std::size_t j = rows.columns.size(); j-- > 0;) {
    if (!is_empty(rows.columns[j], measures.columns[j])) continue;
    left_out.emplace(rows.columns[j].label, cell_of(rows.columns[j], rows.variables));
    take_out(rows.columns, j);
    take_out(design.coefficients, j);
    take_out(measures.columns, j);
  }
  for (std::size_t t = rows.term_columns.size(); t-- > 0;) {
    GroupTerm& term = design.terms[t];
    auto& columns = rows.term_columns[t];
    for (std::size_t j = columns.size(); j-- > 0;) {
      if (!is_empty(columns[j], measures.terms[t][j])) continue;
      left_out.emplace(left_out_key(columns[j].label, design.groupings[term.grouping].name),
                       cell_of(columns[j], rows.variables));
      take_out(columns, j);
      take_out(term.columns, j);
      take_out(measures.terms[t], j);
    }
    term.correlated = term.correlated && columns.size() > 1;
    if (!columns.empty()) continue;
    take_out(rows.term_columns, t);
    take_out(design.terms, t);
    take_out(measures.terms, t);
  }
  return left_out;
}

std::vector<std::string> cells_needed(const DesignRows& rows,
                                      const std::vector<LeftOutColumn>& left_out) {
  std::vector<std::string> reasons;
  if (left_out.empty()) return reasons;
  DesignRows probe(rows.frame);
  probe.variables = rows.variables;
  for (const LeftOutColumn& one : left_out) probe.columns.push_back(one.column);
  for_each_block(probe, chunk_rows, [&](const Rows& block) {
    for (Eigen::Index i = 0; i < block.X.rows(); ++i) {
      std::string& reason = reasons.emplace_back();
      for (std::size_t j = 0; j < left_out.size() && reason.empty(); ++j) {
        if (block.X(i, static_cast<Eigen::Index>(j)) == 0) continue;
        reason = "no row of the fit has " + left_out[j].cell;
      }
    }
  });
  return reasons;
}

std::vector<std::string> left_out_notes(const std::map<std::string, std::string>& left_out) {
  constexpr std::size_t most_named = 5;
  std::vector<std::string> notes;
  for (const auto& [column, cell] : left_out) {
    if (notes.size() == most_named && left_out.size() > most_named + 1) {
      notes.push_back(fmt::format("{} more columns are left out: no row has their cells either",
                                  left_out.size() - most_named));
      break;
    }
    notes.push_back(fmt::format("'{}' is left out: no row has {}", column, cell));
  }
  return notes;
}

}  // namespace tarn::formula
