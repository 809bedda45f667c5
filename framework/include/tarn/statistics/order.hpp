// Ascending order of one parameter's draws, by radix sort.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tarn::statistics {

/// Sorts doubles, keeping its work space from one parameter to the next.
class Order {
 public:
  /// `x` has no NaN; -0 counts as 0. At most 2^32 values.
  void sort(std::span<const double> x);

  /// Keeps the elements for which `place_of` gives a place other than `dropped`, renumbered by it.
  static constexpr std::uint32_t dropped = 0xffffffff;
  void keep(const Order& all, std::span<const std::uint32_t> place_of);

  /// The values in ascending order, and where each of them stood.
  std::span<const double> values() const noexcept { return values_; }
  std::span<const std::uint32_t> places() const noexcept { return places_; }

 private:
  void sort_runs_of_equal_digits();

  std::vector<double> values_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint64_t> items_;  // leading digits of the key << 32 | place
  std::vector<std::uint64_t> spare_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace tarn::statistics
