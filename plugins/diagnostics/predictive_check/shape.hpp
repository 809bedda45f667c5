// What is kept of one response, of the data or of a replicate: it does not grow with the rows.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tarn/design.hpp"

namespace tarn::predictive_check {

/// Bins of equal width around the data, with one more at each end for all that lies beyond.
struct Grid {
  double low = 0;
  double width = 1;
  std::size_t bins = 400;

  std::size_t bin(double x) const;
  double edge(std::size_t k) const { return low + width * static_cast<double>(k); }
};

enum class Statistic { mean, sd, least, greatest, skewness };
constexpr std::size_t statistics = 5;
const char* name_of(Statistic statistic);

/// Sums over rows, added block by block.
class Shape {
 public:
  /// Deviations are from `centre`, near the mean. `levels`: of each grouping, how
  /// many; 0: its groups are not looked at.
  Shape(const Grid& grid, double centre, const std::vector<std::size_t>& levels);

  void add(const Rows& rows, ConstVectorRef response);

  double of(Statistic statistic) const;

  std::size_t levels(std::size_t grouping) const { return groups_[grouping].size(); }

  /// Of a level, NaN without enough rows: one for a mean, three for a standard deviation.
  double group_mean(std::size_t grouping, std::size_t level) const;
  double group_sd(std::size_t grouping, std::size_t level) const;

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
  double cubes_ = 0;
  double least_, greatest_;
  std::vector<std::vector<Sums>> groups_;
  std::vector<double> counts_;  // below the grid, of each bin, above it
};

}  // namespace tarn::predictive_check
