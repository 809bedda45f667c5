// Draws candidates for starts and chooses one for each chain.
#include "sample/starts.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "sample/modes.hpp"
#include "sample/units.hpp"
#include "tarn/distributions.hpp"
#include "tarn/target.hpp"

namespace tarn {
namespace {

constexpr std::size_t attempts = 100;
constexpr std::size_t most_candidates = 32;
constexpr std::size_t cheap = 2000;  // numbers of a draw: so many candidates take milliseconds
constexpr std::size_t most_elements = 20;  // of a block of population parameters

constexpr std::size_t ascents = 8;
constexpr Eigen::Index most_kept = 20;  // coordinates in which modes are looked for
constexpr Eigen::Index most_of_theta = 200;
/// Curvature tells a skewed mode's weight within a factor of 5 or so; one of 5 % is not missed.
constexpr double least_weight = 0.01;

/// Candidates of finite density, the same for all chains.
std::vector<Vector> candidates(Model& model, const std::string& name, std::uint64_t seed,
                               std::size_t wanted) {
  LogDensity* density = query<LogDensity>(model);
  Vector theta(as_index(model.layout().size()));
  std::vector<Vector> found;
  for (std::size_t attempt = 0; attempt < attempts && found.size() < wanted; ++attempt) {
    theta.setZero();
    Rng rng({seed, 0, Purpose::start, attempt});
    guarded("model", name, "start()", [&] { model.start(theta, rng); });
    if (!theta.allFinite()) continue;
    if (density != nullptr && !std::isfinite(guarded("model", name, "log_density()", [&] {
          return density->log_density(theta);
        }))) {
      continue;
    }
    found.push_back(theta);
  }
  return found;
}

/// A block of some draws in working coordinates, in which its elements hardly correlate.
std::vector<Vector> in_working(const Layout& layout, std::size_t block,
                               const std::vector<Vector>& thetas) {
  std::vector<Vector> all;
  for (const Vector& theta : thetas) {
    const Eigen::Ref<const Vector> whole(theta);
    Vector& own = all.emplace_back(layout.of(whole, block));
    for (const Centering& centering : layout.block(block).centering) {
      centering.to_working(own.reshaped(centering.mean.size(), own.size() / centering.mean.size()));
    }
  }
  return all;
}

/// The population parameters of candidates (columns), so that distances mean something.
Matrix places(const Layout& layout, const std::vector<Vector>& found) {
  std::vector<Vector> rows;
  std::vector<Vector> real;
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    const Block& block = layout.block(k);
    const bool logs = block.support == Support::positive ||
                      block.support == Support::unit_interval ||
                      block.support == Support::minus_one_to_one;
    if (!block.scaled_by.empty() || block.derived || block.size() > most_elements) continue;
    if (!logs && block.support != Support::real && block.support != Support::ordered) continue;
    const std::vector<Vector> own = in_working(layout, k, found);
    for (std::size_t e = 0; e < block.size(); ++e) {
      const auto at = static_cast<Eigen::Index>(e);
      Vector row(static_cast<Eigen::Index>(found.size()));
      for (std::size_t i = 0; i < found.size(); ++i) {
        row[static_cast<Eigen::Index>(i)] = to_free(block.support, own[i][at]);
      }
      if (!row.allFinite()) continue;  // at an end of its support
      (logs ? rows : real).push_back(row);
    }
  }
  // Together the real ones count as one.
  const double share = 1 / std::sqrt(std::max<double>(1, static_cast<double>(real.size())));
  for (Vector& row : real) {
    row.array() -= row.mean();
    const double sd = std::sqrt(row.squaredNorm() / static_cast<double>(row.size()));
    if (sd > 0) rows.push_back(row * (share / sd));
  }
  Matrix all(as_index(rows.size()), as_index(found.size()));
  for (std::size_t k = 0; k < rows.size(); ++k) all.row(as_index(k)) = rows[k];
  return all;
}

/// Candidates by turns: the two that lie farthest apart, then always the one that is farthest from
/// those taken.
std::vector<std::size_t> by_turns(const Matrix& at) {
  const Eigen::Index n = at.cols();
  const auto distances_from = [&at](Eigen::Index i) -> Vector {
    return (at.colwise() - Vector(at.col(i))).colwise().squaredNorm().transpose();
  };
  std::pair<Eigen::Index, Eigen::Index> ends{0, 0};
  double farthest = -1;
  for (Eigen::Index i = 0; i < n; ++i) {
    Eigen::Index j = 0;
    const double distance = distances_from(i).maxCoeff(&j);
    if (distance > farthest) farthest = distance, ends = {i, j};
  }
  std::vector<std::size_t> order{as_size(ends.first)};
  Vector nearest = distances_from(ends.first);
  nearest[ends.first] = -1;
  Eigen::Index next = ends.second;
  while (order.size() < as_size(n)) {
    if (nearest[next] < 0) nearest.maxCoeff(&next);
    order.push_back(as_size(next));
    nearest = nearest.cwiseMin(distances_from(next));
    nearest[next] = -1;
    nearest.maxCoeff(&next);
  }
  return order;
}

/// What modes are looked for in: what is kept, or all of theta where it holds no group effects;
/// nothing where it is large.
class Landscape {
 public:
  explicit Landscape(Model& model) : collapsed_(query<Collapsed>(model)) {
    if (collapsed_ != nullptr) {
      target_.emplace(kept_target(model));
      if (!target_->has_gradient()) target_->take_differences();
    } else if (query<LogDensity>(model) != nullptr && query<Gradient>(model) != nullptr) {
      target_.emplace(full_target(model));
    }
    if (!target_) return;
    // Where theta holds group effects, the tops of its density are not where its mass is.
    const Eigen::Index most = collapsed_ != nullptr ? most_kept : most_of_theta;
    if (target_->size() == 0 || target_->size() > most || !target_->effects().empty()) {
      target_.reset();
    }
  }

  bool empty() const noexcept { return !target_; }
  const Target& target() const { return *target_; }

  /// Measures the target by some points, and gives the first of them in its free coordinates.
  std::vector<Vector> locate(const std::vector<Vector>& thetas, std::size_t most) {
    Matrix at(target_->natural_size(), as_index(thetas.size()));
    for (std::size_t k = 0; k < thetas.size(); ++k) {
      auto place = at.col(as_index(k));
      if (collapsed_ == nullptr) {
        place = thetas[k];
      } else {
        collapsed_->to_marginal(thetas[k], place);
      }
    }
    Matrix working = at;
    for (auto place : working.colwise()) target_->to_working(place);
    target_->set_units(sizes_of(working));
    std::vector<Vector> points;
    for (const auto place : at.colwise()) {
      if (points.size() == most) break;
      Vector z = target_->free(place);
      if (z.allFinite()) points.push_back(std::move(z));
    }
    return points;
  }

  void fill(const Vector& z, Vector& theta, Rng& rng) const {
    const Vector natural = target_->natural(z);
    if (collapsed_ == nullptr) {
      theta = natural;
    } else {
      collapsed_->sample_conditional(natural, theta, rng);
    }
  }

 private:
  Collapsed* collapsed_;
  std::optional<Target> target_;
};

/// Around several modes by turns; nothing where there is one.
std::vector<Vector> around_modes(Model& model, const std::vector<Vector>& apart, std::uint64_t seed,
                                 std::size_t chains) {
  Landscape landscape(model);
  if (landscape.empty()) return {};
  const std::vector<Vector> points = landscape.locate(apart, ascents);
  const std::vector<Mode> modes = modes_from(landscape.target(), points, least_weight);
  if (modes.size() < 2) return {};
  std::vector<Vector> starts;
  Vector theta = apart.front();
  for (std::size_t chain = 0; chain < chains; ++chain) {
    const Mode& mode = modes[chain % modes.size()];
    Rng rng({seed, static_cast<std::uint32_t>(chain), Purpose::start, attempts});
    Vector z(mode.z.size());
    do {
      fill_normal(z, rng);
      z = mode.z + mode.root.triangularView<Eigen::Lower>() * z;
    } while (!std::isfinite(landscape.target().log_density(z)));
    landscape.fill(z, theta, rng);
    starts.push_back(theta);
  }
  return starts;
}

}  // namespace

Starts dispersed_starts(Model& model, const std::string& name, std::uint64_t seed,
                        std::size_t chains) {
  const std::size_t size = std::max<std::size_t>(1, model.layout().size());
  const std::size_t wanted =
      std::clamp<std::size_t>(most_candidates * cheap / size, 8, most_candidates);
  const std::vector<Vector> found = candidates(model, name, seed, wanted);
  if (found.empty()) {
    throw PluginError(fmt::format(
        "model '{}' found no starting point of finite density in {} attempts; check the priors",
        name, attempts));
  }
  std::vector<Vector> apart;
  for (const std::size_t k : by_turns(places(model.layout(), found))) apart.push_back(found[k]);
  Starts starts;
  starts.points = guarded("model", name, "its densities",
                          [&] { return around_modes(model, apart, seed, chains); });
  starts.around_modes = !starts.points.empty();
  for (std::size_t chain = starts.points.size(); chain < chains; ++chain) {
    starts.points.push_back(apart[chain % apart.size()]);
  }
  return starts;
}

}  // namespace tarn
