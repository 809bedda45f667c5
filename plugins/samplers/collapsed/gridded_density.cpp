// Grids that fit themselves to a density, and draws from them.
#include "gridded_density.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tarn/index.hpp"

namespace tarn::collapsed {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double drop = 14;  // e^-14 of the peak: what lies beyond weighs 1e-6

/// Along each axis, in one and two dimensions: corners where the density is evaluated, and the
/// steps that each of their intervals is divided into.
constexpr int evaluated[] = {50, 24};
constexpr int divided[] = {8, 3};

/// A number in [0, 1) with density proportional to a (1 - u) + b u, by inversion.
double draw_linear(double a, double b, Rng& rng) {
  const double u = rng.uniform();
  // The root of a t + (b - a) t^2 / 2 = u (a + b) / 2 that does not cancel.
  const double mass = u * (a + b);
  return mass / (a + std::sqrt(std::max(a * a + (b - a) * mass, 0.0)));
}

/// How far along `direction` the log density stays within `drop` of its peak.
double reach(const GriddedDensity::LogDensity& log_density, double peak, const Vector& direction) {
  double inside = 0;
  double outside = 1;
  while (outside < 1e4 && log_density(outside * direction) > peak - drop) {
    inside = outside;
    outside *= 2;
  }
  for (int halving = 0; halving < 8; ++halving) {
    const double middle = 0.5 * (inside + outside);
    (log_density(middle * direction) > peak - drop ? inside : outside) = middle;
  }
  return outside;
}

}  // namespace

GriddedDensity::GriddedDensity(int dimensions, const LogDensity& log_density)
    : dimensions_(dimensions) {
  const double peak = log_density(Vector::Zero(dimensions));
  const auto axis = [&](int k) {
    const Vector direction = Vector::Unit(dimensions, k);
    return Axis{-reach(log_density, peak, -direction), reach(log_density, peak, direction),
                evaluated[dimensions - 1]};
  };
  first_ = axis(0);
  if (dimensions == 2) second_ = axis(1);

  // Along the axes is not everywhere: a bent density leaves the first box or fills little of it.
  evaluate(log_density);
  for (int round = 0; round < 4 && fit_to_density(); ++round) evaluate(log_density);
  refine(log_density);
  normalise();
}

void GriddedDensity::evaluate(const LogDensity& log_density) {
  height_.resize(as_size(first_.points * second_.points));
  Vector w(dimensions_);
  std::size_t corner = 0;
  for (int i = 0; i < first_.points; ++i) {
    for (int j = 0; j < second_.points; ++j) {
      w[0] = first_.at(i);
      if (dimensions_ == 2) w[1] = second_.at(j);
      const double value = log_density(w);
      height_[corner++] = std::isnan(value) ? -infinity : value;
    }
  }
}

bool GriddedDensity::fit_to_density() {
  const double peak = *std::ranges::max_element(height_);
  // The corners that matter, and whether the box cuts through the density.
  int least[2] = {first_.points, second_.points};
  int most[2] = {-1, -1};
  for (int i = 0; i < first_.points; ++i) {
    for (int j = 0; j < second_.points; ++j) {
      if (corner(i, j) < peak - drop) continue;
      least[0] = std::min(least[0], i);
      most[0] = std::max(most[0], i);
      least[1] = std::min(least[1], j);
      most[1] = std::max(most[1], j);
    }
  }
  bool changed = false;
  const auto fit = [&](Axis& axis, int low, int high) {
    if (axis.points == 1) return;
    const double length = axis.to - axis.from;
    const int margin = axis.points / 8;
    const Axis old = axis;
    if (low == 0) axis.from -= 0.3 * length;
    if (low > margin) axis.from = old.at(low - 1);
    if (high == axis.points - 1) axis.to += 0.3 * length;
    if (high < axis.points - 1 - margin) axis.to = old.at(high + 1);
    changed = changed || axis.from != old.from || axis.to != old.to;
  };
  fit(first_, least[0], most[0]);
  fit(second_, least[1], most[1]);
  return changed;
}

GriddedDensity::Interpolated GriddedDensity::interpolate(const Stencil& a, const Stencil& b) const {
  Interpolated result{0, -infinity};
  for (int k = 0; k < a.nodes; ++k) {
    for (int l = 0; l < b.nodes; ++l) {
      const int i = a.first + k;
      const int j = b.first + l;
      const double value = corner(i, j);
      const bool of_cell = i - a.cell <= 1 && i >= a.cell && j - b.cell <= 1 && j >= b.cell;
      if (of_cell) result.highest = std::max(result.highest, value);
      result.value += a.weight[as_size(k)] * b.weight[as_size(l)] * value;
    }
  }
  return result;
}

void GriddedDensity::refine(const LogDensity& log_density) {
  // A polynomial through a fall as steep as this, or far above its neighbours, is off.
  constexpr double steep = 60;
  constexpr double rise = 0.5;
  const double peak = *std::ranges::max_element(height_);
  for (double& value : height_) {
    if (value < peak - steep) value = -infinity;
  }
  Axis first = first_;
  Axis second = second_;
  const int steps = divided[dimensions_ - 1];
  const std::vector<Stencil> rows = stencils(first.points, steps);
  const std::vector<Stencil> columns = stencils(second.points, steps);
  first.points = static_cast<int>(rows.size());
  second.points = static_cast<int>(columns.size());
  std::vector<double> fine;
  fine.reserve(rows.size() * columns.size());
  Vector w(dimensions_);
  for (int i = 0; i < first.points; ++i) {
    for (int j = 0; j < second.points; ++j) {
      auto [value, highest] = interpolate(rows[as_size(i)], columns[as_size(j)]);
      if (highest < peak - drop) {
        value = -infinity;  // the wide t will do
      } else if (!std::isfinite(value) || value > highest + rise) {
        w[0] = first.at(i);
        if (dimensions_ == 2) w[1] = second.at(j);
        value = log_density(w);
      }
      fine.push_back(std::isnan(value) ? -infinity : value);
    }
  }
  first_ = first;
  second_ = second;
  height_ = std::move(fine);
}

void GriddedDensity::cover_cuts() {
  const std::vector<double> height = height_;
  for (int i = 0; i < first_.points; ++i) {
    for (int j = 0; j < second_.points; ++j) {
      const auto at = [&](int a, int b) { return as_size(a * second_.points + b); };
      if (height[at(i, j)] > -infinity) continue;
      double& highest = height_[at(i, j)];
      for (int a = std::max(i - 1, 0); a <= std::min(i + 1, first_.points - 1); ++a) {
        for (int b = std::max(j - 1, 0); b <= std::min(j + 1, second_.points - 1); ++b) {
          highest = std::max(highest, height[at(a, b)]);
        }
      }
    }
  }
}

void GriddedDensity::normalise() {
  const double peak = *std::ranges::max_element(height_);
  cover_cuts();
  for (double& height : height_) height = std::exp(height - peak);
  const double area = first_.width() * (dimensions_ == 2 ? second_.width() : 1);
  const int across = dimensions_ == 2 ? second_.points - 1 : 1;
  double total = 0;
  for (int i = 0; i + 1 < first_.points; ++i) {
    for (int j = 0; j < across; ++j) {
      double mean = 0.5 * (corner(i, j) + corner(i + 1, j));
      if (dimensions_ == 2) mean = 0.5 * (mean + 0.5 * (corner(i, j + 1) + corner(i + 1, j + 1)));
      total += area * mean;
      cumulative_.push_back(total);
    }
  }
  log_mass_ = peak + std::log(total);
  for (double& height : height_) height /= total;
  for (double& mass : cumulative_) mass /= total;
}

Point GriddedDensity::draw(Rng& rng) const {
  const auto found = std::ranges::upper_bound(cumulative_, rng.uniform());
  const auto cell = std::min(static_cast<int>(found - cumulative_.begin()),
                             static_cast<int>(cumulative_.size()) - 1);
  Point w(dimensions_);
  if (dimensions_ == 1) {
    w[0] =
        first_.at(cell) + first_.width() * draw_linear(corner(cell, 0), corner(cell + 1, 0), rng);
    return w;
  }
  const int across = second_.points - 1;
  const int i = cell / across;
  const int j = cell % across;
  const double u =
      draw_linear(corner(i, j) + corner(i, j + 1), corner(i + 1, j) + corner(i + 1, j + 1), rng);
  const double near = (1 - u) * corner(i, j) + u * corner(i + 1, j);
  const double far = (1 - u) * corner(i, j + 1) + u * corner(i + 1, j + 1);
  w[0] = first_.at(i) + first_.width() * u;
  w[1] = second_.at(j) + second_.width() * draw_linear(near, far, rng);
  return w;
}

double GriddedDensity::density(const Point& w) const {
  const auto cell = [](const Axis& axis, double x, double& fraction) {
    const double place = (x - axis.from) / axis.width();
    if (!(place >= 0 && place <= axis.points - 1)) return -1;
    const int k = std::min(static_cast<int>(place), axis.points - 2);
    fraction = place - k;
    return k;
  };
  double u = 0;
  const int i = cell(first_, w[0], u);
  if (i < 0) return 0;
  const auto along = [&](int j) { return (1 - u) * corner(i, j) + u * corner(i + 1, j); };
  if (dimensions_ == 1) return along(0);
  double v = 0;
  const int j = cell(second_, w[1], v);
  if (j < 0) return 0;
  return (1 - v) * along(j) + v * along(j + 1);
}

}  // namespace tarn::collapsed
