// One pass over the rows for each factor, and one for each pair.
#include "solver/normal_equations.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "tarn/error.hpp"
#include "tarn/factor.hpp"

namespace tarn::solver {
namespace {

/// Products of covariates nearer to dependent than this keep less than two digits.
constexpr double too_dependent = 1e-7;

}  // namespace

NormalEquations::NormalEquations(const Design& design) : design_(design) {
  const Matrix& F = design.moments().factor;
  const auto p = as_index(design.size());
  if (reciprocal_condition(F) < too_dependent) {
    throw InputError(
        "the covariates are so nearly dependent that several grouping factors cannot be fitted "
        "with them; leave one out, or make them independent, as poly(x, 2) does");
  }
  shift_ = F.topLeftCorner(p, p).triangularView<Eigen::Upper>().solve(F.col(p).head(p));
  Matrix shifted = F;
  shifted.col(p) -= F.leftCols(p) * shift_;
  products_ = shifted.transpose() * shifted;

  const Rows rows = design.all_rows();
  Matrix d(rows.y.size(), p + 1);
  d << rows.X, rows.less_offset() - rows.X * shift_;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    Factor factor{g, as_index(design.groupings[g].levels.size()), 0, {}, {}};
    for (const GroupTerm& term : design.terms) {
      if (term.grouping == g) factor.q += as_index(term.columns.size());
    }
    factors_.push_back(std::move(factor));
  }
  std::ranges::stable_sort(
      factors_, [](const Factor& a, const Factor& b) { return a.levels * a.q > b.levels * b.q; });
  for (std::size_t f = 0; f < size(); ++f) {
    Factor& factor = factors_[f];
    const Eigen::Index q = factor.q;
    const Matrix Z = columns(rows, f);
    factor.own.assign(as_size(factor.levels * q * q), 0);
    factor.d = RowMatrix::Zero(factor.levels * q, p + 1);
    for (Eigen::Index i = 0; i < Z.rows(); ++i) {
      const Eigen::Index j = rows.level[factor.grouping][as_size(i)];
      for (Eigen::Index a = 0; a < q; ++a) {
        const double z = rows.weight[i] * Z(i, a);
        for (Eigen::Index b = 0; b < q; ++b) {
          factor.own[as_size((j * q + a) * q + b)] += z * Z(i, b);
        }
        factor.d.row(j * q + a) += z * d.row(i);
      }
    }
  }
  tables_.resize(size() * size());
  for (std::size_t f = 0; f < size(); ++f) {
    for (std::size_t g = f + 1; g < size(); ++g) tables_[f * size() + g] = make_table(rows, f, g);
  }
}

Matrix NormalEquations::columns(const Rows& rows, std::size_t f) const {
  Matrix Z(rows.y.size(), factors_[f].q);
  Eigen::Index at = 0;
  for (std::size_t t = 0; t < design_.terms.size(); ++t) {
    if (design_.terms[t].grouping != factors_[f].grouping) continue;
    Z.middleCols(at, rows.Z[t].cols()) = rows.Z[t];
    at += rows.Z[t].cols();
  }
  return Z;
}

NormalEquations::Table NormalEquations::make_table(const Rows& rows, std::size_t f,
                                                   std::size_t g) const {
  const Factor& one = factors_[f];
  const Factor& other = factors_[g];
  const auto& level = rows.level[one.grouping];
  const auto& other_level = rows.level[other.grouping];
  const Matrix Zf = columns(rows, f);
  const Matrix Zg = columns(rows, g);

  // Rows by level of f, then of g.
  std::vector<std::size_t> order(rows.count());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return std::tuple(level[a], other_level[a], a) < std::tuple(level[b], other_level[b], b);
  });
  Table table;
  const auto size_of_block = as_size(one.q * other.q);
  std::size_t at = 0;
  for (Eigen::Index j = 0; j < one.levels; ++j) {
    table.start.push_back(table.level.size());
    for (; at < order.size() && level[order[at]] == j; ++at) {
      const std::size_t i = order[at];
      const bool first = table.level.size() == table.start.back();
      if (first || table.level.back() != other_level[i]) {
        table.level.push_back(other_level[i]);
        table.block.resize(table.block.size() + size_of_block, 0);
      }
      double* block = table.block.data() + table.block.size() - size_of_block;
      const auto row = as_index(i);
      for (Eigen::Index a = 0; a < one.q; ++a) {
        for (Eigen::Index b = 0; b < other.q; ++b) {
          *block++ += rows.weight[row] * Zf(row, a) * Zg(row, b);
        }
      }
    }
  }
  table.start.push_back(table.level.size());
  return table;
}

void NormalEquations::subtract_product(std::size_t f, std::size_t g, ConstVectorRef r,
                                       Vector& sum) const {
  const Eigen::Index rows = factors_[f].q;
  const Eigen::Index columns = factors_[g].q;
  if (rows == 1 && columns == 1) return subtract_product_of_intercepts(f, g, r, sum);
  for_each_block(f, g, [&](Eigen::Index j, Eigen::Index k, const auto& B) {
    for (Eigen::Index a = 0; a < rows; ++a) {
      for (Eigen::Index b = 0; b < columns; ++b) sum[j * rows + a] -= B(a, b) * r[k * columns + b];
    }
  });
}

/// The same for blocks of one number, without a look at their size.
void NormalEquations::subtract_product_of_intercepts(std::size_t f, std::size_t g, ConstVectorRef r,
                                                     Vector& sum) const {
  const Table& table = f < g ? this->table(f, g) : this->table(g, f);
  const std::size_t levels = table.start.size() - 1;
  for (std::size_t j = 0; j < levels; ++j) {
    const auto own = as_index(j);
    if (f < g) {
      double fitted = 0;
      for (std::size_t e = table.start[j]; e < table.start[j + 1]; ++e) {
        fitted += table.block[e] * r[table.level[e]];
      }
      sum[own] -= fitted;
    } else {
      const double x = r[own];
      for (std::size_t e = table.start[j]; e < table.start[j + 1]; ++e) {
        sum[table.level[e]] -= table.block[e] * x;
      }
    }
  }
}

}  // namespace tarn::solver
