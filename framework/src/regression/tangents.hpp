// An envelope of a log-concave density from three tangents, to draw from (Gilks & Wild 1992).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "tarn/rng.hpp"

namespace tarn::regression {

/// exp of the least of three lines that touch log f: at points left of, near and right of its mode.
class Tangents {
 public:
  struct Line {
    double at;
    double value;
    double slope;

    double operator()(double u) const { return value + slope * (u - at); }
  };

  /// Points ascend; the first line rises and the last falls.
  explicit Tangents(const std::array<Line, 3>& lines) : lines_(lines) {
    cut_[0] = meet(lines_[0], lines_[1]);
    cut_[1] = meet(lines_[1], lines_[2]);
    top_ = std::max(lines_[1](cut_[0]), lines_[1](cut_[1]));
    mass_[0] = std::exp(lines_[0](cut_[0]) - top_) / lines_[0].slope;
    mass_[1] = middle(cut_[1] - cut_[0]);
    mass_[2] = -std::exp(lines_[2](cut_[1]) - top_) / lines_[2].slope;
  }

  double log_density(double u) const { return lines_[u < cut_[0] ? 0 : u < cut_[1] ? 1 : 2](u); }

  double draw(Rng& rng) const {
    const double at = rng.uniform() * (mass_[0] + mass_[1] + mass_[2]);
    if (at < mass_[0]) return cut_[0] - rng.exponential() / lines_[0].slope;
    if (at >= mass_[0] + mass_[1]) return cut_[1] - rng.exponential() / lines_[2].slope;
    const double width = cut_[1] - cut_[0];
    const double rise = lines_[1].slope * width;
    const double part = rng.uniform();
    // Inverse of (e^(rise x) - 1) / (e^rise - 1).
    const double x = std::abs(rise) < 1e-9 ? part : std::log1p(part * std::expm1(rise)) / rise;
    return cut_[0] + x * width;
  }

 private:
  static double meet(const Line& a, const Line& b) {
    const double between = (b.value - a.value - b.slope * (b.at - a.at)) / (a.slope - b.slope);
    return a.slope > b.slope ? std::clamp(a.at + between, a.at, b.at) : (a.at + b.at) / 2;
  }

  /// The middle line's mass over its width.
  double middle(double width) const {
    const double rise = lines_[1].slope * width;
    const double low = lines_[1](cut_[0]) - top_;
    return std::exp(low) * width * (std::abs(rise) < 1e-9 ? 1 : std::expm1(rise) / rise);
  }

  std::array<Line, 3> lines_;
  std::array<double, 2> cut_{};
  std::array<double, 3> mass_{};
  double top_ = 0;
};

}  // namespace tarn::regression
