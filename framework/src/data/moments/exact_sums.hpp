// Sums of doubles by group and column without rounding, so that their order does not matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "data/moments/lanes.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// Fixed-point sums (Kulisch 2013, §8) in digits of 40 bits, each summed in 64: digit d of a column
/// counts units of 2^(exponent + 40 d). Nearly all values lie within digits 0 and 1, which are
/// taken off by adding and subtracting a large number (Demmel & Nguyen 2015); digits above and
/// below come into being when a value needs them. What is read is the sum, rounded once.
class ExactSums {
 public:
  ExactSums(std::size_t groups, std::size_t columns);

  void clear();

  /// Before the first add(): columns' usual magnitude. Speed depends on it, and no sum.
  void expect(ConstVectorRef magnitude);

  /// Values are padded with zeros to this many.
  std::size_t width() const { return width_; }

  /// Adds weight[i] * (row i of `values`) to the sums of group[i], for `count` rows.
  void add(const std::int32_t* group, const double* weight, const double* values,
           std::size_t count);

  void merge(const ExactSums& other);

  /// The double next to the sum; NaN if a value of the column was not finite.
  double sum(std::size_t group, std::size_t column) const;

 private:
  std::size_t groups() const { return near_.size() / (2 * width_); }
  std::size_t place_near(int d, std::size_t group, std::size_t column) const {
    return (2 * group + (d == 1 ? 1 : 0)) * width_ + column;
  }
  std::int64_t& digit(int d, std::size_t group, std::size_t column);
  std::int64_t digit(int d, std::size_t group, std::size_t column) const;
  void add_beyond(std::size_t group, double weight, const double* values);
  void add_digits(std::size_t group, std::size_t column, double x);
  void add(std::size_t group, double weight, const double* values);
  void prefetch(std::size_t group) const;
  void count(std::uint64_t additions);
  void carry();

  std::size_t columns_;
  std::size_t width_;
  std::vector<int> exponent_;                     // of the unit of digit 0
  std::vector<double> low_, high_;                // 1.5 x 2^52 units of digits 0 and 1
  std::vector<char> finite_;                      // by column
  Aligned<std::int64_t> near_;                    // by group: digits 0 of the columns, digits 1
  std::map<int, std::vector<std::int64_t>> far_;  // other digits, by group and column
  std::uint64_t additions_ = 0;                   // since the last carry
};

}  // namespace tarn
