// The draws of data/convergence.R, made alike to the last bit.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

/// Lehmer's generator (Park & Miller 1988).
inline std::vector<double> lehmer(std::size_t count, unsigned long long seed) {
  std::vector<double> u(count);
  unsigned long long state = seed;
  for (double& next : u) {
    state = 16807 * state % 2147483647;
    next = static_cast<double>(state) / 2147483647;
  }
  return u;
}

inline double convergence_draw(const std::string& kind, double u, std::size_t i,
                               std::size_t chain) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const auto c = static_cast<double>(chain);
  if (kind == "uniform") return u;
  if (kind == "alternating") return (i % 2 == 0 ? 1 : -1) * (1 + u / 100);
  if (kind == "apart") return u + 0.25 * c;
  if (kind == "wider") return (u - 0.5) * c;
  if (kind == "heavy") return (u - 0.5) / (u * u);
  if (kind == "outlier") return i == 7 ? 1e300 : 1 + u / 1e6;
  if (kind == "coarse") return std::floor(5 * u);
  if (kind == "symmetric") return std::floor(21 * u) - 10;
  if (kind == "rare") return u < 0.02 ? 1 : 0;
  if (kind == "signed_zero") return u < 0.3 ? -0.0 : u < 0.6 ? 0.0 : u;
  if (kind == "offset") return 1000 + u;
  if (kind == "small") return u / 1e9;
  if (kind == "constant") return 0.1;
  if (kind == "nearly_constant") return u / 1e17;
  if (kind == "one_stuck") return chain == 1 ? 0.5 : u;
  if (kind == "each_stuck") return c;
  if (kind == "infinite") return i == 3 && chain == 1 ? inf : u;
  if (kind == "both_infinite") return i == 3 ? inf : i == 4 ? -inf : u;
  if (kind == "mostly_infinite") return u < 0.7 ? inf : u;
  if (kind == "missing") return i == 3 && chain == 1 ? std::nan("") : u;
  throw std::logic_error("no draws of the kind " + kind);
}

/// All draws of chain 1, then of chain 2, ...; chains and draws are counted from 1, as in R.
inline std::vector<double> convergence_draws(const std::string& kind, std::size_t chains,
                                             std::size_t draws) {
  std::vector<double> x;
  for (std::size_t chain = 1; chain <= chains; ++chain) {
    const auto u = lehmer(draws, 1000 * chain + draws);
    double y = 0;
    for (std::size_t i = 1; i <= draws; ++i) {
      if (kind == "slow" || kind == "very_slow" || kind == "antithetic") {
        const double phi = kind == "slow" ? 0.9 : kind == "very_slow" ? 0.99 : -0.75;
        x.push_back(y = phi * y + (u[i - 1] - 0.5));
      } else if (kind == "sticky") {
        x.push_back(u[i - i % 7]);
      } else {
        x.push_back(convergence_draw(kind, u[i - 1], i, chain));
      }
    }
  }
  return x;
}
