// Rank normalisation (Vehtari, Gelman, Simpson, Carpenter & Buerkner 2021).
#include "ranks.hpp"

#include <algorithm>

#include <boost/math/distributions/normal.hpp>

namespace tarn::convergence {
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

  std::size_t right = std::lower_bound(x.begin(), x.end(), center) - x.begin();
  std::size_t left = right;  // draws below the center that are left to merge
  std::size_t k = 0;
  while (left > 0 && right < n) {  // written so that compilers need no branch
    const double below = center - x[left - 1];
    const double above = x[right] - center;
    const bool nearer_below = below <= above;
    distances_[k] = nearer_below ? below : above;
    places_[k] = places[nearer_below ? left - 1 : right];
    left -= nearer_below;
    right += !nearer_below;
    ++k;
  }
  for (; left > 0; --left, ++k) {
    distances_[k] = center - x[left - 1];
    places_[k] = places[left - 1];
  }
  for (; right < n; ++right, ++k) {
    distances_[k] = x[right] - center;
    places_[k] = places[right];
  }
  write_scores(distances_, places_, scores, z.data());
}

}  // namespace tarn::convergence
