// Effects of one grouping factor integrated out by adaptive Gauss-Hermite quadrature, and drawn.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "regression/group_likelihood.hpp"
#include "regression/parameter_predictors.hpp"
#include "tarn/rng.hpp"

namespace tarn::regression {

/// log of the integral of exp(l_j(u)) N(u; 0, sd^2) over the effect u of every level j, by nodes
/// about the mode of its integrand (Liu & Pierce 1994; Pinheiro & Bates 1995):
///   (s / sd) sum_k w_k exp(l_j(u_k) - u_k^2 / (2 sd^2) + x_k^2 / 2),   u_k = mode + s x_k,
/// x, w the nodes and weights of the standard normal. One object serves one chain.
class Quadrature {
 public:
  static constexpr std::size_t most_nodes = 25;

  explicit Quadrature(const Design& design, std::size_t nodes = 11);

  std::size_t nodes() const noexcept { return nodes_; }
  void set_nodes(std::size_t nodes) { nodes_ = nodes; }

  /// The predictor but for effects, in working coordinates, the family's parameters, and sd.
  struct Point {
    const Vector& b;
    const Vector& psi;
    double sd;
    const ParameterPredictors* predictors = nullptr;  // where psi may be by row: these, and
    const PredictorValues* now = nullptr;             // what they are made of

    void psi_of(const Rows& rows, Matrix& psi_of_rows) const;
  };

  /// Sum over all levels.
  double log_likelihood(const Point& at);

  /// The same, and its derivatives.
  struct Slope {
    Vector b;
    Vector psi;
    double sd = 0;
    PredictorValues predictors = {};
  };
  double log_likelihood_gradient(const Point& at, Slope& slope);

  /// Sum over levels of how much the value changes with 2 K + 9 nodes in the place of K.
  double error(const Point& at);

  /// What is left of the integrals of a block of other rows, whose predictors but for u and
  /// parameters (one row for all, or a row for each) are given.
  struct Integrals {
    const Vector& log_likelihood;  // of every level
    const Matrix& u;               // nodes of every level in a column
    const Matrix& share;           // of the integral, of every node
  };
  Integrals of_levels(const RowBlock& block, const Vector& eta, const Matrix& psi, double sd,
                      std::size_t nodes);

  /// u | y, exactly, by rejection from three tangents: for a log-concave family.
  void draw_effects(const Point& at, VectorRef u, Rng& rng);

 private:
  void look_at(const RowBlock& block, const Point& at);
  void find_modes(GroupLikelihood& likelihood, double sd);
  void place_nodes(GroupLikelihood& likelihood, double sd, std::size_t nodes);
  void draw_block(const RowBlock& block, double sd, VectorRef u, Rng& rng);

  const Design& design_;
  std::unique_ptr<GroupLikelihood> likelihood_;
  std::size_t nodes_;
  // Of the block that is looked at:
  Vector eta_;
  Matrix psi_;
  GroupLikelihood::Wanted wanted_;
  Vector mode_, scale_, score_, curvature_, by_level_, by_row_;
  Matrix u_, l_, share_;
};

/// Nodes and weights of the standard normal (Golub & Welsch 1969); nodes ascend.
struct HermiteRule {
  Eigen::ArrayXd x;
  Eigen::ArrayXd log_weight;
};
const HermiteRule& hermite_rule(std::size_t nodes);

}  // namespace tarn::regression
