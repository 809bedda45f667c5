// Whether numbers are uniform: their empirical distribution function, and the band it stays in.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tarn {

/// At the points z_k = k / points, k = 0 .. points, bounds on the share of the values up to z_k.
/// Uniform values stay within all of them with the given probability (Saeilynoja, Buerkner &
/// Vehtari 2022), or a little more, since counts are whole numbers.
struct EcdfBand {
  std::vector<double> at;
  std::vector<double> lower;
  std::vector<double> upper;

  /// The share of the values that lie at or below each point; 0 at 0.
  std::vector<double> ecdf(std::span<const double> values) const;

  /// The first point at which shares leave the band, or at.size().
  std::size_t leaves(std::span<const double> shares) const;
};

/// For `count` independent values, uniform between 0 and 1, or on z_1, ..., z_points.
EcdfBand ecdf_band(std::size_t count, std::size_t points, double probability);

/// For each of `chains` chains of `count` values that are ranked together, the ranks divided by
/// their number: all chains stay within with the given probability, or more.
EcdfBand ecdf_band_of_ranks(std::size_t count, std::size_t chains, std::size_t points,
                            double probability);

}  // namespace tarn
