// What is at hand while the nodes of a formula are given values.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/formula/language/node.hpp"
#include "data/formula/values/frame.hpp"

namespace tarn::formula {

/// All that a formula learns from its data, by the text of the call (`center(x)`) or of the factor.
/// With it the same formula gives the same columns over other data.
struct Learnt {
  std::map<std::string, std::vector<double>> numbers;
  std::map<std::string, std::vector<std::string>> levels;
};

struct Scope {
  std::string_view formula;  // for messages
  const Frame& frame;
  Learnt& learnt;                  // used where it knows the call, filled where it does not
  std::vector<std::string> notes;  // what was learnt, in words
};

/// The column, or InputError under its place: the nearest name and the list.
const Column& column_at(const Node& name, std::string_view formula, const Table& table);

/// `line 17 says 'abc'`: the first cell of a text column that is not a number.
std::string first_text(const Column& column);

/// `column 'g' holds text: line 17 says 'abc'`
std::string holds_text(const Column& column);

}  // namespace tarn::formula
