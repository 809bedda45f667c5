// What the model is made of, and where that is in a draw.
#pragma once

#include <vector>

#include <tarn/model.hpp>

#include "marginal_covariances.hpp"

namespace tarn::crossed {

/// A draw in the letters of the textbook; b in working coordinates, r_fj one after the other.
struct State : Spread {
  Vector b;
  std::vector<Vector> r;
};

/// Factors are numbered as the normal equations sort them. One object serves one chain.
struct Parts {
  explicit Parts(const ModelInput& input);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  State empty() const;
  Spread spread(ConstVectorRef theta) const;
  State read(ConstVectorRef theta) const;
  void write(const State& now, VectorRef theta) const;

  Eigen::Index p() const { return static_cast<Eigen::Index>(design.size()); }
  std::size_t factors() const { return equations.size(); }
  double levels(std::size_t f) const { return static_cast<double>(equations.factors()[f].levels); }
  std::string name(std::size_t f) const;

  /// The number of a grouping's factor.
  std::size_t place_of(std::size_t grouping) const;

  /// The effects of a factor as a q x J matrix.
  Eigen::Map<Matrix> by_column(std::size_t f, Vector& effects) const {
    return {effects.data(), equations.factors()[f].q, equations.factors()[f].levels};
  }
  Eigen::Map<const Matrix> by_column(std::size_t f, const Vector& effects) const {
    return {effects.data(), equations.factors()[f].q, equations.factors()[f].levels};
  }

  const Design& design;
  const Moments& moments;
  const NormalEquations& equations;
  Coefficients coefficients;
  const ParameterPrior* sigma_prior = nullptr;  // none with known standard errors
  std::vector<GroupCovariance> covariances;

  Layout layout;
  std::size_t b;
  std::size_t sigma = 0;
  std::vector<GroupCovariance::Place> sds;  // and correlations
  std::vector<std::size_t> r;
};

}  // namespace tarn::crossed
