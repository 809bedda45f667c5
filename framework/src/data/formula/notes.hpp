// What people should look at in their data, although nothing need be wrong with it.
#pragma once

#include <string>
#include <vector>

#include "data/formula/build.hpp"

namespace tarn::formula {

/// Throws InputError where None, NA or a lone point is the commonest value of a column of text, and
/// nobody has said that it stands for a missing value: it may be a level like the others.
void refuse_common_codes(const Table& table, const Names& used);

/// Codes that were taken as missing in the columns of text, with their counts.
std::vector<std::string> code_notes(const Table& table, const Names& used);

/// The same, then levels that look alike, a group named Total, values that may stand for missing
/// ones, slopes of groups that are smaller than their number. A sentence each.
std::vector<std::string> notes_on(const Built& built, const Names& used, const Names& groupings);

}  // namespace tarn::formula
