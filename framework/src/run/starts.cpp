// Candidates, and which of them a chain takes.
#include "run/starts.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "run/guard.hpp"
#include "tarn/target.hpp"

namespace tarn {
namespace {

constexpr std::size_t attempts = 100;
constexpr std::size_t most_candidates = 32;
constexpr std::size_t cheap = 2000;  // numbers of a draw: so many candidates take milliseconds
constexpr std::size_t most_elements = 20;  // of a block of population parameters

/// Candidates of finite density, the same for all chains.
std::vector<Vector> candidates(Model& model, const std::string& name, std::uint64_t seed,
                               std::size_t wanted) {
  LogDensity* density = query<LogDensity>(model);
  Vector theta(static_cast<Eigen::Index>(model.layout().size()));
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

/// The population parameters of candidates (columns), so that distances mean something.
Matrix places(const Layout& layout, const std::vector<Vector>& found) {
  std::vector<Vector> rows;
  std::vector<Vector> real;
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    const Block& block = layout.block(k);
    const bool logs = block.support == Support::positive || block.support == Support::unit_interval;
    if (!block.scaled_by.empty() || block.size() > most_elements) continue;
    if (!logs && block.support != Support::real) continue;
    for (std::size_t e = 0; e < block.size(); ++e) {
      const auto at = static_cast<Eigen::Index>(layout.offset(k) + e);
      Vector row(static_cast<Eigen::Index>(found.size()));
      for (std::size_t i = 0; i < found.size(); ++i) {
        row[static_cast<Eigen::Index>(i)] = to_free(block.support, found[i][at]);
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
  Matrix all(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(found.size()));
  for (std::size_t k = 0; k < rows.size(); ++k) all.row(static_cast<Eigen::Index>(k)) = rows[k];
  return all;
}

/// The candidate that chain number `chain` takes.
Eigen::Index taken(const Matrix& at, std::size_t chain) {
  const Eigen::Index n = at.cols();
  std::pair<Eigen::Index, Eigen::Index> ends{0, 0};
  double farthest = -1;
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      const double distance = (at.col(i) - at.col(j)).squaredNorm();
      if (distance > farthest) farthest = distance, ends = {j, i};
    }
  }
  if (chain == 0) return ends.first;
  Vector nearest = (at.colwise() - Vector(at.col(ends.first))).colwise().squaredNorm().transpose();
  Eigen::Index next = ends.second;
  for (std::size_t k = 1; k < chain; ++k) {
    nearest =
        nearest.cwiseMin((at.colwise() - Vector(at.col(next))).colwise().squaredNorm().transpose());
    nearest.maxCoeff(&next);
  }
  return next;
}

}  // namespace

Vector dispersed_start(Model& model, const std::string& name, std::uint64_t seed,
                       std::size_t chain) {
  const std::size_t size = std::max<std::size_t>(1, model.layout().size());
  const std::size_t wanted =
      std::clamp<std::size_t>(most_candidates * cheap / size, 8, most_candidates);
  const std::vector<Vector> found = candidates(model, name, seed, wanted);
  if (found.empty()) {
    throw PluginError(fmt::format(
        "model '{}' found no starting point of finite density in {} attempts; check the priors",
        name, attempts));
  }
  const std::size_t turn = chain % found.size();
  if (model.layout().size() == 0) return found[turn];
  return found[static_cast<std::size_t>(taken(places(model.layout(), found), turn))];
}

}  // namespace tarn
