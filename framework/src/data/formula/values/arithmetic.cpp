// R's round, signif, %% and the like, as in R 4.0.0 and later (arithmetic.c, fround.c, fprec.c).
#include "data/formula/values/arithmetic.hpp"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

namespace tarn::formula {
namespace {

constexpr double most_exact = 1 / DBL_EPSILON;  // whole numbers beyond it have gaps

/// 10^n, |n| <= 308, correctly rounded by the library for whole powers.
double power_of_ten(int n) { return std::pow(10.0, n); }

double rounded_magnitude(double x, int digits) {
  if (digits == 0) return std::nearbyint(x);
  const double ten = power_of_ten(std::abs(digits));
  const auto at = [=](double whole) { return digits > 0 ? whole / ten : whole * ten; };
  const double scaled = digits > 0 ? x * ten : x / ten;
  if (!std::isfinite(scaled)) return x;
  const double below = std::floor(scaled);
  const double down = at(below);
  const double up = at(std::ceil(scaled));
  const double to_down = x - down;
  const double to_up = up - x;
  const bool is_even = std::fmod(below, 2) == 0;
  return to_down < to_up || (is_even && to_down == to_up) ? down : up;
}

}  // namespace

double whole_quotient(double x, double y) {
  const double q = x / y;
  if (y == 0 || std::abs(q) > most_exact || !std::isfinite(q)) return q;
  if (std::abs(q) < 1) {
    const bool below = q < 0 || (x < 0 && y > 0) || (x > 0 && y < 0);
    return below ? -1 : 0;
  }
  const long double whole = std::floor(q);
  const long double rest = x - whole * y;
  return static_cast<double>(whole + std::floor(rest / y));
}

double remainder_of(double x, double y) {
  if (y == 0) return std::numeric_limits<double>::quiet_NaN();
  const double q = x / y;
  const long double rest = x - std::floor(q) * static_cast<long double>(y);
  const auto again = static_cast<double>(rest / y);
  return static_cast<double>(rest - std::floor(static_cast<long double>(again)) * y);
}

double log_to_base(double x, double base) {
  if (base == 10) return std::log10(x);
  if (base == 2) return std::log2(x);
  return std::log(x) / std::log(base);
}

double rounded(double x, int digits) {
  // A double has 15 digits that are sure; more of them are not asked for.
  if (x == 0 || !std::isfinite(x) || digits > 323) return x;
  const int places = DBL_DIG - static_cast<int>(std::floor(std::log10(std::abs(x))));
  if (digits > places) return x;
  if (digits < -308) return 0;
  return std::copysign(rounded_magnitude(std::abs(x), digits), x);
}

double significant(double x, int digits) {
  constexpr int most = 22;
  if (x == 0 || !std::isfinite(x) || digits > most) return x;
  const int places =
      std::max(digits, 1) - 1 - static_cast<int>(std::floor(std::log10(std::abs(x))));
  if (std::abs(places) > 300) return x;  // the edges of the range, where nothing is lost
  const double ten = power_of_ten(std::abs(places));
  return places > 0 ? std::nearbyint(x * ten) / ten : std::nearbyint(x / ten) * ten;
}

}  // namespace tarn::formula
