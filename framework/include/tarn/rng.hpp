// Random numbers that depend on nothing but their name: (seed, chain, purpose, draw, piece).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>

namespace tarn {

struct Ziggurat;

/// What a stream is used for; a number once given never changes its meaning.
enum class Purpose : std::uint32_t {
  start = 0,
  warm_up = 1,
  draw = 2,
  prior = 3,
  predict = 4,
  test = 5,
  pilot = 6,
  design = 7,
  refit = 8,       // the seed of a fit without some rows
  random_pit = 9,  // where in its step of the distribution function a discrete response lies
};

/// The name of a stream. Two different names give independent streams.
struct Stream {
  std::uint64_t seed = 0;
  std::uint32_t chain = 0;
  Purpose purpose = Purpose::draw;
  std::uint64_t draw = 0;
  std::uint64_t piece = 0;  // a part of one draw, e.g. a run of groups
};

/// Philox4x64-10 (Salmon et al. 2011) turns the stream's name into the state of xoshiro256++
/// (Blackman & Vigna 2021), which then runs at the speed of memory. A draw that is split into
/// pieces takes the same numbers however the pieces are scheduled.
class Rng {
 public:
  using result_type = std::uint64_t;

  explicit Rng(const Stream& stream) noexcept;

  /// The stream for piece k (k >= 1) of the same draw.
  Rng piece(std::uint64_t k) const noexcept;

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()() noexcept { return bits(); }

  /// 64 random bits.
  std::uint64_t bits() noexcept { return next(state_); }

  /// Uniform on the open interval (0, 1), a multiple of 2^-52 plus 2^-53: with one bit more the sum
  /// would be rounded, to 1 at the end.
  double uniform() noexcept { return (static_cast<double>(bits() >> 12) + 0.5) * 0x1p-52; }

  /// Standard normal: ziggurat of 256 layers (Marsaglia & Tsang 2000, Doornik 2005).
  double normal() noexcept;
  void normal(std::span<double> fill) noexcept;

  /// Exponential with rate 1.
  double exponential() noexcept;

  /// Gamma with the given shape > 0 and scale 1 (Marsaglia & Tsang 2000, with the power trick
  /// below shape 1).
  double gamma(double shape) noexcept;

  /// Inverse gamma: density proportional to x^(-shape-1) exp(-scale/x).
  double inv_gamma(double shape, double scale) noexcept { return scale / gamma(shape); }

  double chi_squared(double degrees) noexcept { return 2 * gamma(degrees / 2); }

 private:
  using State = std::array<std::uint64_t, 4>;

  static std::uint64_t next(State& state) noexcept {
    const std::uint64_t result = std::rotl(state[0] + state[3], 23) + state[0];
    const std::uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = std::rotl(state[3], 45);
    return result;
  }

  double normal_outside(std::uint64_t random) noexcept;

  Stream stream_;
  const Ziggurat* ziggurat_;
  State state_;
};

}  // namespace tarn
