// The left side of a formula, and the way back from it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

struct Response {
  std::string text;                  // as R deparses it: log(y)
  std::vector<std::string> columns;  // that it is made of
  /// From a value of the response to that of its only column: exp for log(y). NaN where no value of
  /// the column gives it: a negative sqrt(y). Empty where there is no way back: y/x, scale(y).
  std::function<double(double)> column;
  /// Of factor(y, levels = c(...)): what the column says for 1, 2, ... as texts, or as numbers.
  std::vector<std::string> levels;
  bool levels_are_numbers = false;
};

/// Throws InputError for what is no formula.
Response response_of(std::string_view formula);

}  // namespace tarn
