// What the model is made of, and where that is in a draw.
#pragma once

#include <vector>

#include <tarn/model.hpp>

#include "kept_covariances.hpp"

/// A draw in the letters of the textbook; b in working coordinates, r_fj one after the other.
struct State : Spread {
  tarn::Vector b;
  std::vector<tarn::Vector> r;
};

/// Factors are numbered as the normal equations sort them. One object serves one chain.
struct Parts {
  explicit Parts(const tarn::ModelInput& input);
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;

  State empty() const;
  Spread spread(tarn::ConstVectorRef theta) const;
  State read(tarn::ConstVectorRef theta) const;
  void write(const State& now, tarn::VectorRef theta) const;

  Eigen::Index p() const { return static_cast<Eigen::Index>(design.size()); }
  std::size_t factors() const { return equations.size(); }
  double levels(std::size_t f) const { return static_cast<double>(equations.factors()[f].levels); }
  std::string name(std::size_t f) const;

  /// The number of a grouping's factor.
  std::size_t place_of(std::size_t grouping) const;

  /// The effects of a factor as a q x J matrix.
  Eigen::Map<tarn::Matrix> by_column(std::size_t f, tarn::Vector& effects) const {
    return {effects.data(), equations.factors()[f].q, equations.factors()[f].levels};
  }
  Eigen::Map<const tarn::Matrix> by_column(std::size_t f, const tarn::Vector& effects) const {
    return {effects.data(), equations.factors()[f].q, equations.factors()[f].levels};
  }

  const tarn::Design& design;
  const tarn::Moments& moments;
  const NormalEquations& equations;
  tarn::Coefficients coefficients;
  const tarn::ParameterPrior* sigma_prior = nullptr;  // none with known standard errors
  std::vector<tarn::GroupCovariance> covariances;

  tarn::Layout layout;
  std::size_t b;
  std::size_t sigma = 0;
  std::vector<tarn::GroupCovariance::Place> sds;  // and correlations
  std::vector<std::size_t> r;
};
