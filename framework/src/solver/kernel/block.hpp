// A block of groups side by side: its matrices, and the algebra of all groups at once. For
// kernel.cpp alone, which compiles it once for each kind of processor: all names are its own.
#pragma once

#include "kernel.hpp"

namespace group_kernel {
namespace {

#if defined(__AVX512F__)
constexpr int native = 8;
#elif defined(__AVX__)
constexpr int native = 4;
#else
constexpr int native = 2;
#endif
constexpr int parts = width / native;  // a block is worked off in so many parts

/// One number of each group of a part.
using Lanes [[gnu::vector_size(native * sizeof(double))]] = double;

/// The scratch space from its first aligned place.
Lanes* lanes(double* scratch) {
  const auto place = reinterpret_cast<std::size_t>(scratch);
  return reinterpret_cast<Lanes*>((place + sizeof(Lanes) - 1) / sizeof(Lanes) * sizeof(Lanes));
}

/// The elements of a block's array, of the groups of one part; anywhere in memory.
struct Elements {
  const double* first;
  int step = width;
  Lanes operator[](int e) const {
    Lanes x;
    __builtin_memcpy(&x, first + e * step, sizeof x);
    return x;
  }
};

/// One lane after the other: the same order whatever the number of parts.
void add_lanes(const Lanes& x, double& sum) {
  for (int l = 0; l < native; ++l) sum += x[l];
}

Lanes root(const Lanes& x) {
  Lanes y{};
  for (int l = 0; l < native; ++l) y[l] = __builtin_sqrt(x[l]);
  return y;
}

/// How many groups there are in a part of block n.
int count_here(const Groups& groups, std::size_t n, int part) {
  const std::size_t first = n * width + static_cast<std::size_t>(part * native);
  if (first >= groups.count) return 0;
  return groups.count - first < native ? static_cast<int>(groups.count - first) : native;
}

/// The matrices of a block of groups; in registers where Q, the number of columns, is a constant.
template <int Q>
struct Matrices {
  Lanes P[Q * Q];
  Lanes K[Q * Q];
  Lanes inverse[Q];
  Matrices(int, Lanes*) {}
  static constexpr int used(int) { return 0; }
};

template <>
struct Matrices<0> {
  Lanes* P;        // q x q
  Lanes* K;        // q x q, lower triangle
  Lanes* inverse;  // q
  Matrices(int q, Lanes* scratch) : P(scratch), K(P + q * q), inverse(K + q * q) {}
  static constexpr int used(int q) { return 2 * q * q + q; }
};

template <int Q>
struct Block : Matrices<Q> {
  using Matrices<Q>::P;
  using Matrices<Q>::K;
  using Matrices<Q>::inverse;
  const int q;  // Q, or any number where Q is 0
  const int m;
  Lanes* const free;  // what is left of the scratch space

  Block(const Groups& groups, double* scratch)
      : Matrices<Q>(groups.q, lanes(scratch)),
        q(Q > 0 ? Q : groups.q),
        m(groups.m),
        free(lanes(scratch) + Matrices<Q>::used(groups.q)) {}

  Elements R(const Groups& groups, std::size_t n, int part) const {
    return {groups.R + n * static_cast<std::size_t>(width * q * (q + 1) / 2) + part * native};
  }
  Elements T(const Groups& groups, std::size_t n, int part) const {
    return {groups.T + n * static_cast<std::size_t>(width * q * m) + part * native};
  }

  /// Element (i, k) of the packed upper triangle R.
  int upper(int i, int k) const { return i * q - i * (i - 1) / 2 + k - i; }

  /// P = R lambda.
  void multiply(Elements R, const double* lambda) {
    for (int i = 0; i < q; ++i) {
      for (int k = 0; k < q; ++k) {
        Lanes sum{};
        for (int j = i > k ? i : k; j < q; ++j) sum += R[upper(i, j)] * lambda[j * q + k];
        P[i * q + k] = sum;
      }
    }
  }

  /// The lower triangle of K = I + P P', or I + P'P.
  template <bool transposed>
  void square() {
    for (int i = 0; i < q; ++i) {
      for (int k = 0; k <= i; ++k) {
        Lanes sum{};
        if (i == k) sum += 1.0;
        for (int c = 0; c < q; ++c) {
          sum += transposed ? P[c * q + i] * P[c * q + k] : P[i * q + c] * P[k * q + c];
        }
        K[i * q + k] = sum;
      }
    }
  }

  /// K = L D L': L below the diagonal of K, D^-1 in `inverse`; |K| multiplies `determinant`.
  void factorise(Lanes& determinant) {
    for (int k = 0; k < q; ++k) {
      for (int c = 0; c < k; ++c) {
        const Lanes scaled = K[k * q + c] * inverse[c];
        K[k * q + k] -= scaled * K[k * q + c];
        for (int i = k + 1; i < q; ++i) K[i * q + k] -= K[i * q + c] * scaled;
      }
      determinant *= K[k * q + k];
      inverse[k] = 1.0 / K[k * q + k];
    }
    for (int k = 0; k < q; ++k) {
      for (int i = k + 1; i < q; ++i) K[i * q + k] *= inverse[k];
    }
  }

  void prepare(Elements R, const double* lambda, Lanes& determinant) {
    multiply(R, lambda);
    square<false>();
    factorise(determinant);
  }

  /// U = L^-1 T for `columns` columns, by columns: q numbers for each.
  void solve(Elements T, int columns, Lanes* U) const {
    for (int a = 0; a < columns; ++a, U += q) {
      for (int i = 0; i < q; ++i) {
        Lanes u = T[i * columns + a];
        for (int c = 0; c < i; ++c) u -= K[i * q + c] * U[c];
        U[i] = u;
      }
    }
  }

  /// x'D^-1 y.
  Lanes product(const Lanes* x, const Lanes* y) const {
    Lanes sum{};
    for (int i = 0; i < q; ++i) sum += x[i] * y[i] * inverse[i];
    return sum;
  }
};

}  // namespace

}  // namespace group_kernel
