// The functions that a formula may call.
#pragma once

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

/// Names of all functions of the language.
std::vector<std::string> function_names();

}  // namespace tarn::formula
