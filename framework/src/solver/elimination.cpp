// Block Cholesky factors, level by level.
#include "solver/elimination.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <Eigen/Cholesky>

#include "tarn/distributions.hpp"
#include "tarn/memory.hpp"
#include "tarn/normal_pieces.hpp"

namespace tarn::solver {
namespace {

/// G, lower triangle of q x q by rows, into its Cholesky factor; returns the log determinant.
double factorise_block(double* G, Eigen::Index q) {
  double determinant = 1;
  for (Eigen::Index i = 0; i < q; ++i) {
    for (Eigen::Index k = 0; k <= i; ++k) {
      double sum = G[i * q + k];
      for (Eigen::Index c = 0; c < k; ++c) sum -= G[i * q + c] * G[k * q + c];
      G[i * q + k] = i == k ? std::sqrt(sum) : sum / G[k * q + k];
    }
    determinant *= G[i * q + i];
  }
  return 2 * std::log(determinant);
}

/// W = G^-1 W for `columns` columns by rows.
void solve_block(const double* G, Eigen::Index q, double* W, Eigen::Index columns) {
  for (Eigen::Index i = 0; i < q; ++i) {
    double* const row = W + i * columns;
    for (Eigen::Index c = 0; c < i; ++c) {
      const double g = G[i * q + c];
      const double* const above = W + c * columns;
      for (Eigen::Index a = 0; a < columns; ++a) row[a] -= g * above[a];
    }
    const double inverse = 1 / G[i * q + i];
    for (Eigen::Index a = 0; a < columns; ++a) row[a] *= inverse;
  }
}

/// C -= A'B for A of `rows` rows and B, all by rows.
void subtract(double* C, const double* A, Eigen::Index a, const double* B, Eigen::Index b,
              Eigen::Index rows) {
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index x = 0; x < a; ++x) {
      for (Eigen::Index y = 0; y < b; ++y) C[x * b + y] -= A[i * a + x] * B[i * b + y];
    }
  }
}

/// Element (a, b) of left'B right, B given by its elements, left and right lower triangular.
template <class B>
double scaled(const Matrix& left, const B& block, const Matrix& right, Eigen::Index a,
              Eigen::Index b) {
  double sum = 0;
  for (Eigen::Index x = a; x < left.rows(); ++x) {
    for (Eigen::Index y = b; y < right.rows(); ++y) sum += left(x, a) * block(x, y) * right(y, b);
  }
  return sum;
}

}  // namespace

Elimination::Elimination(const NormalEquations& equations, const std::vector<std::size_t>& factors)
    : equations_(equations), m_(equations.p() + 1) {
  for (const std::size_t f : factors) {
    if (nested_in_all(f)) {
      chain(f);
    } else {
      blocks_.push_back({f, D_});
      D_ += equations_.factors()[f].levels * equations_.factors()[f].q;
    }
  }
  for (std::size_t place = 0; place < chain_.size(); ++place) {
    list_columns(chain_[place], place == 0);
  }
  // With what makes and factorises it.
  require_memory(
      2.0 * sizeof(double) * static_cast<double>(D_ + m_) * static_cast<double>(D_ + m_),
      "the system of " + std::to_string(D_) + " group effects that are crossed and not nested",
      "fit the terms of factors with fewer levels, or fewer of them");
  schur_.resize(D_ + m_, D_ + m_);
}

/// Does each level of every factor of the chain meet one level of this factor?
bool Elimination::nested_in_all(std::size_t factor) const {
  return std::ranges::all_of(chain_, [&](const Chained& finer) {
    return equations_.table(finer.factor, factor).level.size() ==
           static_cast<std::size_t>(finer.levels);
  });
}

void Elimination::chain(std::size_t factor) {
  const NormalEquations::Factor& of = equations_.factors()[factor];
  for (Chained& finer : chain_) {
    const auto& parent = equations_.table(finer.factor, factor).level;
    Link link{chain_.size(), {parent.begin(), parent.end()}, {}};
    link.W.resize(static_cast<std::size_t>(finer.levels * finer.q * of.q));
    finer.links.push_back(std::move(link));
  }
  chain_.push_back({factor, of.levels, of.q, {}, {}, {}, {}, {}});
  chain_.back().G.resize(static_cast<std::size_t>(of.levels * of.q * of.q));
}

void Elimination::list_columns(Chained& one, bool sparse) {
  std::vector<std::vector<Eigen::Index>> columns(static_cast<std::size_t>(one.levels));
  for (const Block& block : blocks_) {
    const Eigen::Index q = equations_.factors()[block.factor].q;
    if (!sparse) continue;
    equations_.for_each_block(
        one.factor, block.factor, [&](Eigen::Index j, Eigen::Index k, const auto&) {
          for (Eigen::Index b = 0; b < q; ++b) {
            columns[static_cast<std::size_t>(j)].push_back(block.first + k * q + b);
          }
        });
  }
  for (auto& own : columns) {
    one.start.push_back(one.column.size());
    for (Eigen::Index c = sparse ? D_ : 0; c < D_ + m_; ++c) own.push_back(c);
    one.column.insert(one.column.end(), own.begin(), own.end());
  }
  one.start.push_back(one.column.size());
  one.W.resize(one.column.size() * static_cast<std::size_t>(one.q));
}

/// The dense block, the covariates and the response before anything is eliminated.
void Elimination::fill_dense(const RightHandSides& response) {
  const Eigen::Index p = equations_.p();
  schur_.setZero();
  for (const Block& block : blocks_) {
    const NormalEquations::Factor& of = equations_.factors()[block.factor];
    const Matrix& lambda = lambda_[block.factor];
    const Eigen::Index q = of.q;
    for (Eigen::Index j = 0; j < of.levels; ++j) {
      const double* const S = of.own.data() + j * q * q;
      const auto own = [&](Eigen::Index x, Eigen::Index y) { return S[x * q + y]; };
      const Eigen::Index at = block.first + j * q;
      for (Eigen::Index a = 0; a < q; ++a) {
        for (Eigen::Index b = 0; b <= a; ++b) {
          schur_(at + a, at + b) = (a == b ? 1 : 0) + scaled(lambda, own, lambda, a, b);
        }
      }
      auto right = schur_.block(D_, at, m_, q);
      right.topRows(p).noalias() = of.d.block(j * q, 0, q, p).transpose() * lambda;
      right.row(p).noalias() = response.z[block.factor].segment(j * q, q).transpose() * lambda;
    }
    for (const Block& earlier : blocks_) {
      if (earlier.first >= block.first) break;
      const Eigen::Index other = equations_.factors()[earlier.factor].q;
      equations_.for_each_block(
          block.factor, earlier.factor, [&](Eigen::Index j, Eigen::Index k, const auto& B) {
            for (Eigen::Index a = 0; a < q; ++a) {
              for (Eigen::Index b = 0; b < other; ++b) {
                schur_(block.first + j * q + a, earlier.first + k * other + b) =
                    scaled(lambda, B, lambda_[earlier.factor], a, b);
              }
            }
          });
    }
  }
  auto corner = schur_.bottomRightCorner(m_, m_);
  corner = equations_.products();
  corner.row(p).head(p) = response.x.transpose();
  corner(p, p) = response.y;
}

/// A chained factor before anything is eliminated.
void Elimination::fill(Chained& one, const RightHandSides& response) {
  const NormalEquations::Factor& of = equations_.factors()[one.factor];
  const Matrix& lambda = lambda_[one.factor];
  const Eigen::Index q = one.q;
  const Eigen::Index p = equations_.p();
  for (Eigen::Index j = 0; j < one.levels; ++j) {
    const double* const S = of.own.data() + j * q * q;
    const auto own = [&](Eigen::Index x, Eigen::Index y) { return S[x * q + y]; };
    double* const G = one.G.data() + j * q * q;
    for (Eigen::Index a = 0; a < q; ++a) {
      for (Eigen::Index b = 0; b <= a; ++b) {
        G[a * q + b] = (a == b ? 1 : 0) + scaled(lambda, own, lambda, a, b);
      }
    }
  }
  for (Link& link : one.links) {
    const std::size_t other = chain_[link.to].factor;
    const Eigen::Index columns = chain_[link.to].q;
    equations_.for_each_block(one.factor, other, [&](Eigen::Index j, Eigen::Index, const auto& B) {
      double* const W = link.W.data() + j * q * columns;
      for (Eigen::Index a = 0; a < q; ++a) {
        for (Eigen::Index b = 0; b < columns; ++b) {
          W[a * columns + b] = scaled(lambda, B, lambda_[other], a, b);
        }
      }
    });
  }

  // The columns of the first factor are in the order in which its blocks are visited.
  const bool sparse = &one == &chain_.front();
  std::ranges::fill(one.W, 0.0);
  std::vector<std::size_t> filled(static_cast<std::size_t>(one.levels), 0);
  const auto width = [&](Eigen::Index j) {
    const auto level = static_cast<std::size_t>(j);
    return static_cast<Eigen::Index>(one.start[level + 1] - one.start[level]);
  };
  const auto row = [&](Eigen::Index j) {
    return one.W.data() + one.start[static_cast<std::size_t>(j)] * static_cast<std::size_t>(q);
  };
  for (const Block& block : blocks_) {
    const Eigen::Index columns = equations_.factors()[block.factor].q;
    equations_.for_each_block(
        one.factor, block.factor, [&](Eigen::Index j, Eigen::Index k, const auto& B) {
          std::size_t& done = filled[static_cast<std::size_t>(j)];
          const auto at = sparse ? static_cast<Eigen::Index>(done) : block.first + k * columns;
          double* const W = row(j);
          for (Eigen::Index a = 0; a < q; ++a) {
            for (Eigen::Index b = 0; b < columns; ++b) {
              W[a * width(j) + at + b] = scaled(lambda, B, lambda_[block.factor], a, b);
            }
          }
          done += static_cast<std::size_t>(columns);
        });
  }
  const Vector& z = response.z[one.factor];
  for (Eigen::Index j = 0; j < one.levels; ++j) {
    for (Eigen::Index a = 0; a < q; ++a) {
      double* const W = row(j) + (a + 1) * width(j) - m_;
      for (Eigen::Index c = 0; c < m_; ++c) W[c] = 0;
      for (Eigen::Index x = a; x < q; ++x) {
        const double* const d = of.d.data() + (j * q + x) * m_;
        for (Eigen::Index c = 0; c < p; ++c) W[c] += lambda(x, a) * d[c];
        W[p] += lambda(x, a) * z[j * q + x];
      }
    }
  }
}

/// Takes the levels of one factor out of everything after it.
void Elimination::eliminate(std::size_t place) {
  Chained& one = chain_[place];
  const Eigen::Index q = one.q;
  for (Eigen::Index j = 0; j < one.levels; ++j) {
    const auto level = static_cast<std::size_t>(j);
    double* const G = one.G.data() + j * q * q;
    log_determinant_ += factorise_block(G, q);
    const auto columns = static_cast<Eigen::Index>(one.start[level + 1] - one.start[level]);
    const Eigen::Index* const column = one.column.data() + one.start[level];
    double* const W = one.W.data() + one.start[level] * static_cast<std::size_t>(q);
    solve_block(G, q, W, columns);
    for (Link& link : one.links) {
      Chained& to = chain_[link.to];
      solve_block(G, q, link.W.data() + j * q * to.q, to.q);
    }
    for (std::size_t l = 0; l < one.links.size(); ++l) {
      const Link& link = one.links[l];
      Chained& to = chain_[link.to];
      const Eigen::Index parent = link.parent[level];
      const double* const V = link.W.data() + j * q * to.q;
      subtract(to.G.data() + parent * to.q * to.q, V, to.q, V, to.q, q);
      for (std::size_t k = l + 1; k < one.links.size(); ++k) {
        const Link& further = one.links[k];
        Link& between = to.links[further.to - link.to - 1];
        const Eigen::Index other = chain_[further.to].q;
        subtract(between.W.data() + parent * to.q * other, V, to.q,
                 further.W.data() + j * q * other, other, q);
      }
      // The later factor has all columns.
      double* const U = to.W.data() + parent * to.q * (D_ + m_);
      for (Eigen::Index i = 0; i < q; ++i) {
        for (Eigen::Index x = 0; x < to.q; ++x) {
          const double v = V[i * to.q + x];
          double* const out = U + x * (D_ + m_);
          for (Eigen::Index a = 0; a < columns; ++a) out[column[a]] -= v * W[i * columns + a];
        }
      }
    }
    for (Eigen::Index b = 0; b < columns; ++b) {
      double* const out = schur_.data() + column[b] * schur_.rows();
      for (Eigen::Index i = 0; i < q; ++i) {
        const double w = W[i * columns + b];
        for (Eigen::Index a = b; a < columns; ++a) out[column[a]] -= w * W[i * columns + a];
      }
    }
  }
}

Elimination::Marginal Elimination::factorise(const std::vector<Matrix>& lambda,
                                             const RightHandSides& response) {
  lambda_ = lambda;
  log_determinant_ = 0;
  fill_dense(response);
  for (Chained& one : chain_) fill(one, response);
  for (std::size_t place = 0; place < chain_.size(); ++place) eliminate(place);
  auto corner = schur_.bottomRightCorner(m_, m_);
  if (D_ > 0) {
    Eigen::Ref<Matrix> block = schur_.topLeftCorner(D_, D_);
    const Eigen::LLT<Eigen::Ref<Matrix>> llt(block);  // in place
    log_determinant_ += 2 * block.diagonal().array().log().sum();
    auto right = schur_.block(D_, 0, m_, D_);
    block.triangularView<Eigen::Lower>().transpose().solveInPlace<Eigen::OnTheRight>(right);
    corner.triangularView<Eigen::Lower>() -= right * right.transpose();
  }
  const Matrix products = corner.selfadjointView<Eigen::Lower>();
  return {products, log_determinant_};
}

void Elimination::draw(ConstVectorRef b, double sigma, std::vector<Vector>& r, Rng& rng) {
  // A column of weights: what the coefficients leave of the response, over sigma.
  Vector weights(D_ + m_);
  weights.tail(m_) << -b / sigma, 1 / sigma;
  auto v = weights.head(D_);
  fill_normal(v, rng);
  if (D_ > 0) {
    v += schur_.block(D_, 0, m_, D_).transpose() * weights.tail(m_);
    schur_.topLeftCorner(D_, D_).triangularView<Eigen::Lower>().transpose().solveInPlace(v);
  }
  // Levels after those that they are nested in.
  std::vector<Vector> drawn(chain_.size());
  for (std::size_t place = chain_.size(); place-- > 0;) {
    const Chained& one = chain_[place];
    const Eigen::Index q = one.q;
    Vector& own = drawn[place];
    own.resize(one.levels * q);
    fill_normal_by_pieces(own, q, rng);
    for (Eigen::Index j = 0; j < one.levels; ++j) {
      const auto level = static_cast<std::size_t>(j);
      const auto columns = static_cast<Eigen::Index>(one.start[level + 1] - one.start[level]);
      const Eigen::Index* const column = one.column.data() + one.start[level];
      const double* const W = one.W.data() + one.start[level] * static_cast<std::size_t>(q);
      const double* const G = one.G.data() + j * q * q;
      for (Eigen::Index i = 0; i < q; ++i) {
        double& x = own[j * q + i];
        for (Eigen::Index a = 0; a < columns; ++a) {
          const double w = W[i * columns + a] * weights[column[a]];
          x += column[a] < D_ ? -w : w;
        }
        for (const Link& link : one.links) {
          const Eigen::Index other = chain_[link.to].q;
          const double* const V = link.W.data() + (j * q + i) * other;
          const Eigen::Index at = link.parent[level] * other;
          for (Eigen::Index k = 0; k < other; ++k) x -= V[k] * drawn[link.to][at + k];
        }
      }
      for (Eigen::Index i = q - 1; i >= 0; --i) {
        double& x = own[j * q + i];
        for (Eigen::Index c = i + 1; c < q; ++c) x -= G[c * q + i] * own[j * q + c];
        x /= G[i * q + i];
      }
    }
  }

  const auto spread = [&](std::size_t f, const auto& from) {
    const NormalEquations::Factor& of = equations_.factors()[f];
    auto to = r[f].reshaped(of.q, of.levels);
    to.noalias() = lambda_[f].triangularView<Eigen::Lower>() * from.reshaped(of.q, of.levels);
    to *= sigma;
  };
  for (std::size_t place = 0; place < chain_.size(); ++place) {
    spread(chain_[place].factor, drawn[place]);
  }
  for (const Block& block : blocks_) {
    const NormalEquations::Factor& of = equations_.factors()[block.factor];
    const Vector own = v.segment(block.first, of.levels * of.q);
    spread(block.factor, own);
  }
}

}  // namespace tarn::solver
