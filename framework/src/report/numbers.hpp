// Numbers as people read them.
#pragma once

#include <cstddef>
#include <string>

namespace tarn {

/// The decimals of a mean that its Monte Carlo standard error supports: down to the place of the
/// error's first digit. -1: write it with an exponent, or there is no error to go by.
int supported_decimals(double standard_error);

/// With so many decimals; with six significant digits where `decimals` is -1. `-` for NaN.
std::string number_text(double x, int decimals);

/// 1234567 -> "1,234,567".
std::string grouped(std::size_t count);

/// "0.3 s", "12 s", "4 min 10 s", "3 h 20 min".
std::string duration_text(double seconds);

/// "1 row", "2 rows".
std::string count_of(std::size_t count, const std::string& noun);

}  // namespace tarn
