// The loops over groups. This file is compiled once for each kind of processor (TARN_KERNEL names
// it), so it includes no inline function of a library: the linker might keep the copy that only the
// newest processor runs.
#include "kernel.hpp"
#include "block.hpp"

namespace group_kernel {
namespace {

template <int Q>
double products_of(const Groups& groups, const double* lambda, double* products, double* scratch) {
  Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  const int pairs = m * (m + 1) / 2;
  Lanes* const U = block.free;      // q x m: V = D^-1/2 U
  Lanes* const scaled = U + q * m;  // q
  Lanes* const sums = scaled + q;   // pairs, for each part
  for (int e = 0; e < parts * pairs; ++e) sums[e] = Lanes{};
  Lanes determinant[parts];
  for (Lanes& one : determinant) one = Lanes{} + 1.0;
  double log_determinant[width] = {};

  for (std::size_t n = 0; n < groups.blocks; ++n) {
    for (int part = 0; part < parts; ++part) {
      block.prepare(block.R(groups, n, part), lambda, determinant[part]);
      block.solve(block.T(groups, n, part), m, U);
      Lanes* sum = sums + part * pairs;
      for (int a = 0; a < m; ++a) {
        for (int i = 0; i < q; ++i) scaled[i] = U[a * q + i] * block.inverse[i];
        for (int b = 0; b <= a; ++b, ++sum) {
          Lanes add = scaled[0] * U[b * q];
          for (int i = 1; i < q; ++i) add += scaled[i] * U[b * q + i];
          *sum += add;
        }
      }
      // |K_j| >= 1: a product of many is emptied into the logarithm long before it overflows.
      for (int l = 0; l < native; ++l) {
        if (determinant[part][l] < 1e50) continue;
        log_determinant[part * native + l] += __builtin_log(determinant[part][l]);
        determinant[part][l] = 1;
      }
    }
  }
  double total = 0;
  for (int part = 0; part < parts; ++part) {
    for (int e = 0; e < pairs; ++e) add_lanes(sums[part * pairs + e], products[e]);
    for (int l = 0; l < native; ++l) {
      total += log_determinant[part * native + l] + __builtin_log(determinant[part][l]);
    }
  }
  return total;
}

template <int Q>
void rows_of(const Groups& groups, const double* lambda, double* rows, double* scratch) {
  Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  Lanes* const U = block.free;
  for (std::size_t n = 0; n < groups.blocks; ++n) {
    for (int part = 0; part < parts; ++part) {
      Lanes determinant{};
      block.prepare(block.R(groups, n, part), lambda, determinant);
      block.solve(block.T(groups, n, part), m, U);
      for (int i = 0; i < q; ++i) {
        const Lanes scale = root(block.inverse[i]);
        for (int a = 0; a < m; ++a) U[a * q + i] *= scale;
      }
      const int here = count_here(groups, n, part);
      for (int l = 0; l < here; ++l) {
        for (int i = 0; i < q; ++i) {
          for (int a = 0; a < m; ++a) *rows++ = U[a * q + i][l];
        }
      }
    }
  }
}

template <int Q>
void derivative_of(const Groups& groups, const double* lambda, const double* B, double* plus,
                   double* minus, double* scratch) {
  Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  Lanes* const U = block.free;      // q x m
  Lanes* const full = U + q * m;    // q x q: R with its zeros
  Lanes* const W = full + q * q;    // q x q: L^-1 R
  Lanes* const Y = W + q * q;       // a row of W'D^-1 U: m
  Lanes* const YB = Y + m;          // q x m
  Lanes* const added = YB + q * m;  // q x q lower triangles of plus and minus, for each part
  Lanes* const removed = added + parts * q * q;
  for (int e = 0; e < 2 * parts * q * q; ++e) added[e] = Lanes{};
  for (std::size_t n = 0; n < groups.blocks; ++n) {
    for (int part = 0; part < parts; ++part) {
      const Elements R = block.R(groups, n, part);
      Lanes determinant{};
      block.prepare(R, lambda, determinant);
      block.solve(block.T(groups, n, part), m, U);
      for (int i = 0; i < q; ++i) {
        for (int k = 0; k < q; ++k) full[i * q + k] = k < i ? Lanes{} : R[block.upper(i, k)];
      }
      block.solve({reinterpret_cast<const double*>(full), native}, q, W);
      for (int k = 0; k < q; ++k) {
        for (int a = 0; a < m; ++a) Y[a] = block.product(W + k * q, U + a * q);
        for (int a = 0; a < m; ++a) {
          Lanes sum{};
          for (int c = 0; c < m; ++c) sum += Y[c] * B[c * m + a];
          YB[k * m + a] = sum;
        }
        for (int i = 0; i <= k; ++i) {
          Lanes sum{};
          for (int a = 0; a < m; ++a) sum += YB[k * m + a] * YB[i * m + a];
          added[(part * q + k) * q + i] += sum;
          removed[(part * q + k) * q + i] += block.product(W + k * q, W + i * q);
        }
      }
    }
  }
  for (int k = 0; k < q; ++k) {
    for (int i = 0; i <= k; ++i) {
      for (int part = 0; part < parts; ++part) {
        add_lanes(added[(part * q + k) * q + i], plus[k * q + i]);
        add_lanes(removed[(part * q + k) * q + i], minus[k * q + i]);
      }
      plus[i * q + k] = plus[k * q + i];
      minus[i * q + k] = minus[k * q + i];
    }
  }
}

template <int Q>
void draw_all(const Groups& groups, const double* lambda, double sigma, const double* b, double* r,
              double* scratch) {
  Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  Lanes* const e = block.free;  // q: (T_y - T_x b) / sigma
  Lanes* const v = e + q;       // q
  Lanes* const z = v + q;       // q
  const double precision = 1 / sigma;
  double* own = r;
  for (std::size_t step = 0; step < parts * groups.blocks; ++step) {
    const std::size_t n = step / parts;
    const int part = static_cast<int>(step % parts);
    const Elements T = block.T(groups, n, part);
    Lanes determinant{};
    block.multiply(block.R(groups, n, part), lambda);
    block.template square<true>();
    block.factorise(determinant);

    const int here = count_here(groups, n, part);
    for (int k = 0; k < q; ++k) z[k] = Lanes{};
    for (int l = 0; l < here; ++l) {
      for (int k = 0; k < q; ++k) z[k][l] = own[l * q + k];
    }
    for (int i = 0; i < q; ++i) {
      Lanes y = T[i * m + m - 1];
      for (int a = 0; a + 1 < m; ++a) y -= T[i * m + a] * b[a];
      e[i] = y * precision;
    }
    for (int k = 0; k < q; ++k) {  // L^-1 P'e
      Lanes sum{};
      for (int c = 0; c < q; ++c) sum += block.P[c * q + k] * e[c];
      for (int c = 0; c < k; ++c) sum -= block.K[k * q + c] * v[c];
      v[k] = sum;
    }
    for (int k = q - 1; k >= 0; --k) {  // L^-T (D^-1 v + D^-1/2 z)
      Lanes sum = v[k] * block.inverse[k] + root(block.inverse[k]) * z[k];
      for (int c = k + 1; c < q; ++c) sum -= block.K[c * q + k] * v[c];
      v[k] = sum;
    }
    for (int i = 0; i < q; ++i) {  // r = sigma lambda v
      Lanes sum{};
      for (int k = 0; k <= i; ++k) sum += v[k] * (sigma * lambda[i * q + k]);
      z[i] = sum;
    }
    for (int l = 0; l < here; ++l) {
      for (int k = 0; k < q; ++k) *own++ = z[k][l];
    }
  }
}

// The usual numbers of columns are compiled as constants.
#define TARN_BY_COLUMNS(function, ...)         \
  switch (groups.q) {                          \
    case 1:                                    \
      return function<1>(groups, __VA_ARGS__); \
    case 2:                                    \
      return function<2>(groups, __VA_ARGS__); \
    case 3:                                    \
      return function<3>(groups, __VA_ARGS__); \
    case 4:                                    \
      return function<4>(groups, __VA_ARGS__); \
    default:                                   \
      return function<0>(groups, __VA_ARGS__); \
  }

double products(const Groups& groups, const double* lambda, double* out, double* scratch) {
  TARN_BY_COLUMNS(products_of, lambda, out, scratch)
}

void rows(const Groups& groups, const double* lambda, double* out, double* scratch) {
  TARN_BY_COLUMNS(rows_of, lambda, out, scratch)
}

void derivative(const Groups& groups, const double* lambda, const double* B, double* plus,
                double* minus, double* scratch) {
  TARN_BY_COLUMNS(derivative_of, lambda, B, plus, minus, scratch)
}

void draw(const Groups& groups, const double* lambda, double sigma, const double* b, double* r,
          double* scratch) {
  TARN_BY_COLUMNS(draw_all, lambda, sigma, b, r, scratch)
}

}  // namespace

const Functions TARN_KERNEL{products, rows, derivative, draw};

}  // namespace group_kernel
