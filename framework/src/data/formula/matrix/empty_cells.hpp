// Columns of interactions that are 0 in every row: cells that never occur.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/formula/matrix/measure.hpp"

namespace tarn::formula {

/// Takes them out of the rows, the design and its measures; a group term that loses all its columns
/// goes too. Gives each with its cell, as FormulaState::left_out holds them.
std::map<std::string, std::string> leave_out_empty(DesignRows& rows, Design& design,
                                                   Measures& measures);

/// What was left out of a fit, in sentences.
std::vector<std::string> left_out_notes(const std::map<std::string, std::string>& left_out);

/// A column that has no coefficient, and its cell: `f = c with h = v`.
struct LeftOutColumn {
  ProductColumn column;
  std::string cell;
};

/// Of new rows: why each cannot be predicted, where it needs one of these columns; else nothing.
/// Empty where there is no such column.
std::vector<std::string> cells_needed(const DesignRows& rows,
                                      const std::vector<LeftOutColumn>& left_out);

/// `fc:hv`, or `fc:hv | g` of a group term on g.
std::string left_out_key(const std::string& label, const std::string& grouping);

}  // namespace tarn::formula
