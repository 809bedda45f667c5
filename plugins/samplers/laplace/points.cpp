// Draws points, weighs them, and resamples.
#include "points.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <tarn/error.hpp>

namespace tarn::laplace {

Points::Points(Model& model, const Found& found)
    : found_(found), source_(model, found.proposal), theta_size_(as_index(model.layout().size())) {}

bool Points::place(std::size_t number) {
  Rng rng(Stream{.seed = key_, .purpose = Purpose::pilot, .draw = 6, .piece = number});
  return source_.draw(rng);
}

void Points::make(std::uint64_t key, Eigen::Index count) {
  constexpr Eigen::Index most_kept = Eigen::Index{1} << 23;  // numbers: 64 MB
  key_ = key;
  log_density_.resize(count);
  Eigen::ArrayXd log_ratio(count);
  const bool kept = theta_size_ <= most_kept / count;
  theta_.setZero(kept ? theta_size_ : 0, kept ? count : 0);
  for (Eigen::Index i = 0; i < count; ++i) {
    log_ratio[i] = -std::numeric_limits<double>::infinity();
    if (!place(as_size(i))) continue;
    log_density_[i] = source_.log_density();
    const double ratio =
        found_.reweighted() ? source_.log_ratio(log_density_[i]) : source_.log_laplace_ratio();
    if (!std::isfinite(ratio)) continue;
    log_ratio[i] = ratio;
    if (kept) source_.write(theta_.col(i));
  }
  const Weights weights = weights_of(log_ratio);
  worth_ = weights.worth();
  ends_.resize(as_size(count));
  std::partial_sum(weights.weights.begin(), weights.weights.end(), ends_.begin());
}

double Points::draw(VectorRef theta, Rng& rng) {
  // The first end above u is that of a point with a weight.
  const double u = std::min(rng.uniform() * ends_.back(), std::nextafter(ends_.back(), 0.0));
  const Eigen::Index i = std::ranges::upper_bound(ends_, u) - ends_.begin();
  if (theta_.cols() > 0) {
    theta = theta_.col(i);
  } else {
    if (!place(as_size(i))) throw PluginError("laplace: a point was lost; try --sampler nuts");
    source_.write(theta);
  }
  return log_density_[i];
}

}  // namespace tarn::laplace
