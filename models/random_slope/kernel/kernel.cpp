// The loops over groups. This file is compiled once for each kind of processor (TARN_KERNEL names
// it), so it includes no inline function of a library: the linker might keep the copy that only the
// newest processor runs. The innermost loops run over the eight groups of a block.
#include "kernel.hpp"

namespace group_kernel {
namespace {

constexpr int w = width;

template <int Q>
struct Block {
  int q;  // Q, or any number where Q is 0
  int m;
  double* P;        // q x q
  double* K;        // q x q, lower triangle; then its Cholesky factor
  double* inverse;  // q: of the factor's diagonal
  double* V;        // q x m

  Block(const Groups& groups, double* scratch)
      : q(Q > 0 ? Q : groups.q),
        m(groups.m),
        P(scratch),
        K(P + w * q * q),
        inverse(K + w * q * q),
        V(inverse + w * q) {}

  double* rest() const { return V + w * q * m; }

  /// Element (i, k) of the packed upper triangle R.
  const double* upper(const double* R, int i, int k) const {
    return R + w * (i * q - i * (i - 1) / 2 + k - i);
  }

  void multiply(const double* __restrict R, const double* __restrict lambda) const {
    for (int i = 0; i < q; ++i) {
      for (int k = 0; k < q; ++k) {
        double* __restrict out = P + w * (i * q + k);
        for (int l = 0; l < w; ++l) out[l] = 0;
        for (int j = i > k ? i : k; j < q; ++j) {
          const double* __restrict r = upper(R, i, j);
          const double x = lambda[j * q + k];
          for (int l = 0; l < w; ++l) out[l] += r[l] * x;
        }
      }
    }
  }

  /// K = I + P P', or I + P'P.
  template <bool transposed>
  void square() const {
    for (int i = 0; i < q; ++i) {
      for (int k = 0; k <= i; ++k) {
        double* __restrict out = K + w * (i * q + k);
        for (int l = 0; l < w; ++l) out[l] = i == k ? 1 : 0;
        for (int c = 0; c < q; ++c) {
          const double* __restrict a = P + w * (transposed ? c * q + i : i * q + c);
          const double* __restrict b = P + w * (transposed ? c * q + k : k * q + c);
          for (int l = 0; l < w; ++l) out[l] += a[l] * b[l];
        }
      }
    }
  }

  /// K into its Cholesky factor; the determinants multiply `determinant`.
  void factorise(double* __restrict determinant) const {
    for (int k = 0; k < q; ++k) {
      for (int i = k; i < q; ++i) {
        double* __restrict out = K + w * (i * q + k);
        for (int c = 0; c < k; ++c) {
          const double* __restrict a = K + w * (i * q + c);
          const double* __restrict b = K + w * (k * q + c);
          for (int l = 0; l < w; ++l) out[l] -= a[l] * b[l];
        }
        double* __restrict inv = inverse + w * k;
        if (i == k) {
          for (int l = 0; l < w; ++l) {
            determinant[l] *= out[l];
            out[l] = __builtin_sqrt(out[l]);
            inv[l] = 1 / out[l];
          }
        } else {
          for (int l = 0; l < w; ++l) out[l] *= inv[l];
        }
      }
    }
  }

  /// V = C^-1 T for `columns` columns.
  void solve(const double* __restrict T, double* __restrict out, int columns) const {
    for (int i = 0; i < q; ++i) {
      for (int a = 0; a < columns; ++a) {
        double* __restrict v = out + w * (i * columns + a);
        const double* __restrict t = T + w * (i * columns + a);
        for (int l = 0; l < w; ++l) v[l] = t[l];
        for (int c = 0; c < i; ++c) {
          const double* __restrict k = K + w * (i * q + c);
          const double* __restrict u = out + w * (c * columns + a);
          for (int l = 0; l < w; ++l) v[l] -= k[l] * u[l];
        }
        const double* __restrict inv = inverse + w * i;
        for (int l = 0; l < w; ++l) v[l] *= inv[l];
      }
    }
  }

  /// P, K and C of a block.
  void prepare(const double* R, const double* lambda, double* determinant) const {
    multiply(R, lambda);
    square<false>();
    factorise(determinant);
  }
};

double fold(const double* lanes) {
  double sum = 0;
  for (int l = 0; l < w; ++l) sum += lanes[l];
  return sum;
}

template <int Q>
double products_of(const Groups& groups, const double* lambda, double* products, double* scratch) {
  const Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  double* const sums = block.rest();
  for (int e = 0; e < w * m * (m + 1) / 2; ++e) sums[e] = 0;
  double determinant[w];
  for (int l = 0; l < w; ++l) determinant[l] = 1;
  double log_determinant = 0;

  for (std::size_t n = 0; n < groups.blocks; ++n) {
    block.prepare(groups.R + n * static_cast<std::size_t>(w * q * (q + 1) / 2), lambda,
                  determinant);
    block.solve(groups.T + n * static_cast<std::size_t>(w * q * m), block.V, m);
    double* __restrict sum = sums;
    for (int a = 0; a < m; ++a) {
      for (int b = 0; b <= a; ++b, sum += w) {
        for (int i = 0; i < q; ++i) {
          const double* __restrict x = block.V + w * (i * m + a);
          const double* __restrict y = block.V + w * (i * m + b);
          for (int l = 0; l < w; ++l) sum[l] += x[l] * y[l];
        }
      }
    }
    // |K_j| >= 1: a product of many is emptied into the logarithm long before it overflows.
    for (int l = 0; l < w; ++l) {
      if (determinant[l] < 1e50) continue;
      log_determinant += __builtin_log(determinant[l]);
      determinant[l] = 1;
    }
  }
  for (int e = 0; e < m * (m + 1) / 2; ++e) products[e] += fold(sums + w * e);
  for (int l = 0; l < w; ++l) log_determinant += __builtin_log(determinant[l]);
  return log_determinant;
}

template <int Q>
void rows_of(const Groups& groups, const double* lambda, double* rows, double* scratch) {
  const Block<Q> block(groups, scratch);
  const auto q = static_cast<std::size_t>(block.q);
  const auto m = static_cast<std::size_t>(block.m);
  double determinant[w];
  for (std::size_t n = 0; n < groups.blocks; ++n) {
    for (int l = 0; l < w; ++l) determinant[l] = 1;
    block.prepare(groups.R + n * (w * q * (q + 1) / 2), lambda, determinant);
    block.solve(groups.T + n * (w * q * m), block.V, block.m);
    for (std::size_t l = 0; l < w && n * w + l < groups.count; ++l) {
      for (std::size_t e = 0; e < q * m; ++e) rows[(n * w + l) * q * m + e] = block.V[w * e + l];
    }
  }
}

template <int Q>
void derivative_of(const Groups& groups, const double* lambda, const double* B, double* plus,
                   double* minus, double* scratch) {
  const Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  double* const W = block.rest();    // q x q
  double* const Y = W + w * q * q;   // W'V, a row of it: m
  double* const YB = Y + w * q * m;  // m
  double* const sums = block.P;      // free once C is there
  double determinant[w];
  for (std::size_t n = 0; n < groups.blocks; ++n) {
    const double* const R = groups.R + n * static_cast<std::size_t>(w * q * (q + 1) / 2);
    for (int l = 0; l < w; ++l) determinant[l] = 1;
    block.prepare(R, lambda, determinant);
    block.solve(groups.T + n * static_cast<std::size_t>(w * q * m), block.V, m);
    for (int i = 0; i < q; ++i) {  // R in full, then C^-1 R
      for (int k = 0; k < q; ++k) {
        for (int l = 0; l < w; ++l) sums[w * (i * q + k) + l] = k < i ? 0 : block.upper(R, i, k)[l];
      }
    }
    block.solve(sums, W, q);

    const auto dot = [&](const double* __restrict x, int x_step, const double* __restrict y,
                         int y_step, int length, double* __restrict out) {
      for (int l = 0; l < w; ++l) out[l] = 0;
      for (int c = 0; c < length; ++c) {
        for (int l = 0; l < w; ++l) out[l] += x[w * c * x_step + l] * y[w * c * y_step + l];
      }
    };
    for (int k = 0; k < q; ++k) {
      for (int a = 0; a < m; ++a) dot(W + w * k, q, block.V + w * a, m, q, Y + w * (k * m + a));
    }
    for (int k = 0; k < q; ++k) {
      for (int a = 0; a < m; ++a) {
        double* __restrict out = YB + w * (k * m + a);
        for (int l = 0; l < w; ++l) out[l] = 0;
        for (int b = 0; b < m; ++b) {
          const double s = B[b * m + a];
          const double* __restrict y = Y + w * (k * m + b);
          for (int l = 0; l < w; ++l) out[l] += y[l] * s;
        }
      }
    }
    double one[w];
    for (int k = 0; k < q; ++k) {
      for (int i = 0; i < q; ++i) {
        dot(YB + w * k * m, 1, YB + w * i * m, 1, m, one);
        plus[k * q + i] += fold(one);
        dot(W + w * k, q, W + w * i, q, q, one);
        minus[k * q + i] += fold(one);
      }
    }
  }
}

template <int Q>
void draw_all(const Groups& groups, const double* lambda, double sigma, const double* b, double* r,
              double* scratch) {
  const Block<Q> block(groups, scratch);
  const int q = block.q;
  const int m = block.m;
  double* const e = block.V;       // q: the residual T_y - T_x b over sigma
  double* const v = block.rest();  // q
  double determinant[w];
  for (std::size_t n = 0; n < groups.blocks; ++n) {
    const double* const T = groups.T + n * static_cast<std::size_t>(w * q * m);
    block.multiply(groups.R + n * static_cast<std::size_t>(w * q * (q + 1) / 2), lambda);
    block.template square<true>();
    for (int l = 0; l < w; ++l) determinant[l] = 1;
    block.factorise(determinant);

    for (int i = 0; i < q; ++i) {
      double* __restrict out = e + w * i;
      const double* __restrict y = T + w * (i * m + m - 1);
      for (int l = 0; l < w; ++l) out[l] = y[l];
      for (int a = 0; a + 1 < m; ++a) {
        const double* __restrict x = T + w * (i * m + a);
        for (int l = 0; l < w; ++l) out[l] -= x[l] * b[a];
      }
      for (int l = 0; l < w; ++l) out[l] /= sigma;
    }
    for (int k = 0; k < q; ++k) {  // v = G^-1 P'e
      double* __restrict out = v + w * k;
      for (int l = 0; l < w; ++l) out[l] = 0;
      for (int c = 0; c < q; ++c) {
        const double* __restrict p = block.P + w * (c * q + k);
        const double* __restrict x = e + w * c;
        for (int l = 0; l < w; ++l) out[l] += p[l] * x[l];
      }
      for (int c = 0; c < k; ++c) {
        const double* __restrict g = block.K + w * (k * q + c);
        const double* __restrict x = v + w * c;
        for (int l = 0; l < w; ++l) out[l] -= g[l] * x[l];
      }
      const double* __restrict inv = block.inverse + w * k;
      for (int l = 0; l < w; ++l) out[l] *= inv[l];
    }
    const std::size_t first = n * w;
    const int here = groups.count - first < w ? static_cast<int>(groups.count - first) : w;
    double* const own = r + first * static_cast<std::size_t>(q);
    for (int l = 0; l < here; ++l) {
      for (int k = 0; k < q; ++k) v[w * k + l] += own[l * q + k];
    }
    for (int k = q - 1; k >= 0; --k) {  // G^-T (v + z)
      double* __restrict out = v + w * k;
      for (int c = k + 1; c < q; ++c) {
        const double* __restrict g = block.K + w * (c * q + k);
        const double* __restrict x = v + w * c;
        for (int l = 0; l < w; ++l) out[l] -= g[l] * x[l];
      }
      const double* __restrict inv = block.inverse + w * k;
      for (int l = 0; l < w; ++l) out[l] *= inv[l];
    }
    for (int i = 0; i < q; ++i) {  // r = sigma lambda v
      double* __restrict out = e + w * i;
      for (int l = 0; l < w; ++l) out[l] = 0;
      for (int k = 0; k <= i; ++k) {
        const double x = sigma * lambda[i * q + k];
        const double* __restrict y = v + w * k;
        for (int l = 0; l < w; ++l) out[l] += x * y[l];
      }
    }
    for (int l = 0; l < here; ++l) {
      for (int k = 0; k < q; ++k) own[l * q + k] = e[w * k + l];
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
