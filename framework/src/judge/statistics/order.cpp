// Radix sort on the leading digits of the keys; comparisons decide where these are equal.
#include "tarn/statistics/order.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#include "tarn/vector.hpp"

namespace tarn::statistics {
namespace {

constexpr unsigned digit_bits = 12;
constexpr std::size_t digits = std::size_t{1} << digit_bits;
constexpr unsigned place_bits = 32;
constexpr int leading_bits = 2 * digit_bits;

/// An integer that orders as the double does.
std::uint64_t key_of(double x) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(x + 0.0);  // -0 becomes 0
  const auto sign = static_cast<std::uint64_t>(static_cast<std::int64_t>(bits) >> 63);
  return bits ^ (sign | 0x8000'0000'0000'0000);
}

void to_offsets(std::span<std::uint32_t> counts) noexcept {
  std::uint32_t sum = 0;
  for (auto& count : counts) {
    const std::uint32_t here = count;
    count = sum;
    sum += here;
  }
}

}  // namespace

void Order::sort(std::span<const double> x) {
  const std::size_t n = x.size();
  values_.resize(n);
  places_.resize(n);
  items_.resize(n);
  spare_.resize(n);
  if (n == 0) return;

  const Eigen::Map<const Vector> draws(x.data(), as_index(n));
  const std::uint64_t base = key_of(draws.minCoeff());
  const int width = 64 - std::countl_zero(key_of(draws.maxCoeff()) - base);
  const int shift = std::max(0, width - leading_bits);

  counts_.assign(2 * digits, 0);
  const auto low = std::span(counts_).first(digits);
  const auto high = std::span(counts_).last(digits);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t leading = (key_of(x[i]) - base) >> shift;
    spare_[i] = leading << place_bits | i;
    ++low[leading % digits];
    ++high[leading / digits];
  }
  to_offsets(low);
  to_offsets(high);
  for (const std::uint64_t item : spare_) items_[low[(item >> place_bits) % digits]++] = item;
  for (const std::uint64_t item : items_) {
    spare_[high[item >> (place_bits + digit_bits)]++] = item;
  }
  for (std::size_t i = 0; i < n; ++i) {
    places_[i] = static_cast<std::uint32_t>(spare_[i]);
    values_[i] = x[places_[i]] + 0.0;
  }
  sort_runs_of_equal_digits();
}

void Order::sort_runs_of_equal_digits() {
  const std::size_t n = values_.size();
  const auto digits_at = [&](std::size_t i) { return spare_[i] >> place_bits; };
  std::vector<std::pair<double, std::uint32_t>> run;
  for (std::size_t i = 1; i < n; ++i) {
    if (values_[i - 1] <= values_[i]) continue;
    std::size_t first = i - 1;
    std::size_t last = i + 1;
    while (first > 0 && digits_at(first - 1) == digits_at(i)) --first;
    while (last < n && digits_at(last) == digits_at(i)) ++last;
    run.clear();
    for (std::size_t k = first; k < last; ++k) run.emplace_back(values_[k], places_[k]);
    std::sort(run.begin(), run.end());
    for (std::size_t k = first; k < last; ++k) {
      std::tie(values_[k], places_[k]) = run[k - first];
    }
    i = last - 1;
  }
}

void Order::keep(const Order& all, std::span<const std::uint32_t> place_of) {
  values_.clear();
  places_.clear();
  for (std::size_t i = 0; i < all.values_.size(); ++i) {
    const std::uint32_t place = place_of[all.places_[i]];
    if (place == dropped) continue;
    values_.push_back(all.values_[i]);
    places_.push_back(place);
  }
}

}  // namespace tarn::statistics
