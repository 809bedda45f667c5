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

/// R's quantile of type 7 (Hyndman & Fan 1996), of values in order.
double quantile_of(std::span<const double> sorted, double p);

/// Names of all functions of the language.
std::vector<std::string> function_names();

}  // namespace tarn::formula
