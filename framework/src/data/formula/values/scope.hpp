// What the values of a formula's nodes are computed from: the table, the rows, the notes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/formula/cells/frame.hpp"
#include "data/formula/language/node.hpp"
#include "tarn/formula.hpp"

namespace tarn::formula {

struct Scope {
  std::string_view formula;  // for messages
  const Frame& frame;
  FormulaState& learnt;                 // used where it knows the call, filled where it does not
  std::vector<std::string> notes = {};  // what was learnt, in words
  bool is_new = false;                  // other data than those learnt from: one level will do
  bool admits = false;                  // a grouping over new data takes levels it does not know
};

/// The column, or InputError under its place: the nearest name and the list.
const Column& column_at(const Node& name, std::string_view formula, const Table& table);

}  // namespace tarn::formula
