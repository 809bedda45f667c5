// Dates and times among the cells of a column of text.
#pragma once

#include <string_view>

namespace tarn::formula {

enum class Calendar { neither, date, time };

/// 2024-01-05, 01/02/2024, 5.1.24, 2024-01, 2024-W05, 2024Q1, 5 Jan 2024, January, with a time or
/// without; 10:30, 10:30:15.5, 5 pm. Blanks around the cell do not count.
Calendar calendar_of(std::string_view cell);

}  // namespace tarn::formula
