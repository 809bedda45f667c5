// Shares that sum to 1, by breaking a stick: x_i = v_i times what the shares before leave of it,
// logit v_i = z_i - log(k - i), i = 1 .. k - 1, so that z = 0 gives equal shares.
#include <cmath>

#include "sample/transform/transform.hpp"
#include "tarn/target.hpp"

namespace tarn {
namespace {

class Simplex final : public Transform {
 public:
  explicit Simplex(Eigen::Index k) : k_(k) {}

  Eigen::Index size() const noexcept override { return k_ - 1; }

  void to_free(ConstVectorRef natural, VectorRef free) const override {
    double left = natural[k_ - 1];  // what comes after share i
    for (Eigen::Index i = k_ - 2; i >= 0; --i) {
      free[i] = std::log(natural[i]) - std::log(left) - offset(i);
      left += natural[i];
    }
  }

  double to_natural(ConstVectorRef free, VectorRef natural) const override {
    double jacobian = 0;
    double left = 1;
    for (Eigen::Index i = 0; i + 1 < k_; ++i) {
      const double logit = free[i] + offset(i);
      jacobian += std::log(left) + tarn::log_jacobian(Support::unit_interval, logit);
      natural[i] = left * tarn::to_natural(Support::unit_interval, logit);
      left *= tarn::to_natural(Support::unit_interval, -logit);
    }
    natural[k_ - 1] = left;
    return jacobian;
  }

  void pull_back(ConstVectorRef free, ConstVectorRef natural, ConstVectorRef natural_gradient,
                 VectorRef gradient) const override {
    double after = natural_gradient[k_ - 1] * natural[k_ - 1];  // sum over later shares of g x
    for (Eigen::Index i = k_ - 2; i >= 0; --i) {
      const double logit = free[i] + offset(i);
      const double share = tarn::to_natural(Support::unit_interval, logit);
      const double rest = tarn::to_natural(Support::unit_interval, -logit);
      const double own = natural_gradient[i] * natural[i];
      const auto later = static_cast<double>(k_ - 2 - i);  // sticks that shrink with this one
      gradient[i] = own * rest - share * after + rest - share - later * share;
      after += own;
    }
  }

 private:
  double offset(Eigen::Index i) const { return -std::log(static_cast<double>(k_ - 1 - i)); }

  Eigen::Index k_;
};

}  // namespace

std::unique_ptr<Transform> simplex(Eigen::Index k) { return std::make_unique<Simplex>(k); }

}  // namespace tarn
