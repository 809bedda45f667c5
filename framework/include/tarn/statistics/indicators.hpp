// Sequences of zeros and ones, a bit each: autocovariances by counting.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tarn/statistics/sequences.hpp"

namespace tarn::statistics {

/// I(x <= q) of all draws.
class Indicators final : public Sequences {
 public:
  Indicators(std::size_t draws, std::size_t count);

  /// `places` of all draws in ascending order, sequence after sequence; the first `ones` are 1.
  void assign(std::span<const std::uint32_t> places, std::size_t ones);

  double autocovariance(std::size_t lag) override;

 private:
  const std::uint64_t* words_of(std::size_t sequence) const {
    return words_.data() + sequence * words_per_sequence_;
  }

  std::size_t words_per_sequence_;     // with one word of zeros at the end
  std::vector<std::uint32_t> bit_of_;  // where the bit of each draw is
  std::vector<std::uint64_t> words_;
  std::vector<double> ones_;  // of each sequence
};

}  // namespace tarn::statistics
