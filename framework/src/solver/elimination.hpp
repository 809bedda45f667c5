// Group effects taken out of the normal equations, as blocks of a sparse Cholesky factor.
#pragma once

#include <cstddef>
#include <vector>

#include "tarn/rng.hpp"

#include "solver/normal_equations.hpp"

namespace tarn::solver {

/// The right-hand sides of the normal equations for some response.
struct RightHandSides {
  std::vector<Vector> z;  // Z_f'y, of every factor
  Vector x;               // X'y
  double y = 0;           // y'y
};

/// Effects r_f = sigma lambda_f v_f with v_f ~ N(0, I) and lambda_f = chol(Sigma_f) / sigma have
/// the precision M = I + lambda'Z'Z lambda given the coefficients (MODEL.md (2)). Factors that are
/// nested in one another form a chain, whose levels are eliminated one by one from the finest: that
/// leaves the next factor's levels apart (Papaspiliopoulos, Stumpf-Fetizon & Zanella 2023). All
/// others form one dense block (Bates et al. 2015, section 3).
class Elimination {
 public:
  /// Of these factors, by rising number; the others' effects are taken for given.
  Elimination(const NormalEquations& equations, const std::vector<std::size_t>& factors);

  /// Columns of the dense block.
  Eigen::Index dense() const noexcept { return D_; }

  struct Marginal {
    Matrix products;         // [X y]'[X y] less what the effects explain
    double log_determinant;  // log |M|
  };

  /// Factorises M. `lambda` has a matrix for each factor of the equations.
  Marginal factorise(const std::vector<Matrix>& lambda, const RightHandSides& response);

  /// Draws the effects given the coefficients (those of the shifted response), after factorise().
  void draw(ConstVectorRef b, double sigma, std::vector<Vector>& r, Rng& rng);

 private:
  /// From the levels of one chained factor to those of a later one that they are nested in.
  struct Link {
    std::size_t to;                    // place in the chain
    std::vector<Eigen::Index> parent;  // of each level
    std::vector<double> W;             // q x q_to by rows of each level: G^-1 lambda'Z'Z lambda_to
  };

  struct Chained {
    std::size_t factor;
    Eigen::Index levels;
    Eigen::Index q;
    std::vector<double> G;  // q x q by rows of each level: lower Cholesky factor
    std::vector<Link> links;
    // The dense block's, the covariates' and the response's columns: all of them, or, of the first
    // factor, those that the level meets.
    std::vector<std::size_t> start;  // of each level among `column`
    std::vector<Eigen::Index> column;
    std::vector<double> W;  // q x (number of columns) by rows of each level
  };

  struct Block {
    std::size_t factor;
    Eigen::Index first;  // column in the dense block
  };

  bool nested_in_all(std::size_t factor) const;
  void chain(std::size_t factor);
  void list_columns(Chained& one, bool sparse);
  void fill_dense(const RightHandSides& response);
  void fill(Chained& one, const RightHandSides& response);
  void eliminate(std::size_t place);

  const NormalEquations& equations_;
  Eigen::Index D_ = 0;
  Eigen::Index m_;  // p + 1
  std::vector<Chained> chain_;
  std::vector<Block> blocks_;
  std::vector<Matrix> lambda_;
  Matrix schur_;  // (D + m) x (D + m), lower triangle; after factorise() its Cholesky factor
  double log_determinant_ = 0;
};

}  // namespace tarn::solver
