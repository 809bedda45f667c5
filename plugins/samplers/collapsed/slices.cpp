// Slice updates along axes and random directions.
#include "slices.hpp"

#include <utility>

#include <tarn/distributions.hpp>

namespace tarn::collapsed {

void slice_along(MarginalDensity& density, ConstVectorRef direction, Place& now, Place& scratch,
                 Rng& rng) {
  constexpr double width = 2.5;  // standard deviations
  const auto at = [&](double t) {
    if (t == 0) return now.log_density;
    scratch.free = now.free + t * direction;
    density.evaluate(scratch);
    return scratch.log_density;
  };
  // The last evaluation is the one that the update ends with.
  if (slice(0.0, width, at, rng) != 0) std::swap(now, scratch);
}

void slice_anywhere(MarginalDensity& density, ConstMatrixRef root, Place& now, Place& scratch,
                    Rng& rng) {
  Vector direction(now.free.size());
  fill_normal(direction, rng);
  direction.normalize();
  slice_along(density, root * direction, now, scratch, rng);
}

Slices::Slices(MarginalDensity& density, Whitening whitening, std::string because)
    : density_(density),
      whitening_(std::move(whitening)),
      because_(std::move(because)),
      scratch_(density.unset_place()) {}

std::string Slices::plan() const { return because_.empty() ? "slices" : "slices: " + because_; }

std::vector<Statistic> Slices::statistics() const {
  return {{"n_steps", Statistic::Type::integer, "evaluations of the density"}};
}

void Slices::move(Place& now, std::span<double> stats, Rng& rng) {
  const auto evaluations = density_.evaluations();
  for (Eigen::Index k = 0; k < density_.size(); ++k) {
    slice_along(density_, whitening_.forward.col(k), now, scratch_, rng);
    slice_anywhere(density_, whitening_.forward, now, scratch_, rng);
  }
  stats[0] = static_cast<double>(density_.evaluations() - evaluations);
}

}  // namespace tarn::collapsed
