// The functions that a formula may call.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tarn::formula {

/// A function of one number.
struct Elementary {
  std::string_view name;
  double (*apply)(double);
  std::string_view needs;  // of its argument, for messages; may be empty
};

const Elementary* find_elementary(std::string_view name) noexcept;

/// A number that is learnt from all values: mean(x).
struct Statistic {
  std::string_view name;
  double (*of)(std::span<double> values);  // which may change their order
};

const Statistic* find_statistic(std::string_view name) noexcept;

/// Names of all functions of the language.
std::vector<std::string> function_names();

}  // namespace tarn::formula
