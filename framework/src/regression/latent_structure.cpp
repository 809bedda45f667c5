// The pattern of latents that meet in a row, and sums of rows into it.
#include "regression/latent_structure.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <Eigen/SparseCholesky>

#include "regression/kernel/kernel.hpp"
#include "tarn/index.hpp"

namespace tarn::regression {

namespace {

/// The size of a factor's columns before there is one.
class Symbolic : public Eigen::SimplicialLLT<LatentStructure::Sparse> {
 public:
  double cost() const { return m_nonZerosPerCol.cast<double>().array().square().sum(); }
};

}  // namespace

LatentStructure::LatentStructure(const Design& design)
    : p_(static_cast<Eigen::Index>(design.size())), size_(p_) {
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    Factor factor{g, size_, 0, static_cast<Eigen::Index>(design.groupings[g].levels.size()),
                  design.terms_on(g)};
    for (const std::size_t t : factor.terms) {
      factor.q += static_cast<Eigen::Index>(design.terms[t].columns.size());
    }
    size_ += factor.q * factor.levels;
    factors_.push_back(std::move(factor));
  }
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    for (std::size_t g = f + 1; g < factors_.size(); ++g) pairs_.push_back({f, g});
  }
  // What is left when the largest factor is eliminated may fill up; such patterns are not searched.
  Eigen::Index largest = 0;
  for (const Factor& factor : factors_) largest = std::max(largest, factor.q * factor.levels);
  constexpr Eigen::Index most = 20000;
  cost_ = std::numeric_limits<double>::infinity();
  if (factors_.size() < 2 || size_ - largest < most) find_pattern(design.derived<RowBlocks>());
}

double LatentStructure::cost(const Design& design) {
  if (design.groupings.size() > 1) return design.derived<LatentStructure>().cost_;
  const auto p = static_cast<double>(design.size());
  double sum = p * p * p / 3;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    double q = 0;
    for (const std::size_t t : design.terms_on(g)) {
      q += static_cast<double>(design.terms[t].columns.size());
    }
    sum += static_cast<double>(design.groupings[g].levels.size()) * q * (p + q) * (p + q);
  }
  return sum;
}

void LatentStructure::find_pattern(const RowBlocks& blocks) {
  // Of every level of the earlier factor, in the order of x: the levels that it meets, ascending,
  // and how many entries stand before them.
  using Met = std::map<std::pair<std::size_t, std::int32_t>, std::int32_t>;
  std::vector<std::vector<Met>> met(factors_.size());
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    met[f].resize(static_cast<std::size_t>(factors_[f].levels));
  }
  for (const RowBlock& block : blocks.all) {
    for (const auto& [f, g] : pairs_) {
      const auto& of_f = block.rows.level[factors_[f].grouping];
      const auto& of_g = block.rows.level[factors_[g].grouping];
      for (std::size_t i = 0; i < of_f.size(); ++i) {
        met[f][static_cast<std::size_t>(of_f[i])].try_emplace({g, of_g[i]}, 0);
      }
    }
  }
  std::vector<Eigen::Triplet<double>> entries;
  const auto add = [&](Eigen::Index row, Eigen::Index column) {
    entries.emplace_back(static_cast<int>(row), static_cast<int>(column), 0.0);
  };
  for (Eigen::Index k = 0; k < p_; ++k) {
    for (Eigen::Index i = k; i < size_; ++i) add(i, k);
  }
  for (std::size_t f = 0; f < factors_.size(); ++f) {
    const Factor& factor = factors_[f];
    for (Eigen::Index j = 0; j < factor.levels; ++j) {
      std::int32_t before = 0;
      for (auto& [other, place] : met[f][static_cast<std::size_t>(j)]) {
        place = before;
        before += static_cast<std::int32_t>(factors_[other.first].q);
      }
      const Eigen::Index at = factor.first + j * factor.q;
      for (Eigen::Index k = 0; k < factor.q; ++k) {
        for (Eigen::Index l = k; l < factor.q; ++l) add(at + l, at + k);
        for (const auto& [other, place] : met[f][static_cast<std::size_t>(j)]) {
          const Factor& g = factors_[other.first];
          for (Eigen::Index l = 0; l < g.q; ++l) add(g.first + other.second * g.q + l, at + k);
        }
      }
    }
  }
  pattern_.resize(size_, size_);
  pattern_.setFromTriplets(entries.begin(), entries.end());
  pattern_.makeCompressed();

  for (const auto& [f, g] : pairs_) {
    auto& of_pair = place_.emplace_back();
    for (const RowBlock& block : blocks.all) {
      const auto& of_f = block.rows.level[factors_[f].grouping];
      const auto& of_g = block.rows.level[factors_[g].grouping];
      auto& of_rows = of_pair.emplace_back(of_f.size());
      for (std::size_t i = 0; i < of_f.size(); ++i) {
        of_rows[i] = met[f][static_cast<std::size_t>(of_f[i])].at({g, of_g[i]});
      }
    }
  }

  Symbolic symbolic;
  symbolic.analyzePattern(pattern_);
  cost_ = symbolic.cost();
}

void LatentStructure::read_columns(const Factor& factor, const Rows& rows, Matrix& Z) const {
  Z.resize(rows.y.size(), factor.q);
  Eigen::Index at = 0;
  for (const std::size_t t : factor.terms) {
    Z.middleCols(at, rows.Z[t].cols()) = rows.Z[t];
    at += rows.Z[t].cols();
  }
}

void LatentStructure::add_rows(const RowBlocks& blocks, const std::vector<Vector>& weights,
                               Sparse& Q) const {
  double* const value = Q.valuePtr();
  const int* const begin = Q.outerIndexPtr();
  Matrix squares = Matrix::Zero(p_, p_);
  Matrix products = Matrix::Zero(p_, size_ - p_);  // of coefficients with every effect
  Matrix weighted;                                 // one row's side by side
  Vector own;                                      // weights times a column of effects
  std::vector<Matrix> Z(factors_.size());
  for (const RowBlock& block : blocks.all) {
    const Rows& rows = block.rows;
    const Eigen::Index n = rows.y.size();
    const Vector& weight = weights[block.number];
    weighted = rows.X.transpose() * weight.asDiagonal();
    squares.noalias() += weighted * rows.X;
    for (std::size_t f = 0; f < factors_.size(); ++f) {
      const Factor& factor = factors_[f];
      read_columns(factor, rows, Z[f]);
      if (f == 0) {  // rows of a level lie side by side
        for (std::size_t j = 0; j < block.groups(); ++j) {
          const Eigen::Index from = block.first[j];
          const Eigen::Index count = block.first[j + 1] - from;
          const Eigen::Index at = factor.first + block.level[j] * factor.q;
          for (Eigen::Index k = 0; k < factor.q; ++k) {
            const auto z = Z[f].col(k).segment(from, count);
            products.col(at + k - p_).noalias() += weighted.middleCols(from, count) * z;
            own = weight.segment(from, count).cwiseProduct(z);
            double* const entry = value + begin[at + k];
            for (Eigen::Index l = k; l < factor.q; ++l) {
              entry[l - k] += own.dot(Z[f].col(l).segment(from, count));
            }
          }
        }
        continue;
      }
      const auto& level = rows.level[factor.grouping];
      for (Eigen::Index i = 0; i < n; ++i) {
        const Eigen::Index at = factor.first + level[as_size(i)] * factor.q;
        for (Eigen::Index k = 0; k < factor.q; ++k) {
          products.col(at + k - p_) += Z[f](i, k) * weighted.col(i);
          double* const entry = value + begin[at + k];
          const double of_row = weight[i] * Z[f](i, k);
          for (Eigen::Index l = k; l < factor.q; ++l) entry[l - k] += of_row * Z[f](i, l);
        }
      }
    }
    for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
      const auto& [f, g] = pairs_[pair];
      const Factor& factor = factors_[f];
      const auto& level = rows.level[factor.grouping];
      const auto& place = place_[pair][block.number];
      for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index k = 0; k < factor.q; ++k) {
          const Eigen::Index at = factor.first + level[as_size(i)] * factor.q + k;
          double* const entry = value + begin[at] + (factor.q - k) + place[as_size(i)];
          const double of_row = weight[i] * Z[f](i, k);
          for (Eigen::Index l = 0; l < factors_[g].q; ++l) entry[l] += of_row * Z[g](i, l);
        }
      }
    }
  }
  for (Eigen::Index k = 0; k < p_; ++k) {
    double* const column = value + begin[k] - k;
    for (Eigen::Index l = k; l < p_; ++l) column[l] += squares(l, k);
    for (Eigen::Index i = p_; i < size_; ++i) column[i] += products(k, i - p_);
  }
}

void LatentStructure::add_prior(std::size_t f, const Matrix& precision, Sparse& Q) const {
  const Factor& factor = factors_[f];
  for (Eigen::Index j = 0; j < factor.levels; ++j) {
    for (Eigen::Index k = 0; k < factor.q; ++k) {
      double* const entry = Q.valuePtr() + Q.outerIndexPtr()[factor.first + j * factor.q + k];
      for (Eigen::Index l = k; l < factor.q; ++l) entry[l - k] += precision(l, k);
    }
  }
}

void LatentStructure::predict(const RowBlock& block, const Vector& x, Vector& eta) const {
  const Rows& rows = block.rows;
  eta.resize(rows.y.size());
  shift_kernel::fastest().predict(as_size(eta.size()), as_size(p_), rows.X.data(), x.data(),
                                  eta.data());
  if (rows.offset.size() > 0) eta += rows.offset;
  for (const Factor& factor : factors_) {
    const auto& level = rows.level[factor.grouping];
    const double* const effects = x.data() + factor.first;
    Eigen::Index k = 0;
    for (const std::size_t t : factor.terms) {
      for (Eigen::Index c = 0; c < rows.Z[t].cols(); ++c, ++k) {
        const auto z = rows.Z[t].col(c);
        for (Eigen::Index i = 0; i < eta.size(); ++i) {
          eta[i] += z[i] * effects[level[static_cast<std::size_t>(i)] * factor.q + k];
        }
      }
    }
  }
}

void LatentStructure::add_transposed(const RowBlock& block, const Vector& z, Vector& sums) const {
  const Rows& rows = block.rows;
  sums.head(p_).noalias() += rows.X.transpose() * z;
  for (const Factor& factor : factors_) {
    const auto& level = rows.level[factor.grouping];
    double* const effects = sums.data() + factor.first;
    Eigen::Index k = 0;
    for (const std::size_t t : factor.terms) {
      for (Eigen::Index c = 0; c < rows.Z[t].cols(); ++c, ++k) {
        const auto column = rows.Z[t].col(c);
        for (Eigen::Index i = 0; i < z.size(); ++i) {
          effects[level[static_cast<std::size_t>(i)] * factor.q + k] += column[i] * z[i];
        }
      }
    }
  }
}

}  // namespace tarn::regression
