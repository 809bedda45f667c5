// Numbers that are free one by one.
#include <cmath>
#include <numbers>

#include "sample/transform/transform.hpp"
#include "tarn/target.hpp"

namespace tarn {

double to_free(Support support, double natural) noexcept {
  if (support == Support::positive) return std::log(natural);
  if (support == Support::unit_interval) return std::log(natural) - std::log1p(-natural);
  if (support == Support::minus_one_to_one) return std::atanh(natural);
  return natural;
}

double to_natural(Support support, double free) noexcept {
  if (support == Support::positive) return std::exp(free);
  if (support == Support::unit_interval) return 1 / (1 + std::exp(-free));
  if (support == Support::minus_one_to_one) return std::tanh(free);
  return free;
}

double log_jacobian(Support support, double free) noexcept {
  if (support == Support::positive) return free;
  if (support == Support::unit_interval) {
    return -std::abs(free) - 2 * std::log1p(std::exp(-std::abs(free)));
  }
  // log(1 - tanh^2), which has digits left where tanh is 1 to all of its own.
  if (support == Support::minus_one_to_one) {
    return 2 * (std::numbers::ln2 - std::abs(free) - std::log1p(std::exp(-2 * std::abs(free))));
  }
  return 0;
}

namespace {

class Elementwise final : public Transform {
 public:
  Elementwise(Support support, Eigen::Index count) : support_(support), count_(count) {}

  Eigen::Index size() const noexcept override { return count_; }

  void to_free(ConstVectorRef natural, VectorRef free) const override {
    for (Eigen::Index i = 0; i < count_; ++i) free[i] = tarn::to_free(support_, natural[i]);
  }

  double to_natural(ConstVectorRef free, VectorRef natural) const override {
    double jacobian = 0;
    for (Eigen::Index i = 0; i < count_; ++i) {
      natural[i] = tarn::to_natural(support_, free[i]);
      jacobian += tarn::log_jacobian(support_, free[i]);
    }
    return jacobian;
  }

  void pull_back(ConstVectorRef free, ConstVectorRef natural, ConstVectorRef natural_gradient,
                 VectorRef gradient) const override {
    for (Eigen::Index i = 0; i < count_; ++i) {
      const double g = natural_gradient[i];
      const double x = natural[i];
      if (support_ == Support::positive) {
        gradient[i] = g * x + 1;
      } else if (support_ == Support::unit_interval) {
        const double rest = tarn::to_natural(support_, -free[i]);  // 1 - x, to the last digit
        gradient[i] = g * x * rest + rest - x;
      } else if (support_ == Support::minus_one_to_one) {
        const double rest = 1 / std::cosh(free[i]);  // its square is 1 - x^2
        gradient[i] = g * rest * rest - 2 * x;
      } else {
        gradient[i] = g;
      }
    }
  }

 private:
  Support support_;
  Eigen::Index count_;
};

}  // namespace

std::unique_ptr<Transform> elementwise(Support support, Eigen::Index count) {
  return std::make_unique<Elementwise>(support, count);
}

}  // namespace tarn
