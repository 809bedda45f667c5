// Rising numbers by their steps: x_1 = z_1, x_i = x_(i-1) + exp z_i, and
// log |d x / d z| = z_2 + ... + z_k (the ordered vectors of Stan's reference manual, section 10.6).
#include <cmath>

#include "sample/transform/transform.hpp"

namespace tarn {
namespace {

class Ordered final : public Transform {
 public:
  explicit Ordered(Eigen::Index k) : k_(k) {}

  Eigen::Index size() const noexcept override { return k_; }

  void to_free(ConstVectorRef natural, VectorRef free) const override {
    free[0] = natural[0];
    for (Eigen::Index i = 1; i < k_; ++i) free[i] = std::log(natural[i] - natural[i - 1]);
  }

  double to_natural(ConstVectorRef free, VectorRef natural) const override {
    natural[0] = free[0];
    for (Eigen::Index i = 1; i < k_; ++i) natural[i] = natural[i - 1] + std::exp(free[i]);
    return free.tail(k_ - 1).sum();
  }

  void pull_back(ConstVectorRef free, ConstVectorRef, ConstVectorRef natural_gradient,
                 VectorRef gradient) const override {
    double above = 0;  // numbers that move with step i
    for (Eigen::Index i = k_ - 1; i > 0; --i) {
      above += natural_gradient[i];
      gradient[i] = above * std::exp(free[i]) + 1;
    }
    gradient[0] = above + natural_gradient[0];
  }

 private:
  Eigen::Index k_;
};

}  // namespace

std::unique_ptr<Transform> ordered(Eigen::Index k) { return std::make_unique<Ordered>(k); }

}  // namespace tarn
