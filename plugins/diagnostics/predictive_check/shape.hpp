// What is kept of one response, of the data or of a replicate: it does not grow with the rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tarn/design.hpp"

namespace tarn::predictive_check {

/// Bins of equal width around the data, with one more at each end for all that lies beyond. Of
/// whole numbers each bin holds as many of them.
struct Grid {
  double low = 0;
  double width = 1;
  std::size_t bins = 400;

  std::size_t bin(double x) const;
  double edge(std::size_t k) const { return low + width * static_cast<double>(k); }
};

enum class Statistic { mean, sd, least, greatest, skewness, dispersion, zeros, full };

/// Sums over rows, added block by block.
class Shape {
 public:
  /// Deviations are from `centre`, near the mean. `levels`: of each grouping, how
  /// many; 0: its groups are not looked at. `shares`: statistics are of y / trials, and rows
  /// without trials are passed over; the grid's bins hold y.
  Shape(const Grid& grid, double centre, const std::vector<std::size_t>& levels,
        bool shares = false);

  void add(const Rows& rows, ConstVectorRef response);

  double of(Statistic statistic) const;
  double rows() const { return all_.n; }

  std::size_t levels(std::size_t grouping) const { return groups_[grouping].size(); }

  /// Of a level, NaN without enough rows: one for a mean, three for a standard deviation.
  double group_mean(std::size_t grouping, std::size_t level) const;
  double group_sd(std::size_t grouping, std::size_t level) const;

  /// How many values each bin of the grid holds.
  double count(std::size_t bin) const { return counts_[bin + 1]; }

  /// The share of values below each edge of the grid, the first to the last.
  std::vector<double> ecdf() const;

  /// Kernel density at the edges, by a normal kernel of this standard deviation.
  std::vector<double> density(double bandwidth) const;

 private:
  struct Sums {
    double n = 0, x = 0, xx = 0;
  };

  Grid grid_;
  double centre_;
  Sums all_;
  bool shares_;
  double cubes_ = 0, zeros_ = 0, full_ = 0;
  double least_, greatest_;
  std::vector<std::vector<Sums>> groups_;
  std::vector<double> counts_;  // below the grid, of each bin, above it
};

}  // namespace tarn::predictive_check
