// A density over free coordinates, block by block.
#include "tarn/target.hpp"

#include <string>
#include <utility>

#include "model/transform/transform.hpp"
#include "tarn/error.hpp"

namespace tarn {
namespace {

template <class Capability>
Capability& offered(Model& model) {
  if (auto* found = query<Capability>(model)) return *found;
  throw PluginError("a target was asked for that needs " + std::string(Capability::id) +
                    ", which the model does not offer; name it in the sampler's needs()");
}

}  // namespace

Target::Target(const Layout& layout, LogDensity log_density, LogDensityGradient gradient)
    : natural_size_(static_cast<Eigen::Index>(layout.size())),
      log_density_(std::move(log_density)),
      gradient_(std::move(gradient)) {
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    std::shared_ptr<const Transform> transform = transform_of(layout.block(k));
    const Eigen::Index free_count = transform->size();
    pieces_.push_back({std::move(transform), static_cast<Eigen::Index>(layout.offset(k)),
                       static_cast<Eigen::Index>(layout.block(k).size()), size_, free_count});
    size_ += free_count;
  }
}

Vector Target::free(ConstVectorRef natural) const {
  Vector z(size_);
  for (const Piece& p : pieces_) {
    p.transform->to_free(natural.segment(p.natural, p.count), z.segment(p.free, p.free_count));
  }
  return z;
}

double Target::to_natural(ConstVectorRef free, VectorRef natural) const {
  double jacobian = 0;
  for (const Piece& p : pieces_) {
    jacobian += p.transform->to_natural(free.segment(p.free, p.free_count),
                                        natural.segment(p.natural, p.count));
  }
  return jacobian;
}

Vector Target::natural(ConstVectorRef free) const {
  Vector x(natural_size_);
  to_natural(free, x);
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

double Target::log_density_gradient(ConstVectorRef free, VectorRef gradient) const {
  Vector x(natural_size_);
  Vector of_natural(natural_size_);
  const double jacobian = to_natural(free, x);
  const double value = gradient_(x, of_natural) + jacobian;
  for (const Piece& p : pieces_) {
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
          std::move(gradient)};
}

Target kept_target(Model& model) {
  Collapsed& collapsed = offered<Collapsed>(model);
  Target::LogDensityGradient gradient;
  if (auto* offers = query<CollapsedGradient>(model)) {
    gradient = [offers](ConstVectorRef kept, VectorRef g) {
      return offers->log_marginal_gradient(kept, g);
    };
  }
  return {collapsed.kept(),
          [&collapsed](ConstVectorRef kept) { return collapsed.log_marginal(kept); },
          std::move(gradient)};
}

}  // namespace tarn
