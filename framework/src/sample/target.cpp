// A density over free coordinates, block by block.
#include "tarn/target.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "sample/transform/transform.hpp"
#include "tarn/error.hpp"

namespace tarn {
namespace {

template <class Capability>
Capability& offered(Model& model) {
  if (auto* found = query<Capability>(model)) return *found;
  throw PluginError("a target was asked for that needs " + std::string(Capability::id) +
                    ", which the model does not offer; name it in the sampler's needs()");
}

double unit_of(const Target::Effects& e, ConstVectorRef natural) {
  return e.unit > 0 ? e.unit : natural[e.sd];
}

/// The effects, from where the first one is.
auto column(const Target::Effects& e, double& first) {
  return Eigen::Map<Vector, 0, Eigen::InnerStride<>>(&first, e.count,
                                                     Eigen::InnerStride<>(e.stride));
}

}  // namespace

Target::Target(const Layout& layout, LogDensity log_density, LogDensityGradient gradient,
               Derive derive)
    : natural_size_(static_cast<Eigen::Index>(layout.size())),
      log_density_(std::move(log_density)),
      gradient_(std::move(gradient)),
      derive_(std::move(derive)) {
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    const Block& block = layout.block(k);
    std::shared_ptr<const Transform> transform;
    if (!block.derived) transform = transform_of(block);
    const Eigen::Index free_count = transform ? transform->size() : 0;
    const std::size_t last = block.axes.empty() ? 1 : block.axes.back().labels.size();
    pieces_.push_back({std::move(transform), static_cast<Eigen::Index>(layout.offset(k)),
                       static_cast<Eigen::Index>(block.size()), size_, free_count,
                       static_cast<Eigen::Index>(last), block.centering});
    size_ += free_count;
  }
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    if (layout.block(k).derived) continue;
    if (!layout.block(k).scaled_by.empty()) {
      add_effects(layout, k);
    } else if (layout.block(k).support == Support::real) {
      const Piece& p = pieces_[k];
      for (Eigen::Index i = 0; i < p.count; ++i) reals_.push_back({p.natural + i, p.free + i});
    }
  }
}

Eigen::Map<Matrix> Target::by_last_axis(const Piece& piece, VectorRef natural) const {
  return {natural.data() + piece.natural, piece.last, piece.count / piece.last};
}

void Target::to_working(VectorRef natural) const {
  for (const Piece& p : pieces_) {
    for (const Centering& c : p.centering) c.to_working(by_last_axis(p, natural));
  }
}

void Target::set_units(ConstVectorRef natural) {
  for (Real& real : reals_) real.unit = natural[real.natural];
}

void Target::add_effects(const Layout& layout, std::size_t block) {
  const Block& effects = layout.block(block);
  const auto sds = layout.find(effects.scaled_by);
  const std::size_t q = effects.axes.empty() ? 1 : effects.axes.back().labels.size();
  if (effects.support != Support::real || !sds || layout.block(*sds).support != Support::positive ||
      layout.block(*sds).size() != q) {
    throw PluginError("block '" + effects.name + "' is scaled by '" + effects.scaled_by +
                      "'; it must hold real numbers, and that block one positive number for each "
                      "label of its last axis");
  }
  if (layout.block(*sds).derived) {
    throw PluginError("block '" + effects.name + "' is scaled by '" + effects.scaled_by +
                      "', which is derived from others");
  }
  const Piece& piece = pieces_[block];
  const auto stride = static_cast<Eigen::Index>(q);
  for (Eigen::Index k = 0; k < stride; ++k) {
    effects_.push_back({pieces_[*sds].natural + k, pieces_[*sds].free + k, piece.natural + k,
                        piece.free + k, piece.count / stride, stride});
  }
}

Vector Target::free(ConstVectorRef natural) const {
  Vector z(size_);
  Vector working = natural;
  to_working(working);
  for (const Piece& p : pieces_) {
    if (!p.transform) continue;
    p.transform->to_free(working.segment(p.natural, p.count), z.segment(p.free, p.free_count));
  }
  for (const Effects& e : effects_) column(e, z[e.free]) /= unit_of(e, natural);
  for (const Real& real : reals_) z[real.free] /= real.unit;
  return z;
}

double Target::to_natural(ConstVectorRef free, VectorRef natural) const {
  double jacobian = 0;
  for (const Piece& p : pieces_) {
    if (!p.transform) continue;
    jacobian += p.transform->to_natural(free.segment(p.free, p.free_count),
                                        natural.segment(p.natural, p.count));
  }
  for (const Effects& e : effects_) {
    const double unit = unit_of(e, natural);
    column(e, natural[e.natural]) *= unit;
    jacobian += static_cast<double>(e.count) * std::log(unit);
  }
  for (const Real& real : reals_) {
    natural[real.natural] *= real.unit;
    jacobian += std::log(real.unit);
  }
  for (const Piece& p : pieces_) {
    for (const Centering& c : p.centering) c.to_user(by_last_axis(p, natural));
  }
  return jacobian;
}

Vector Target::natural(ConstVectorRef free) const {
  Vector x = Vector::Zero(natural_size_);
  to_natural(free, x);
  if (derive_) derive_(x);
  return x;
}

double Target::log_jacobian(ConstVectorRef free) const {
  Vector x(natural_size_);
  return to_natural(free, x);
}

double Target::log_density(ConstVectorRef free) const {
  Vector x(natural_size_);
  const double jacobian = to_natural(free, x);
  return log_density_(x) + jacobian;
}

double Target::differences(ConstVectorRef free, VectorRef gradient) const {
  // Free coordinates are logarithms and their like, of order 1; the best step is eps^(1/3).
  constexpr double step = 0x1p-17;
  Vector there = free;
  for (Eigen::Index i = 0; i < there.size(); ++i) {
    there[i] = free[i] + step;
    const double right = log_density(there);
    there[i] = free[i] - step;
    gradient[i] = (right - log_density(there)) / (2 * step);
    there[i] = free[i];
  }
  return log_density(free);
}

double Target::log_density_gradient(ConstVectorRef free, VectorRef gradient) const {
  if (gradient_ == nullptr) return differences(free, gradient);
  Vector x(natural_size_);
  Vector of_natural(natural_size_);
  const double jacobian = to_natural(free, x);
  const double value = gradient_(x, of_natural) + jacobian;
  for (const Piece& p : pieces_) {
    for (const Centering& c : p.centering) {
      c.gradient_to_working(by_last_axis(p, of_natural));
      c.to_working(by_last_axis(p, x));
    }
  }
  for (const Effects& e : effects_) {  // r = unit z
    auto slope = column(e, of_natural[e.natural]);
    if (e.unit == 0) {
      const double pull = slope.dot(column(e, x[e.natural])) + static_cast<double>(e.count);
      of_natural[e.sd] += pull / x[e.sd];
    }
    slope *= unit_of(e, x);
  }
  for (const Real& real : reals_) of_natural[real.natural] *= real.unit;
  for (const Piece& p : pieces_) {
    if (!p.transform) continue;
    p.transform->pull_back(free.segment(p.free, p.free_count), x.segment(p.natural, p.count),
                           of_natural.segment(p.natural, p.count),
                           gradient.segment(p.free, p.free_count));
  }
  return value;
}

Target full_target(Model& model) {
  LogDensity& density = offered<LogDensity>(model);
  Target::LogDensityGradient gradient;
  if (auto* offers = query<Gradient>(model)) {
    gradient = [offers](ConstVectorRef theta, VectorRef g) {
      return offers->log_density_gradient(theta, g);
    };
  }
  return {model.layout(), [&density](ConstVectorRef theta) { return density.log_density(theta); },
          std::move(gradient), [&model](VectorRef theta) { model.derive(theta); }};
}

Target kept_target(Model& model) {
  Collapsed& collapsed = offered<Collapsed>(model);
  Target::LogDensityGradient gradient;
  if (auto* offers = query<CollapsedGradient>(model)) {
    gradient = [offers](ConstVectorRef phi, VectorRef g) {
      return offers->log_marginal_gradient(phi, g);
    };
  }
  return {collapsed.marginal_layout(),
          [&collapsed](ConstVectorRef phi) { return collapsed.log_marginal(phi); },
          std::move(gradient)};
}

}  // namespace tarn
