// The table of functions.
#include "data/formula/values/functions.hpp"

#include <array>
#include <cmath>

namespace tarn::formula {
namespace {

constexpr std::array<Elementary, 14> elementary{{
    {"log", [](double x) { return std::log(x); }, "a positive number"},
    {"log2", [](double x) { return std::log2(x); }, "a positive number"},
    {"log10", [](double x) { return std::log10(x); }, "a positive number"},
    {"log1p", [](double x) { return std::log1p(x); }, "a number above -1"},
    {"exp", [](double x) { return std::exp(x); }, "a smaller number"},
    {"expm1", [](double x) { return std::expm1(x); }, "a smaller number"},
    {"sqrt", [](double x) { return std::sqrt(x); }, "a number that is not negative"},
    {"abs", [](double x) { return std::abs(x); }, ""},
    {"sin", [](double x) { return std::sin(x); }, ""},
    {"cos", [](double x) { return std::cos(x); }, ""},
    {"tanh", [](double x) { return std::tanh(x); }, ""},
    {"floor", [](double x) { return std::floor(x); }, ""},
    {"ceiling", [](double x) { return std::ceil(x); }, ""},
    {"I", [](double x) { return x; }, ""},
}};

constexpr std::array<std::string_view, 9> others{"center", "scale",     "poly", "bs",    "ns",
                                                 "factor", "as.factor", "C",    "offset"};

}  // namespace

const Elementary* find_elementary(std::string_view name) noexcept {
  for (const Elementary& function : elementary) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Elementary& function : elementary) names.emplace_back(function.name);
  names.insert(names.end(), others.begin(), others.end());
  return names;
}

}  // namespace tarn::formula
