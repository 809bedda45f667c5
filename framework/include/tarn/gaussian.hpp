// The normal distribution as a family: the one that solvers are exact for.
#pragma once

#include <memory>

#include "tarn/family.hpp"

namespace tarn {

/// y_i ~ N(eta_i, sigma_i^2), sigma_i = sigma, or the row's known standard error.
class Gaussian final : public Family, public GaussianRows, public DistributionFunction {
 public:
  explicit Gaussian(Link link = Link::identity) : Family(link) {}

  std::vector<FamilyParameter> parameters(const Design& design) const override;
  std::optional<std::string> refuses(double y, double trials) const override;
  void log_likelihood(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                      VectorRef by_row) const override;
  void derivatives(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef score,
                   VectorRef curvature) const override;
  void psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                  MatrixRef by_row) const override;
  void mean(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
            VectorRef expected) const override;
  void variance(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                VectorRef by_row) const override;
  void cumulative(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                  VectorRef by_row) const override;
  void draw(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi, VectorRef y,
            Rng& rng) const override;
  bool log_concave() const noexcept override { return true; }
  double row_sd(const Rows& rows, Eigen::Index i, ConstMatrixRef psi) const override;
  const void* query(std::string_view capability) const noexcept override;
};

}  // namespace tarn
