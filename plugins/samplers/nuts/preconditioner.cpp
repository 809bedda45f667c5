// The factor of a normal approximation, column by column, and products with it.
#include "preconditioner.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <Eigen/Cholesky>

#include <tarn/distributions.hpp>
#include <tarn/error.hpp>
#include <tarn/index.hpp>

#include "laplace_marginal.hpp"

namespace nuts {

using namespace tarn;

namespace {

/// Columns are found one by one, each by a product with the whole factor.
constexpr std::size_t most_latents = 5000;
constexpr std::size_t most_coefficients = 200;

/// The normal approximation at the mode of the hyperparameters.
struct Approximation {
  std::unique_ptr<PivotPlace> place;
  Vector centre;  // free coordinates where the latent variables have their mode
};

std::optional<Approximation> approximation_of(Model& model, const Target& target) {
  Pivot& pivot = *query<Pivot>(model);
  Vector phi;
  try {
    phi = pivot::anchor_at_mode(model, pivot::laplace_target(model), 1, 0).phi;
  } catch (const PluginError&) {  // the kernel learns by itself
    return std::nullopt;
  }
  auto place = pivot.make_place();
  if (!place->set(phi)) return std::nullopt;
  Vector theta = Vector::Zero(as_index(model.layout().size()));
  place->from_standard(Vector::Zero(as_index(pivot.latents())), theta);
  model.derive(theta);
  Vector centre = target.free(theta);
  if (!centre.allFinite()) return std::nullopt;
  return Approximation{std::move(place), std::move(centre)};
}

/// The coordinates that latent variables move.
std::vector<Eigen::Index> latent_coordinates(Model& model, const Target& target,
                                             const Approximation& of) {
  Rng rng(Stream{.purpose = Purpose::pilot, .draw = 7});
  Vector xi(as_index(query<Pivot>(model)->latents()));
  fill_normal(xi, rng);
  Vector theta = target.natural(of.centre);
  of.place->from_standard(xi, theta);
  const Vector moved = target.free(theta);
  std::vector<Eigen::Index> at;
  for (Eigen::Index i = 0; i < moved.size(); ++i) {
    // Hyperparameters stay, to rounding.
    if (std::abs(moved[i] - of.centre[i]) > 1e-12 * (1 + std::abs(moved[i]))) at.push_back(i);
  }
  return at;
}

void leave_out_effects(const Target& target, std::vector<Eigen::Index>& at) {
  std::vector<bool> is_effect(as_size(target.size()), false);
  for (const Target::Effects& e : target.effects()) {
    for (Eigen::Index j = 0; j < e.count; ++j) is_effect[as_size(e.free + j * e.stride)] = true;
  }
  std::erase_if(at, [&](Eigen::Index i) { return is_effect[as_size(i)]; });
}

/// What one unit of a coordinate is in standardised ones.
class Columns {
 public:
  Columns(Model& model, const Target& target, const Approximation& of)
      : target_(target), of_(of), xi_(as_index(query<Pivot>(model)->latents())), origin_(xi_) {
    of_.place->to_standard(target_.natural(of_.centre), origin_);
  }

  Vector of(Eigen::Index coordinate) {
    Vector z = of_.centre;
    z[coordinate] += 1;
    of_.place->to_standard(target_.natural(z), xi_);
    return xi_ - origin_;
  }

 private:
  const Target& target_;
  const Approximation& of_;
  Vector xi_;
  Vector origin_;
};

using Triplets = std::vector<Eigen::Triplet<double>>;

/// Columns of the factor, each ending at its own place; false where they are not a factor's.
bool read_factor(Columns& columns, std::vector<Eigen::Index>& at, Triplets& entries) {
  constexpr double rounding = 1e-10;
  std::vector<Eigen::Index> ordered(at.size(), -1);
  for (const Eigen::Index coordinate : at) {
    const Vector column = columns.of(coordinate);
    const double least = rounding * column.cwiseAbs().maxCoeff();
    Eigen::Index last = column.size() - 1;
    while (last >= 0 && !(std::abs(column[last]) > least)) --last;
    if (last < 0 || ordered[as_size(last)] >= 0) return false;
    ordered[as_size(last)] = coordinate;
    for (Eigen::Index i = 0; i <= last; ++i) {
      if (std::abs(column[i]) > least) {
        entries.emplace_back(static_cast<int>(i), static_cast<int>(last), column[i]);
      }
    }
  }
  at = std::move(ordered);
  return true;
}

/// Of the precision of some coordinates, the others fixed.
bool factor_of_some(Columns& columns, const std::vector<Eigen::Index>& at, Triplets& entries) {
  const auto d = std::ssize(at);
  std::vector<Vector> found;
  for (const Eigen::Index coordinate : at) found.push_back(columns.of(coordinate));
  Matrix precision(d, d);
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      precision(i, j) = precision(j, i) = found[as_size(i)].dot(found[as_size(j)]);
    }
  }
  const Eigen::LLT<Matrix> llt(precision);
  if (!precision.allFinite() || llt.info() != Eigen::Success) return false;
  const Matrix upper = llt.matrixU();
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index j = i; j < d; ++j) {
      entries.emplace_back(static_cast<int>(i), static_cast<int>(j), upper(i, j));
    }
  }
  return true;
}

}  // namespace

std::shared_ptr<const Preconditioner> Preconditioner::at_mode(Model& model, const Target& target) {
  if (query<Pivot>(model) == nullptr) return nullptr;
  const auto found = approximation_of(model, target);
  if (!found) return nullptr;
  std::vector<Eigen::Index> at = latent_coordinates(model, target, *found);
  const std::size_t latents = query<Pivot>(model)->latents();
  Columns columns(model, target, *found);
  Triplets entries;
  bool made = false;
  if (latents <= most_latents) {
    made = at.size() == latents && read_factor(columns, at, entries);
  } else {
    leave_out_effects(target, at);
    made = at.size() <= most_coefficients && factor_of_some(columns, at, entries);
  }
  if (!made || at.empty()) return nullptr;
  Sparse factor(std::ssize(at), std::ssize(at));
  factor.setFromTriplets(entries.begin(), entries.end());
  return std::shared_ptr<const Preconditioner>(
      new Preconditioner(std::move(at), std::move(factor), target, found->centre));
}

Preconditioner::Preconditioner(std::vector<Eigen::Index> at, Sparse factor, const Target& target,
                               const Vector& centre)
    : at_(std::move(at)), factor_(std::move(factor)), sd_(std::ssize(target.effects())) {
  for (Eigen::Index k = 0; k < sd_.size(); ++k) {
    sd_[k] = std::exp(centre[target.effects()[as_size(k)].log_sd]);
  }
  units_ = units_of(target);
}

Vector Preconditioner::units_of(const Target& target) const {
  Vector units = sd_;
  for (Eigen::Index k = 0; k < units.size(); ++k) {
    const double unit = target.effects()[as_size(k)].unit;
    if (unit != 0) units[k] = unit;
  }
  return units;
}

void Preconditioner::rescale(const Target& target, double power, VectorRef z) const {
  const Vector units = units_of(target);
  for (Eigen::Index k = 0; k < units.size(); ++k) {
    if (units[k] == units_[k]) continue;
    const double factor = std::pow(units[k] / units_[k], power);
    const Target::Effects& e = target.effects()[as_size(k)];
    for (Eigen::Index j = 0; j < e.count; ++j) z[e.free + j * e.stride] *= factor;
  }
}

Vector Preconditioner::to_kernel(const Target& target, ConstVectorRef z) const {
  Vector u = z;
  rescale(target, 1, u);
  u(at_) = factor_ * Vector(u(at_));
  return u;
}

Vector Preconditioner::from_kernel(const Target& target, ConstVectorRef u) const {
  Vector z = u;
  z(at_) = factor_.triangularView<Eigen::Upper>().solve(Vector(u(at_)));
  rescale(target, -1, z);
  return z;
}

Target Preconditioner::seen_from(const Target& target) const {
  Layout layout;
  Block block{"u"};
  Axis axis{"coordinate", {}};
  for (Eigen::Index i = 0; i < target.size(); ++i) axis.labels.push_back(std::to_string(i));
  block.axes.push_back(std::move(axis));
  layout.add(block);
  return {layout,
          [this, &target](ConstVectorRef u) { return target.log_density(from_kernel(target, u)); },
          [this, &target](ConstVectorRef u, VectorRef gradient) {
            const double value = target.log_density_gradient(from_kernel(target, u), gradient);
            rescale(target, -1, gradient);
            gradient(at_) =
                factor_.transpose().triangularView<Eigen::Lower>().solve(Vector(gradient(at_)));
            return value;
          }};
}

}  // namespace nuts
