// What a model of several grouping factors needs from its rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "tarn/design.hpp"

namespace tarn::solver {

/// Cross-products of the columns of all factors, of the covariates and of the response (less its
/// least-squares fit, so that few digits cancel), weighted. Sparse: levels that never meet have
/// none.
class NormalEquations {
 public:
  /// One grouping factor with the columns of all its terms.
  struct Factor {
    std::size_t grouping = 0;
    Eigen::Index levels = 0;
    Eigen::Index q = 0;
    std::vector<double> own;  // Z_j'Z_j, q x q by rows, of every level
    RowMatrix d;              // (J q) x (p + 1): Z'[X y]
  };

  /// Z_f'Z_g of two factors: for every level of f the levels of g that it meets, in order.
  struct Table {
    std::vector<std::size_t> start;   // J_f + 1
    std::vector<std::int32_t> level;  // of g
    std::vector<double> block;        // q_f x q_g by rows
  };

  explicit NormalEquations(const Design& design);

  /// Factors by falling number of columns, J q.
  const std::vector<Factor>& factors() const noexcept { return factors_; }
  std::size_t size() const noexcept { return factors_.size(); }

  /// Of factors f < g.
  const Table& table(std::size_t f, std::size_t g) const { return tables_[f * size() + g]; }

  Eigen::Index p() const noexcept { return shift_.size(); }
  const Matrix& products() const noexcept { return products_; }  // [X y]'[X y]
  const Vector& shift() const noexcept { return shift_; }        // y is less X shift

  /// What sums of squares, as differences of products, are known to.
  double rounding() const noexcept {
    return 8 * std::numeric_limits<double>::epsilon() * products_(p(), p());
  }

  /// Visits Z_f'Z_g for two different factors in any order: visit(level of f, level of g, B) where
  /// B(a, b) is an element of the q_f x q_g block.
  template <class Visit>
  void for_each_block(std::size_t f, std::size_t g, const Visit& visit) const {
    const bool in_order = f < g;
    const Table& table = in_order ? this->table(f, g) : this->table(g, f);
    const Factor& one = factors_[in_order ? f : g];
    const Eigen::Index rows = one.q;
    const Eigen::Index columns = factors_[in_order ? g : f].q;
    const double* block = table.block.data();
    for (Eigen::Index j = 0; j < one.levels; ++j) {
      const auto end = table.start[as_size(j) + 1];
      for (std::size_t e = table.start[as_size(j)]; e < end; ++e) {
        const Eigen::Index k = table.level[e];
        if (in_order) {
          visit(j, k, [=](Eigen::Index a, Eigen::Index b) { return block[a * columns + b]; });
        } else {
          visit(k, j, [=](Eigen::Index a, Eigen::Index b) { return block[b * columns + a]; });
        }
        block += rows * columns;
      }
    }
  }

  /// Takes Z_f'(Z_g r) off `sum`.
  void subtract_product(std::size_t f, std::size_t g, ConstVectorRef r, Vector& sum) const;

 private:
  void subtract_product_of_intercepts(std::size_t f, std::size_t g, ConstVectorRef r,
                                      Vector& sum) const;
  Table make_table(const Rows& rows, std::size_t f, std::size_t g) const;
  Matrix columns(const Rows& rows, std::size_t f) const;

  const Design& design_;
  std::vector<Factor> factors_;
  std::vector<Table> tables_;
  Matrix products_;
  Vector shift_;
};

}  // namespace tarn::solver
