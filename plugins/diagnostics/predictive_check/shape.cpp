// Moments (about a point near the mean, against cancellation) and histogram of a response.
#include "shape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace tarn::predictive_check {

std::size_t Grid::bin(double x) const {
  if (!(x >= low)) return 0;
  const double k = std::floor((x - low) / width);
  return k >= static_cast<double>(bins) ? bins + 1 : static_cast<std::size_t>(k) + 1;
}

Shape::Shape(const Grid& grid, double centre, const std::vector<std::size_t>& levels, bool shares)
    : grid_(grid),
      centre_(centre),
      shares_(shares),
      least_(std::numeric_limits<double>::infinity()),
      greatest_(-least_),
      counts_(grid.bins + 2, 0) {
  for (const std::size_t count : levels) groups_.emplace_back(count);
}

void Shape::add(const Rows& rows, ConstVectorRef response) {
  for (Eigen::Index i = 0; i < response.size(); ++i) {
    const double of = shares_ ? rows.trials[i] : 1;
    if (of == 0) continue;
    const double y = response[i] / of;
    const double x = y - centre_;
    const auto add_to = [x](Sums& sums) {
      ++sums.n;
      sums.x += x;
      sums.xx += x * x;
    };
    add_to(all_);
    cubes_ += x * x * x;
    least_ = std::min(least_, y);
    greatest_ = std::max(greatest_, y);
    if (y == 0) ++zeros_;
    if (y == 1) ++full_;
    ++counts_[grid_.bin(response[i])];
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      if (groups_[g].empty()) continue;
      add_to(groups_[g][as_size(rows.level[g][as_size(i)])]);
    }
  }
}

double Shape::of(Statistic statistic) const {
  const double n = all_.n;
  const double mean = all_.x / n;
  const double variance = all_.xx / n - mean * mean;
  switch (statistic) {
    case Statistic::mean:
      return centre_ + mean;
    case Statistic::sd:
      return std::sqrt(variance * n / (n - 1));
    case Statistic::least:
      return least_;
    case Statistic::greatest:
      return greatest_;
    case Statistic::skewness:
      return (cubes_ / n - 3 * mean * all_.xx / n + 2 * mean * mean * mean) /
             std::pow(variance, 1.5);
    case Statistic::dispersion:
      return zeros_ == n ? 0 : variance * n / (n - 1) / (centre_ + mean);
    case Statistic::zeros:
      return zeros_ / n;
    case Statistic::full:
      return full_ / n;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double Shape::group_mean(std::size_t grouping, std::size_t level) const {
  const Sums& sums = groups_[grouping][level];
  return centre_ + sums.x / sums.n;
}

double Shape::group_sd(std::size_t grouping, std::size_t level) const {
  const Sums& sums = groups_[grouping][level];
  if (sums.n < 3) return std::numeric_limits<double>::quiet_NaN();
  const double variance = (sums.xx - sums.x * sums.x / sums.n) / (sums.n - 1);
  return std::sqrt(std::max(0.0, variance));
}

std::vector<double> Shape::ecdf() const {
  std::vector<double> shares;
  double below = 0;
  for (std::size_t k = 0; k <= grid_.bins; ++k) {
    below += counts_[k];
    shares.push_back(below / all_.n);
  }
  return shares;
}

std::vector<double> Shape::density(double bandwidth) const {
  // The kernel reaches five standard deviations.
  const auto reach = static_cast<Eigen::Index>(std::ceil(5 * bandwidth / grid_.width));
  const auto bins = as_index(grid_.bins);
  std::vector<double> density(grid_.bins + 1, 0);
  for (std::ptrdiff_t k = 0; k < bins; ++k) {
    const double count = counts_[as_size(k) + 1];
    if (count == 0) continue;
    for (std::ptrdiff_t e = std::max<std::ptrdiff_t>(0, k - reach);
         e <= std::min(bins, k + 1 + reach); ++e) {
      const double z = (static_cast<double>(e - k) - 0.5) * grid_.width / bandwidth;
      density[as_size(e)] += count * std::exp(-0.5 * z * z);
    }
  }
  const double scale = all_.n * bandwidth * std::sqrt(2 * std::numbers::pi);
  for (double& at : density) at /= scale;
  return density;
}

}  // namespace tarn::predictive_check
