// Linear coordinates in which latent variables are nearly standard normal.
#pragma once

#include <memory>
#include <vector>

#include <Eigen/SparseCore>

#include <tarn/model.hpp>
#include <tarn/target.hpp>

namespace nuts {

/// u = V z for the latent variables of a model with a normal approximation (tarn::Pivot), V'V their
/// precision at the mode of the hyperparameters; other coordinates are left as they are. V is a
/// sparse Cholesky factor, whose order is undone by a permutation. Never changes once made: chains
/// may share it.
class Preconditioner {
 public:
  /// `target`: all of theta. None where there is no normal approximation, or where it is too large:
  /// then the coefficients alone are taken, given the effects; or nothing.
  static std::shared_ptr<const Preconditioner> at_mode(tarn::Model& model,
                                                       const tarn::Target& target);

  /// z are coordinates of `target` as it is now: the units of its effects may change.
  tarn::Vector to_kernel(const tarn::Target& target, tarn::ConstVectorRef z) const;
  tarn::Vector from_kernel(const tarn::Target& target, tarn::ConstVectorRef u) const;

  std::size_t size() const noexcept { return at_.size(); }

  /// The target of u. It refers to both.
  tarn::Target seen_from(const tarn::Target& target) const;

 private:
  using Sparse = Eigen::SparseMatrix<double>;

  Preconditioner(std::vector<Eigen::Index> at, Sparse factor, const tarn::Target& target,
                 const tarn::Vector& centre);

  /// What effects are counted in: their unit, or their sd at the mode.
  tarn::Vector units_of(const tarn::Target& target) const;

  /// Multiplies effects by powers of their unit now over that when the factor was found.
  void rescale(const tarn::Target& target, double power, tarn::VectorRef z) const;

  std::vector<Eigen::Index> at_;  // latent coordinates of z, in the factor's order
  Sparse factor_;                 // upper triangular
  tarn::Vector sd_;               // at the mode, of each of the target's effects()
  tarn::Vector units_;            // of effects when the factor was found
};

}  // namespace nuts
