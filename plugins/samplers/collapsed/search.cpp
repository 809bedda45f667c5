// A lattice in one or two dimensions, ascents from several points in more.
#include "search.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <utility>

#include "mode.hpp"

namespace tarn::collapsed {
namespace {

constexpr double no_height = -std::numeric_limits<double>::infinity();

/// Of a log standard deviation: the scales of data and priors may lie so far apart, a factor of
/// 160 000, even where the prior cannot be drawn from.
constexpr double far = 12;
constexpr double farthest = 30;
constexpr double beside = 2;  // beyond the other starts

/// Ascents cost some hundred evaluations each.
constexpr std::size_t most_ascents = 6;

struct Side {
  double from;
  double step;
  int points;

  double at(int k) const { return from + k * step; }
};

Side side(const std::vector<Vector>& starts, Eigen::Index k) {
  const double centre = starts.front()[k];
  double low = centre - far;
  double high = centre + far;
  for (const Vector& start : starts) {
    low = std::min(low, std::max(start[k] - beside, centre - farthest));
    high = std::max(high, std::min(start[k] + beside, centre + farthest));
  }
  const int points =
      1 + static_cast<int>(std::ceil((high - low) / (starts[0].size() == 1 ? 0.5 : 1)));
  return {low, (high - low) / (points - 1), points};
}

/// Points between the scales of data and priors: the first start with one coordinate of where most
/// others are, and the other way round.
std::vector<Vector> crossed(const std::vector<Vector>& starts) {
  if (starts.size() == 1) return {};
  const Vector& first = starts.front();
  Vector middle(first.size());
  std::vector<double> values(starts.size());
  for (Eigen::Index k = 0; k < first.size(); ++k) {
    std::ranges::transform(starts, values.begin(), [k](const Vector& z) { return z[k]; });
    const auto half = values.begin() + as_index(values.size() / 2);
    std::ranges::nth_element(values, half);
    middle[k] = *half;
  }
  std::vector<Vector> points;
  for (Eigen::Index k = 0; k < first.size(); ++k) {
    for (const auto& [one, other] :
         {std::pair<const Vector*, const Vector*>{&first, &middle}, {&middle, &first}}) {
      points.push_back(*one);
      points.back()[k] = (*other)[k];
    }
  }
  return points;
}

}  // namespace

bool rises(const Target& target, const Vector& from, const Vector& to) {
  constexpr int steps = 24;
  constexpr double dip = 0.5;
  double highest = target.log_density(from);
  for (int k = 1; k <= steps; ++k) {
    const double value = target.log_density(from + (to - from) * k / steps);
    if (!(value > highest - dip)) return false;
    highest = std::max(highest, value);
  }
  return true;
}

std::vector<Vector> lattice_peaks(const Target& target, const std::vector<Vector>& starts) {
  const Eigen::Index d = starts.front().size();
  const Side first = side(starts, 0);
  const Side second = d == 2 ? side(starts, 1) : Side{0, 0, 1};
  Matrix height(second.points, first.points);
  const auto corner = [&](int i, int j) {
    Vector z(d);
    z[0] = first.at(i);
    if (d == 2) z[1] = second.at(j);
    return z;
  };
  for (int i = 0; i < first.points; ++i) {
    for (int j = 0; j < second.points; ++j) {
      const double value = target.log_density(corner(i, j));
      height(j, i) = std::isfinite(value) ? value : no_height;
    }
  }

  struct Peak {
    double height;
    Vector at;
  };
  std::vector<Peak> peaks;
  for (int i = 0; i < first.points; ++i) {
    for (int j = 0; j < second.points; ++j) {
      const int up = std::max(j - 1, 0);
      const int left = std::max(i - 1, 0);
      const auto around = height.block(up, left, std::min(j + 2, second.points) - up,
                                       std::min(i + 2, first.points) - left);
      const double here = height(j, i);
      if (here > no_height && here >= around.maxCoeff()) peaks.push_back({here, corner(i, j)});
    }
  }
  std::ranges::sort(peaks, std::greater{}, &Peak::height);
  std::vector<Vector> result;
  for (Peak& peak : peaks) result.push_back(std::move(peak.at));
  return result;
}

std::vector<Whitening> other_modes(const Target& target, const Whitening& known,
                                   const std::vector<Vector>& starts) {
  std::vector<Whitening> found;
  const auto is_known = [&](const Vector& z) {
    return rises(target, z, known.centre) ||
           std::ranges::any_of(
               found, [&](const Whitening& other) { return rises(target, z, other.centre); });
  };
  std::size_t ascents = 0;
  std::vector<Vector> points = starts;
  std::ranges::move(crossed(starts), std::back_inserter(points));
  for (const Vector& point : points) {
    if (!std::isfinite(target.log_density(point)) || is_known(point)) continue;
    if (ascents++ == most_ascents) break;
    const auto mode = find_mode(target, point);
    if (mode && !is_known(mode->at)) found.push_back(whitening_at(*mode));
  }
  return found;
}

}  // namespace tarn::collapsed
