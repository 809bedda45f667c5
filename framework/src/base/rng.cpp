// Named random streams and the variates drawn from them.
#include "tarn/rng.hpp"

#include <cmath>
#include <numbers>

#include <Random123/philox.h>

#include "base/ziggurat.hpp"

namespace tarn {
namespace {

constexpr std::uint64_t key_word = 0x6e726174;  // "tarn": sets our streams apart from other users'

/// A random place in the ziggurat.
struct Place {
  explicit Place(std::uint64_t random) noexcept
      : layer(random & 255),
        // The upper 53 bits as a signed fraction in [-1, 1); the lowest 8 choose the layer.
        u(static_cast<double>(static_cast<std::int64_t>(random) >> 11) * 0x1p-52) {}

  std::size_t layer;
  double u;
};

}  // namespace

Rng::Rng(const Stream& stream) noexcept : stream_(stream), ziggurat_(&Ziggurat::normal()) {
  const std::uint64_t chain_and_purpose =
      (std::uint64_t{stream.chain} << 32) | static_cast<std::uint32_t>(stream.purpose);
  const r123::Philox4x64::ctr_type counter = {{stream.draw, stream.piece, chain_and_purpose, 0}};
  const r123::Philox4x64::key_type key = {{stream.seed, key_word}};
  const auto words = r123::Philox4x64{}(counter, key);
  state_ = {words[0], words[1], words[2], words[3]};
}

Rng Rng::piece(std::uint64_t k) const noexcept {
  Stream stream = stream_;
  stream.piece = k;
  return Rng(stream);
}

double Rng::normal() noexcept {
  const std::uint64_t random = bits();
  const Place at(random);
  const Ziggurat& z = *ziggurat_;
  if (std::abs(at.u) < z.ratio[at.layer]) return at.u * z.edge[at.layer];
  return normal_outside(random);
}

void Rng::normal(std::span<double> fill) noexcept {
  const Ziggurat& z = *ziggurat_;
  State state = state_;  // in registers, which saves nearly half the time
  for (double& x : fill) {
    const std::uint64_t random = next(state);
    const Place at(random);
    if (std::abs(at.u) < z.ratio[at.layer]) [[likely]] {
      x = at.u * z.edge[at.layer];
      continue;
    }
    state_ = state;
    x = normal_outside(random);
    state = state_;
  }
  state_ = state;
}

/// Of a hundred, the one that lands where its layer is not wholly under the density.
double Rng::normal_outside(std::uint64_t random) noexcept {
  const Ziggurat& z = *ziggurat_;
  const auto [layer, u] = Place(random);
  if (layer == 0) {  // the tail beyond the last edge (Marsaglia 1964)
    double x = 0;
    double y = 0;
    do {
      x = exponential() / z.edge[1];
      y = exponential();
    } while (2 * y < x * x);
    return std::copysign(z.edge[1] + x, u);
  }
  const double x = u * z.edge[layer];
  const double below = z.height[layer];
  const double above = z.height[layer + 1];
  if (below + (above - below) * uniform() < std::exp(-0.5 * x * x)) return x;
  return normal();
}

double Rng::exponential() noexcept { return -std::log(uniform()); }

double Rng::gamma(double shape) noexcept {
  if (shape < 1) {
    const double scaled = gamma(shape + 1);
    return scaled * std::pow(uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = normal();
    const double t = 1 + c * x;
    if (t <= 0) continue;
    const double v = t * t * t;
    const double u = uniform();
    if (u < 1 - 0.0331 * (x * x) * (x * x)) return d * v;
    if (std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) return d * v;
  }
}

const Ziggurat& Ziggurat::normal() noexcept {
  static const Ziggurat tables;
  return tables;
}

Ziggurat::Ziggurat() noexcept {
  // The last edge for 256 layers of equal area (Marsaglia & Tsang 2000); all else follows from it.
  const double last = 3.6541528853610088;
  const auto f = [](double x) { return std::exp(-0.5 * x * x); };
  const double area =
      last * f(last) + std::sqrt(std::numbers::pi / 2) * std::erfc(last / std::numbers::sqrt2);

  edge[0] = area / f(last);  // the base layer, as if its tail were a rectangle
  edge[1] = last;
  for (std::size_t i = 2; i < layers; ++i) {
    edge[i] = std::sqrt(-2 * std::log(area / edge[i - 1] + f(edge[i - 1])));
  }
  edge[layers] = 0;
  height[0] = 0;
  for (std::size_t i = 1; i <= layers; ++i) height[i] = f(edge[i]);
  for (std::size_t i = 0; i < layers; ++i) ratio[i] = edge[i + 1] / edge[i];
}

}  // namespace tarn
