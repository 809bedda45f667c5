// Free coordinates.
#include "tarn/target.hpp"

#include <cmath>

#include "tarn/error.hpp"

namespace tarn {

double to_free(Support support, double natural) noexcept {
  if (support == Support::positive) return std::log(natural);
  if (support == Support::unit_interval) return std::log(natural) - std::log1p(-natural);
  return natural;
}

double to_natural(Support support, double free) noexcept {
  if (support == Support::positive) return std::exp(free);
  if (support == Support::unit_interval) return 1 / (1 + std::exp(-free));
  return free;
}

double log_jacobian(Support support, double free) noexcept {
  if (support == Support::positive) return free;
  if (support == Support::unit_interval) {
    return -std::abs(free) - 2 * std::log1p(std::exp(-std::abs(free)));
  }
  return 0;
}

Target::Target(const Layout& layout, LogDensity log_density)
    : log_density_(std::move(log_density)) {
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    const Block& block = layout.block(k);
    if (block.support != Support::real && block.support != Support::positive &&
        block.support != Support::unit_interval) {
      throw PluginError("block '" + block.name + "' is " + std::string(to_string(block.support)) +
                        ", whose elements cannot move one by one");
    }
    supports_.insert(supports_.end(), block.size(), block.support);
  }
}

Vector Target::free(ConstVectorRef natural) const {
  Vector z(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    z[i] = to_free(supports_[static_cast<std::size_t>(i)], natural[i]);
  }
  return z;
}

Vector Target::natural(ConstVectorRef free) const {
  Vector x(size());
  for (Eigen::Index i = 0; i < size(); ++i) {
    x[i] = to_natural(supports_[static_cast<std::size_t>(i)], free[i]);
  }
  return x;
}

double Target::log_jacobian(ConstVectorRef free) const {
  double jacobian = 0;
  for (Eigen::Index i = 0; i < size(); ++i) {
    jacobian += tarn::log_jacobian(supports_[static_cast<std::size_t>(i)], free[i]);
  }
  return jacobian;
}

double Target::log_density(ConstVectorRef free) const {
  return log_density_(natural(free)) + log_jacobian(free);
}

}  // namespace tarn
