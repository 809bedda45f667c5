// The tables of functions that a formula may call.
#include "data/formula/values/functions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "tarn/index.hpp"

namespace tarn::formula {
namespace {

constexpr std::array<Elementary, 31> elementary{{
    {"log", [](double x) { return std::log(x); }, "a positive number"},
    {"log2", [](double x) { return std::log2(x); }, "a positive number"},
    {"log10", [](double x) { return std::log10(x); }, "a positive number"},
    {"log1p", [](double x) { return std::log1p(x); }, "a number above -1"},
    {"exp", [](double x) { return std::exp(x); }, "a smaller number"},
    {"expm1", [](double x) { return std::expm1(x); }, "a smaller number"},
    {"sqrt", [](double x) { return std::sqrt(x); }, "a number that is not negative"},
    {"abs", [](double x) { return std::abs(x); }, ""},
    {"sign", [](double x) { return x > 0   ? 1.0
                                   : x < 0 ? -1.0
                                           : x; }, ""},
    {"floor", [](double x) { return std::floor(x); }, ""},
    {"ceiling", [](double x) { return std::ceil(x); }, ""},
    {"trunc", [](double x) { return std::trunc(x); }, ""},
    {"sin", [](double x) { return std::sin(x); }, ""},
    {"cos", [](double x) { return std::cos(x); }, ""},
    {"tan", [](double x) { return std::tan(x); }, ""},
    {"asin", [](double x) { return std::asin(x); }, "a number from -1 to 1"},
    {"acos", [](double x) { return std::acos(x); }, "a number from -1 to 1"},
    {"atan", [](double x) { return std::atan(x); }, ""},
    {"sinh", [](double x) { return std::sinh(x); }, "a smaller number"},
    {"cosh", [](double x) { return std::cosh(x); }, "a smaller number"},
    {"tanh", [](double x) { return std::tanh(x); }, ""},
    {"asinh", [](double x) { return std::asinh(x); }, ""},
    {"acosh", [](double x) { return std::acosh(x); }, "a number of at least 1"},
    {"atanh", [](double x) { return std::atanh(x); }, "a number between -1 and 1"},
    {"plogis", [](double x) { return 1 / (1 + std::exp(-x)); }, ""},
    {"qlogis", [](double x) { return std::log(x / (1 - x)); }, "a number between 0 and 1"},
    {"gamma", [](double x) { return std::tgamma(x); }, "a positive number that is not too large"},
    {"lgamma", [](double x) { return std::lgamma(x); }, "a positive number"},
    {"factorial", [](double x) { return std::tgamma(x + 1); }, "a number from 0 to 170"},
    {"round", [](double x) { return std::nearbyint(x); }, ""},
    {"I", [](double x) { return x; }, ""},
}};

double mean_of(std::span<double> x) {
  const auto n = static_cast<long double>(x.size());
  const long double first = std::accumulate(x.begin(), x.end(), 0.0L) / n;
  // R adds the mean of what is left.
  long double rest = 0;
  for (const double value : x) rest += value - first;
  return static_cast<double>(first + rest / n);
}

double variance_of(std::span<double> x) {
  const double mean = mean_of(x);
  long double squares = 0;
  for (const double value : x) squares += (value - mean) * (value - mean);
  return static_cast<double>(squares / static_cast<long double>(x.size() - 1));
}

double median_of(std::span<double> x) {
  std::ranges::sort(x);
  const std::size_t half = x.size() / 2;
  return x.size() % 2 == 1 ? x[half] : (x[half - 1] + x[half]) / 2;
}

constexpr std::array<Statistic, 7> statistics{{
    {"mean", mean_of},
    {"sd", [](std::span<double> x) { return std::sqrt(variance_of(x)); }},
    {"var", variance_of},
    {"median", median_of},
    {"min", [](std::span<double> x) { return *std::ranges::min_element(x); }},
    {"max", [](std::span<double> x) { return *std::ranges::max_element(x); }},
    {"sum",
     [](std::span<double> x) {
       return static_cast<double>(std::accumulate(x.begin(), x.end(), 0.0L));
     }},
}};

constexpr std::array<std::string_view, 25> others{
    "signif",    "pmin",         "pmax",   "atan2",     "ifelse",  "as.numeric", "as.integer",
    "as.double", "as.character", "center", "scale",     "poly",    "bs",         "ns",
    "cut",       "factor",       "C",      "as.factor", "relevel", "droplevels", "interaction",
    "quantile",  "seq",          "c",      "offset"};

template <class Entries>
auto find_in(const Entries& entries, std::string_view name) -> decltype(entries.data()) {
  for (const auto& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

const Elementary* find_elementary(std::string_view name) noexcept {
  return find_in(elementary, name);
}

const Statistic* find_statistic(std::string_view name) noexcept {
  return find_in(statistics, name);
}

std::vector<std::string> function_names() {
  std::vector<std::string> names;
  for (const Elementary& function : elementary) names.emplace_back(function.name);
  for (const Statistic& statistic : statistics) names.emplace_back(statistic.name);
  names.insert(names.end(), others.begin(), others.end());
  return names;
}

}  // namespace tarn::formula
