// Digits of fixed-point sums: taking them off a double, carrying, and rounding what they are worth.
#include "data/moments/exact_sums.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace tarn {
namespace {

constexpr int digit_bits = 40;
constexpr std::uint64_t half_digit = std::uint64_t{1} << (digit_bits - 1);
// A digit is at most 2^40, so that 2^22 of them, a block more and a carry stay within 63 bits.
constexpr std::uint64_t additions_between_carries = std::uint64_t{1} << 22;

__extension__ using Wide = __int128;

std::uint64_t bits(double x) { return std::bit_cast<std::uint64_t>(x); }

/// Wraps, so that what was added in error can be taken off again.
void add_to(std::int64_t& sum, std::uint64_t number) {
  sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) + number);
}

/// Takes what exceeds a digit's range off it; to be added to the next.
std::int64_t take_carry(std::int64_t& digit) {
  constexpr std::int64_t half = std::int64_t{1} << (digit_bits - 1);
  const std::int64_t carry = (digit + half) >> digit_bits;
  digit -= carry * (std::int64_t{1} << digit_bits);
  return carry;
}

/// The double next to the number with these carried digits, the lowest first, in units of
/// 2^exponent.
double rounded(const std::vector<std::int64_t>& digits, int exponent) {
  std::size_t top = digits.size();
  while (top > 0 && digits[top - 1] == 0) --top;
  // Three digits have 80 bits below the leading one; of all others only the sign matters.
  const std::size_t end = top > 3 ? top - 3 : 0;
  Wide value = 0;
  for (std::size_t d = top; d-- > end;) value = value * (Wide{1} << digit_bits) + digits[d];
  std::int64_t rest = 0;
  for (std::size_t d = end; d-- > 0 && rest == 0;) rest = digits[d];
  value = 2 * value + (rest > 0 ? 1 : rest < 0 ? -1 : 0);
  return std::ldexp(static_cast<double>(value), exponent - 1 + digit_bits * static_cast<int>(end));
}

}  // namespace

ExactSums::ExactSums(std::size_t groups, std::size_t columns)
    : columns_(columns),
      width_(padded(columns)),
      exponent_(width_),
      low_(width_),
      high_(width_),
      finite_(width_, 1),
      near_(groups * 2 * width_) {
  expect(Vector::Ones(static_cast<Eigen::Index>(columns)));
}

void ExactSums::clear() {
  std::ranges::fill(near_, 0);
  std::ranges::fill(finite_, 1);
  far_.clear();
  additions_ = 0;
}

void ExactSums::expect(ConstVectorRef magnitude) {
  // 12 bits of room above leave 67 below: the last bit of values down to 2^-15 of the magnitude.
  constexpr int below = 2 * digit_bits - 1 - 12;
  // The unit is a double, and so are 1.5 x 2^52 units of digit 1.
  constexpr int least = std::numeric_limits<double>::min_exponent - 53;
  constexpr int greatest = std::numeric_limits<double>::max_exponent - 54 - digit_bits;
  for (std::size_t k = 0; k < width_; ++k) {
    const double x = k < columns_ ? std::abs(magnitude[static_cast<Eigen::Index>(k)]) : 1;
    const int exponent = x > 0 && std::isfinite(x) ? std::ilogb(x) + 1 : 0;
    exponent_[k] = std::clamp(exponent - below, least, greatest);
    low_[k] = std::ldexp(1.5, 52 + exponent_[k]);
    high_[k] = std::ldexp(1.5, 52 + exponent_[k] + digit_bits);
  }
}

void ExactSums::add(const std::int32_t* group, const double* weight, const double* values,
                    std::size_t count) {
  constexpr std::size_t ahead = 8;
  for (std::size_t i = 0; i < count; ++i) {
    if (i + ahead < count) prefetch(static_cast<std::size_t>(group[i + ahead]));
    add(static_cast<std::size_t>(group[i]), weight[i], values + i * width_);
  }
  this->count(count);
}

/// Sums of groups are far apart in memory.
inline void ExactSums::prefetch(std::size_t group) const {
  const std::int64_t* const at = &near_[2 * width_ * group];
  for (std::size_t i = 0; i < 2 * width_; i += line / sizeof *at) __builtin_prefetch(at + i, 1);
}

inline void ExactSums::add(std::size_t group, double weight, const double* values) {
  std::int64_t* const low = &near_[2 * width_ * group];
  std::int64_t* const high = low + width_;
  const double* const low_shift = low_.data();
  const double* const high_shift = high_.data();
  LaneBits above{};  // more than digit 1 holds
  LaneBits below{};  // less than the unit of digit 0
  for (std::size_t k = 0, width = width_; k < width; k += lanes) {
    const Lanes x = weight * load_lanes<Lanes>(values + k);
    const auto shift = load_lanes<Lanes>(high_shift + k);
    const Lanes a = x + shift;  // x to whole units of digit 1, and their number in the bits
    const Lanes rest = x - (a - shift);
    const LaneBits units = (LaneBits)a - (LaneBits)shift;
    store_lanes(high + k, load_lanes<LaneBits>(high + k) + units);
    above |= units + half_digit;

    const auto small_shift = load_lanes<Lanes>(low_shift + k);
    const Lanes b = rest + small_shift;
    store_lanes(low + k, load_lanes<LaneBits>(low + k) + ((LaneBits)b - (LaneBits)small_shift));
    below |= (LaneBits)(rest - (b - small_shift));
  }
  if ((above[0] | above[1]) >> digit_bits != 0 || (below[0] | below[1]) != 0) [[unlikely]] {
    add_beyond(group, weight, values);
  }
}

/// Puts right what add() did with values that lie beyond digits 0 and 1.
void ExactSums::add_beyond(std::size_t group, double weight, const double* values) {
  std::int64_t* const low = &near_[2 * width_ * group];
  std::int64_t* const high = low + width_;
  for (std::size_t k = 0; k < width_; ++k) {
    const double x = weight * values[k];
    const double a = x + high_[k];
    const double rest = x - (a - high_[k]);
    const double b = rest + low_[k];
    const std::uint64_t units = bits(a) - bits(high_[k]);
    if ((units + half_digit) >> digit_bits != 0) {
      add_to(high[k], -units);
      add_to(low[k], bits(low_[k]) - bits(b));
      add_digits(group, k, x);
    } else {
      add_digits(group, k, rest - (b - low_[k]));
    }
  }
}

/// Adds any double, from its highest digit down.
void ExactSums::add_digits(std::size_t group, std::size_t column, double x) {
  if (!std::isfinite(x)) {
    finite_[column] = 0;
    return;
  }
  while (x != 0) {
    const int above = std::ilogb(x) - exponent_[column];
    const int d = above >= 0 ? above / digit_bits : -((digit_bits - 1 - above) / digit_bits);
    const int unit = exponent_[column] + d * digit_bits;
    const double number = std::nearbyint(std::ldexp(x, -unit));
    digit(d, group, column) += static_cast<std::int64_t>(number);
    x -= std::ldexp(number, unit);
  }
}

void ExactSums::merge(const ExactSums& other) {
  if (exponent_ == other.exponent_) {
    for (std::size_t i = 0; i < near_.size(); ++i) near_[i] += other.near_[i];
    for (const auto& [d, digits] : other.far_) {
      std::vector<std::int64_t>& own = far_[d];
      own.resize(digits.size());
      for (std::size_t i = 0; i < own.size(); ++i) own[i] += digits[i];
    }
    count(other.additions_ + 1);
  } else {
    for (std::size_t j = 0; j < groups(); ++j) {
      for (std::size_t k = 0; k < columns_; ++k) {
        const auto move = [&](int d) {
          std::int64_t number = other.digit(d, j, k);
          const std::int64_t carry = take_carry(number);  // doubles hold both
          const int unit = other.exponent_[k] + d * digit_bits;
          add_digits(j, k, std::ldexp(static_cast<double>(number), unit));
          add_digits(j, k, std::ldexp(static_cast<double>(carry), unit + digit_bits));
        };
        move(0);
        move(1);
        for (const auto& [d, digits] : other.far_) move(d);
      }
    }
    count(8);
  }
  for (std::size_t k = 0; k < width_; ++k) finite_[k] &= other.finite_[k];
}

double ExactSums::sum(std::size_t group, std::size_t column) const {
  if (finite_[column] == 0) return std::numeric_limits<double>::quiet_NaN();
  const bool near = std::ranges::all_of(
      far_, [&](const auto& it) { return it.second[group * width_ + column] == 0; });
  const std::int64_t low = digit(0, group, column);
  const std::int64_t high = digit(1, group, column);
  constexpr std::int64_t whole = std::int64_t{1} << 53;  // doubles hold integers up to this
  if (near && std::max(std::abs(low), std::abs(high)) < whole) {
    // Both terms are exact, so the sum is rounded once.
    const double sum = static_cast<double>(high) * 0x1p40 + static_cast<double>(low);
    return std::ldexp(sum, exponent_[column]);
  }
  const int lowest = far_.empty() ? 0 : std::min(0, far_.begin()->first);
  const int highest = far_.empty() ? 1 : std::max(1, far_.rbegin()->first);
  std::vector<std::int64_t> digits;
  std::int64_t carried = 0;
  for (int d = lowest; d <= highest || carried != 0; ++d) {
    std::int64_t number = (d <= highest ? digit(d, group, column) : 0) + carried;
    carried = take_carry(number);
    digits.push_back(number);
  }
  return rounded(digits, exponent_[column] + lowest * digit_bits);
}

std::int64_t& ExactSums::digit(int d, std::size_t group, std::size_t column) {
  if (d == 0 || d == 1) return near_[place_near(d, group, column)];
  std::vector<std::int64_t>& digits = far_[d];
  if (digits.empty()) digits.resize(groups() * width_);
  return digits[group * width_ + column];
}

std::int64_t ExactSums::digit(int d, std::size_t group, std::size_t column) const {
  if (d == 0 || d == 1) return near_[place_near(d, group, column)];
  const auto found = far_.find(d);
  return found == far_.end() ? 0 : found->second[group * width_ + column];
}

void ExactSums::count(std::uint64_t additions) {
  additions_ += additions;
  if (additions_ >= additions_between_carries) carry();
}

/// Brings every digit back to 40 bits.
void ExactSums::carry() {
  for (std::size_t j = 0; j < groups(); ++j) {
    for (std::size_t k = 0; k < columns_; ++k) {
      int d = far_.empty() ? 0 : std::min(0, far_.begin()->first);
      for (bool more = true; more; ++d) {
        const int highest = far_.empty() ? 1 : std::max(1, far_.rbegin()->first);
        more = d < highest;
        if (std::as_const(*this).digit(d, j, k) == 0) continue;
        const std::int64_t carried = take_carry(digit(d, j, k));
        if (carried == 0) continue;
        digit(d + 1, j, k) += carried;
        more = true;
      }
    }
  }
  additions_ = 1;
}

}  // namespace tarn
