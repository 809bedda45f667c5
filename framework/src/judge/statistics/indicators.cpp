// With p the share of ones, sum (I_t - p)(I_{t+k} - p) = both - p (head + tail) + (n - k) p^2,
// where `both` counts the pairs that are both 1, `head` and `tail` the ones of the first and last n
// - k.
#include "tarn/statistics/indicators.hpp"

#include <algorithm>

namespace tarn::statistics {
namespace {

constexpr std::size_t word_bits = 64;

/// Bits set in `word(0)`, ... `word(count - 1)`: counted side by side in bytes, which compilers
/// turn into vector instructions; few processors that we must run on are known to have an
/// instruction.
template <class Word>
std::size_t count_ones(std::size_t count, const Word& word) {
  constexpr std::size_t most = 31;  // words until a byte may overflow
  std::size_t ones = 0;
  for (std::size_t first = 0; first < count; first += most) {
    std::uint64_t by_byte = 0;
    const std::size_t last = std::min(count, first + most);
    for (std::size_t i = first; i < last; ++i) {
      std::uint64_t w = word(i);
      w -= w >> 1 & 0x5555'5555'5555'5555;
      w = (w & 0x3333'3333'3333'3333) + (w >> 2 & 0x3333'3333'3333'3333);
      by_byte += (w + (w >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
    }
    by_byte = (by_byte & 0x00ff'00ff'00ff'00ff) + (by_byte >> 8 & 0x00ff'00ff'00ff'00ff);
    ones += by_byte * 0x0001'0001'0001'0001 >> 48;
  }
  return ones;
}

/// Ones among the first `draws`.
std::size_t ones_before(const std::uint64_t* words, std::size_t draws) {
  const std::uint64_t rest = (std::uint64_t{1} << draws % word_bits) - 1;
  return count_ones(draws / word_bits + 1, [&](std::size_t i) {
    return i < draws / word_bits ? words[i] : words[i] & rest;
  });
}

}  // namespace

Indicators::Indicators(std::size_t draws, std::size_t count)
    : words_per_sequence_(draws / word_bits + 2),
      bit_of_(draws * count),
      words_(words_per_sequence_ * count),
      ones_(count) {
  draws_ = draws;
  count_ = count;
  for (std::size_t place = 0; place < bit_of_.size(); ++place) {
    bit_of_[place] =
        static_cast<std::uint32_t>(place / draws * words_per_sequence_ * word_bits + place % draws);
  }
}

void Indicators::assign(std::span<const std::uint32_t> places, std::size_t ones) {
  informative_ = ones > 0 && ones < places.size();
  // Zeros and ones have the same moments the other way round: the fewer bits are set.
  const auto set = ones <= places.size() / 2 ? places.first(ones) : places.subspan(ones);
  std::fill(words_.begin(), words_.end(), 0);
  for (const std::uint32_t place : set) {
    const std::uint32_t bit = bit_of_[place];
    words_[bit / word_bits] |= std::uint64_t{1} << bit % word_bits;
  }

  const auto n = static_cast<double>(draws_);
  const auto m = static_cast<double>(count_);
  const double mean = static_cast<double>(set.size()) / (n * m);
  within_ = 0;
  between_ = 0;
  for (std::size_t j = 0; j < count_; ++j) {
    ones_[j] = static_cast<double>(ones_before(words_of(j), draws_));
    within_ += ones_[j] * (n - ones_[j]) / n;
    between_ += (ones_[j] / n - mean) * (ones_[j] / n - mean);
  }
  within_ /= (n - 1) * m;
  between_ = count_ > 1 ? between_ / (m - 1) : 0;
}

double Indicators::autocovariance(std::size_t lag) {
  const std::size_t skip = lag / word_bits;
  const std::size_t shift = lag % word_bits;
  const std::size_t overlap = draws_ - lag;
  double sum = 0;
  for (std::size_t j = 0; j < count_; ++j) {
    const std::uint64_t* head = words_of(j);
    const std::uint64_t* tail = head + skip;
    // Shifted left in two steps: by 64 at once is not defined.
    const std::size_t both = count_ones(words_per_sequence_ - 1 - skip, [&](std::size_t i) {
      return head[i] & (tail[i] >> shift | tail[i + 1] << 1 << (word_bits - 1 - shift));
    });
    const double p = ones_[j] / static_cast<double>(draws_);
    const auto in_head = static_cast<double>(ones_before(head, overlap));
    const double in_tail = ones_[j] - static_cast<double>(ones_before(head, lag));
    sum +=
        static_cast<double>(both) - p * (in_head + in_tail) + static_cast<double>(overlap) * p * p;
  }
  return sum / static_cast<double>(draws_ * count_);
}

}  // namespace tarn::statistics
