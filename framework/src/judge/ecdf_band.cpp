// Simultaneous bands of a distribution function, from the exact distribution of the counts.
#include "tarn/ecdf_band.hpp"

#include <algorithm>
#include <cmath>

#include "tarn/distributions.hpp"

namespace tarn {
namespace {

/// Beyond so many values the band is that of so many, narrowed as in the normal limit.
constexpr std::size_t most_counted = 4000;

double log_choose(double n, double k) {
  return log_gamma(n + 1) - log_gamma(k + 1) - log_gamma(n - k + 1);
}

/// The number of values up to z_k: binomial, and so is its growth to the next point.
struct Independent {
  double count;
  double points;

  double log_chance(double k, double r) const {  // of r values up to z_k
    return log_choose(count, r) + r * std::log(k / points) + (count - r) * std::log1p(-k / points);
  }
  double log_growth(double k, double r, double m) const {  // of m more from z_k to the next point
    const double q = 1 / (points - k);
    return log_choose(count - r, m) + m * std::log(q) + (count - r - m) * std::log1p(-q);
  }
  double growth_ratio(double k, double r, double m) const {  // of m + 1 to m
    const double q = 1 / (points - k);
    return (count - r - m) / (m + 1) * q / (1 - q);
  }
};

/// The same of one chain's values among all ranks: hypergeometric.
struct Ranked {
  double count;
  double points;
  double all;

  double ranks(double k) const { return std::floor(all * k / points); }
  double log_chance(double k, double r) const {
    const double d = ranks(k);
    if (r > d || count - r > all - d) return -INFINITY;
    return log_choose(d, r) + log_choose(all - d, count - r) - log_choose(all, count);
  }
  double log_growth(double k, double r, double m) const {
    const double left = all - ranks(k);
    const double d = ranks(k + 1) - ranks(k);
    const double own = count - r;
    if (m > d || own - m > left - d) return -INFINITY;
    return log_choose(d, m) + log_choose(left - d, own - m) - log_choose(left, own);
  }
  double growth_ratio(double k, double r, double m) const {
    const double left = all - ranks(k);
    const double d = ranks(k + 1) - ranks(k);
    const double own = count - r;
    return (own - m) * (d - m) / ((m + 1) * (left - d - own + m + 1));
  }
};

struct Interval {
  std::size_t low, high;
};

template <class Counts>
class Band {
 public:
  Band(const Counts& counts, std::size_t count, std::size_t points)
      : counts_(counts), count_(counts.count), points_(points) {
    for (std::size_t k = 1; k < points; ++k) {
      std::vector<double>& below = cumulative_.emplace_back(count + 1);
      double sum = 0;
      for (std::size_t r = 0; r <= count; ++r) {
        below[r] = sum += std::exp(counts.log_chance(double(k), double(r)));
      }
    }
  }

  /// The counts that each point leaves with a probability of at most `tail` on each side.
  std::vector<Interval> at(double tail) const {
    std::vector<Interval> all;
    for (const std::vector<double>& below : cumulative_) {
      const auto low = std::ranges::upper_bound(below, tail) - below.begin();
      const auto high = std::ranges::lower_bound(below, below.back() - tail) - below.begin();
      all.push_back({as_size(low), as_size(high)});
    }
    return all;
  }

  /// The probability that the counts stay within all intervals, point by point.
  double coverage(const std::vector<Interval>& within) const {
    std::vector<double> now{1};
    Interval here{0, 0};
    for (std::size_t k = 0; k < within.size(); ++k) {
      const Interval next = within[k];
      std::vector<double> then(next.high - next.low + 1, 0);
      for (std::size_t r = here.low; r <= std::min(here.high, next.high); ++r) {
        const std::size_t least = std::max(r, next.low);
        const double m = double(least - r);
        double chance = now[r - here.low] * std::exp(counts_.log_growth(double(k), double(r), m));
        for (std::size_t to = least; to <= next.high; ++to) {
          then[to - next.low] += chance;
          chance *= counts_.growth_ratio(double(k), double(r), double(to - r));
        }
      }
      now = std::move(then);
      here = next;
    }
    double sum = 0;
    for (const double p : now) sum += p;
    return sum;
  }

  /// The narrowest intervals of one tail probability that hold together.
  std::vector<Interval> simultaneous(double probability) const {
    // All points together leave at most as often as the sum of them, and at least as one of them.
    double low = (1 - probability) / 2 / static_cast<double>(points_);
    double high = (1 - probability) / 2;
    for (int step = 0; step < 30; ++step) {
      const double middle = std::sqrt(low * high);
      (coverage(at(middle)) >= probability ? low : high) = middle;
    }
    return at(low);
  }

  EcdfBand band(double probability, double narrow) const {
    const std::vector<Interval> within = simultaneous(probability);
    EcdfBand band{{0}, {0}, {0}};
    for (std::size_t k = 1; k < points_; ++k) {
      const double z = double(k) / double(points_);
      const auto share = [&](std::size_t r) { return z + narrow * (double(r) / count_ - z); };
      band.at.push_back(z);
      band.lower.push_back(share(within[k - 1].low));
      band.upper.push_back(share(within[k - 1].high));
    }
    for (auto* end : {&band.at, &band.lower, &band.upper}) end->push_back(1);
    return band;
  }

 private:
  Counts counts_;
  double count_;
  std::size_t points_;
  std::vector<std::vector<double>> cumulative_;  // of the counts at z_1, z_2, ...
};

}  // namespace

std::vector<double> EcdfBand::ecdf(std::span<const double> values) const {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  std::vector<double> shares;
  for (const double z : at) {
    if (z == 0) {  // where a share has no meaning: a probability worked out as 0 is a small one
      shares.push_back(0);
      continue;
    }
    // A value that is a point may have been rounded to either side of it.
    const auto up_to = std::ranges::upper_bound(sorted, z + 1e-12) - sorted.begin();
    shares.push_back(static_cast<double>(up_to) / static_cast<double>(sorted.size()));
  }
  return shares;
}

std::size_t EcdfBand::leaves(std::span<const double> shares) const {
  std::size_t k = 0;
  while (k < at.size() && shares[k] >= lower[k] - 1e-12 && shares[k] <= upper[k] + 1e-12) ++k;
  return k;
}

EcdfBand ecdf_band(std::size_t count, std::size_t points, double probability) {
  const std::size_t counted = std::min(count, most_counted);
  const Independent counts{double(counted), double(points)};
  const double narrow = std::sqrt(double(counted) / double(count));
  return Band(counts, counted, points).band(probability, narrow);
}

EcdfBand ecdf_band_of_ranks(std::size_t count, std::size_t chains, std::size_t points,
                            double probability) {
  if (chains == 1) return ecdf_band(count, points, probability);
  const std::size_t counted = std::min(count, most_counted);
  const Ranked counts{double(counted), double(points), double(counted * chains)};
  const double narrow = std::sqrt(double(counted) / double(count));
  // Of two chains one says all; more hold each other, so that they leave less often than if they
  // were independent.
  const double each = chains == 2 ? probability : std::pow(probability, 1 / double(chains));
  return Band(counts, counted, points).band(each, narrow);
}

}  // namespace tarn
