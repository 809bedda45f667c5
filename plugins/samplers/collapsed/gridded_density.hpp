// A density of one or two dimensions on a grid, to draw from.
#pragma once

#include <functional>
#include <vector>

#include <tarn/rng.hpp>

#include "point.hpp"
#include "stencil.hpp"

namespace tarn::collapsed {

/// The density that is linear along the edges of every cell of a grid (bilinear in two dimensions)
/// and 0 outside, normalised. Corners lie where the given log density has not dropped by more than
/// about 14 below its peak; it is evaluated at every few of them, and interpolated in between.
class GriddedDensity {
 public:
  using LogDensity = std::function<double(const Vector&)>;

  /// `dimensions` is 1 or 2; the peak is near the origin and the density has unit scale there.
  GriddedDensity(int dimensions, const LogDensity& log_density);

  Point draw(Rng& rng) const;

  /// 0 outside the grid.
  double density(const Point& w) const;

  /// log of the integral of the given density over the grid.
  double log_mass() const noexcept { return log_mass_; }

 private:
  struct Axis {
    double from = 0;
    double to = 0;
    int points = 1;

    double width() const { return (to - from) / (points - 1); }
    double at(int k) const { return from + k * width(); }
  };

  void evaluate(const LogDensity& log_density);
  bool fit_to_density();
  /// More corners between those evaluated, by cubic polynomials of the log density; those near
  /// places where it is not smooth are evaluated.
  void refine(const LogDensity& log_density);
  /// A polynomial's value, and the highest corner of the cell that it lies in.
  struct Interpolated {
    double value;
    double highest;
  };
  Interpolated interpolate(const Stencil& a, const Stencil& b) const;
  /// Where the density is cut off inside a cell, its outer corners are as high as its inner ones:
  /// a proposal that falls towards a cut would starve the places before it.
  void cover_cuts();
  void normalise();
  double corner(int i, int j) const { return height_[as_size(i * second_.points + j)]; }

  int dimensions_;
  Axis first_;
  Axis second_;
  std::vector<double> height_;      // at the corners, second axis fastest
  std::vector<double> cumulative_;  // of the cells' masses
  double log_mass_ = 0;
};

}  // namespace tarn::collapsed
