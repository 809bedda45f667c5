// Numbers that may stand for missing values.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tarn::formula {

/// `day holds whole numbers such as 20240105, ...`: years, months and days in one, whose
/// differences are no days. Five different ones at least, all of them dates: one number in 27 would
/// be.
std::optional<std::string> date_note(const std::string& name, const std::vector<double>& values);

/// `x is -999 in 3 rows, far outside the others (0.67 to 9.9) ...`. A sentinel has the look of one
/// (nines, eights or sevens, 998, a limit of the machine's numbers, a power of ten from 1e15 on)
/// and stands apart: the gap to the next value is wider than all the others together reach, or half
/// as wide where it alone is negative. Either alone happens: an outlier is seldom so round, and a
/// score of 99 seldom so far.
std::optional<std::string> sentinel_note(const std::string& name,
                                         const std::vector<double>& values);

}  // namespace tarn::formula
