// Counts of failures before the first success, with the mean mu = exp(eta):
//   p(y) = mu^y / (1 + mu)^(y + 1),   y = 0, 1, 2, ...
#include <tarn/plugin.hpp>

using namespace tarn;

struct Geometric final : Family {
  using Family::Family;

  std::optional<std::string> refuses(double y, double) const override {
    if (y >= 0 && y == std::floor(y)) return std::nullopt;
    return "geometric needs whole numbers from 0";
  }
  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef,
                      VectorRef by_row) const override {
    by_row = rows.y.array() * eta.array() - (rows.y.array() + 1) * eta.array().exp().log1p();
  }
  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef, VectorRef score,
                   VectorRef curvature) const override {
    const auto share = (1 + (-eta.array()).exp()).inverse();  // mu / (1 + mu)
    score = rows.y.array() - (rows.y.array() + 1) * share;
    curvature = (rows.y.array() + 1) * share * (1 - share);
  }
  void mean(const Rows&, ConstVectorRef eta, ConstMatrixRef, VectorRef expected) const override {
    expected = eta.array().exp();
  }
  void draw(const Rows&, ConstVectorRef eta, ConstMatrixRef, VectorRef y, Rng& rng) const override {
    for (Eigen::Index i = 0; i < y.size(); ++i) {
      y[i] = std::floor(rng.exponential() / std::log1p(std::exp(-eta[i])));
    }
  }
  bool probability_mass() const noexcept override { return true; }
};

TARN_PLUGIN("geometric", "0.2.0") {
  plugin.family<Geometric>("geometric", "failures before a success", {.links = {Link::log}});
}
