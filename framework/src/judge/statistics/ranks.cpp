// Rank normalisation (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021).
#include "tarn/statistics/ranks.hpp"
#include "tarn/statistics/quantile.hpp"

#include <algorithm>

#include <boost/math/distributions/normal.hpp>

namespace tarn::statistics {
namespace {

using DoubleOnly = boost::math::policies::policy<boost::math::policies::promote_double<false>>;

void write_scores(std::span<const double> ascending, std::span<const std::uint32_t> places,
                  const NormalScores& scores, double* z) {
  const std::size_t n = ascending.size();
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    while (last + 1 < n && ascending[last + 1] == ascending[first]) ++last;
    const double score = scores.of(first, last);
    for (; first <= last; ++first) z[places[first]] = score;
  }
}

/// `yes` if condition is 1, `no` if it is 0, without a branch.
std::size_t choose(std::size_t condition, std::size_t yes, std::size_t no) {
  return no ^ ((yes ^ no) & (0 - condition));
}

}  // namespace

NormalScores::NormalScores(std::size_t draws) : scores_(draws == 0 ? 0 : 2 * draws - 1) {
  const boost::math::normal_distribution<double, DoubleOnly> normal;
  const std::size_t n = scores_.size();
  for (std::size_t i = 0; i < n / 2; ++i) {  // the rest by symmetry; 0 in the middle
    const double rank = 1 + static_cast<double>(i) / 2;
    scores_[i] = quantile(normal, (rank - 0.375) / (static_cast<double>(draws) + 0.25));
    scores_[n - 1 - i] = -scores_[i];
  }
}

void rank_normalise(const Order& order, const NormalScores& scores, MatrixRef z) {
  write_scores(order.values(), order.places(), scores, z.data());
}

void Folded::rank_normalise(const Order& order, double center, const NormalScores& scores,
                            MatrixRef z) {
  const auto x = order.values();
  const auto places = order.places();
  const std::size_t n = x.size();
  distances_.resize(n);
  places_.resize(n);

  const std::size_t middle = std::lower_bound(x.begin(), x.end(), center) - x.begin();
  const auto put = [&](std::size_t k, double distance, std::size_t from) {
    distances_[k] = distance;
    places_[k] = places[from];
  };
  // Two merges at once, the nearest draws from the front and the farthest from the back: neither
  // needs a branch that the processor would guess, nor waits for the other. No draws run out before
  // as many steps as there are on the smaller side.
  const std::size_t steps = std::min(middle, n - middle);
  std::size_t near_left = middle, near_right = middle;  // [near_right, ...) is left to merge
  std::size_t far_left = 0, far_right = n;
  for (std::size_t k = 0; k < steps; ++k) {
    const double below = center - x[near_left - 1];
    const double above = x[near_right] - center;
    const std::size_t take_below = below <= above;
    put(k, std::min(below, above), choose(take_below, near_left - 1, near_right));
    near_left -= take_below;
    near_right += 1 - take_below;

    const double far_below = center - x[far_left];
    const double far_above = x[far_right - 1] - center;
    const std::size_t take_far_below = far_below > far_above;
    put(n - 1 - k, std::max(far_below, far_above), choose(take_far_below, far_left, far_right - 1));
    far_left += take_far_below;
    far_right -= 1 - take_far_below;
  }
  for (std::size_t k = steps; k < n - steps; ++k) {
    const bool any_below = near_left > far_left;
    const bool any_above = near_right < far_right;
    const double below = any_below ? center - x[near_left - 1] : 0;
    const double above = any_above ? x[near_right] - center : 0;
    if (any_below && (!any_above || below <= above)) {
      put(k, below, --near_left);
    } else {
      put(k, above, near_right++);
    }
  }
  write_scores(distances_, places_, scores, z.data());
}

}  // namespace tarn::statistics
