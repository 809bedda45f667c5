// The loops over all groups, eight side by side, as compiled for one kind of processor.
#pragma once

#include <cstddef>

namespace group_kernel {

inline constexpr int width = 8;  // groups side by side: whole vectors of every instruction set

/// Structure of arrays: element (i, k) of R_j of the groups 8 B .. 8 B + 7 lies side by side, then
/// the next element. Groups past the last are zeros.
struct Groups {
  std::size_t count;   // J
  std::size_t blocks;  // ceil(J / 8)
  int q;
  int m;            // p + 1: covariates and response
  const double* R;  // q (q + 1) / 2 elements by rows of the upper triangle, for every block
  const double* T;  // q m elements by rows, for every block
};

/// Doubles of scratch space that the functions need.
constexpr std::size_t scratch_size(int q, int m) {
  const auto a = static_cast<std::size_t>(q);
  const auto b = static_cast<std::size_t>(m);
  return width * (1 + 6 * a * a + 4 * a + b + 2 * a * b + b * (b + 1) / 2);
}

/// With lambda = chol(Sigma) / sigma (q x q by rows), P_j = R_j lambda and K_j = I + P_j P_j' =
/// C_j C_j':
struct Functions {
  /// products += sum_j V_j'V_j, V_j = C_j^-1 T_j (m x m, lower triangle by rows, packed); returns
  /// sum_j log |K_j|.
  double (*products)(const Groups&, const double* lambda, double* products, double* scratch);

  /// The rows V_j one below the other ((J q) x m, by rows).
  void (*rows)(const Groups&, const double* lambda, double* rows, double* scratch);

  /// With W_j = C_j^-1 R_j: plus += sum_j (W_j'V_j B)(W_j'V_j B)' for an m x m B, and minus +=
  /// sum_j W_j'W_j (q x q).
  void (*derivative)(const Groups&, const double* lambda, const double* B, double* plus,
                     double* minus, double* scratch);

  /// r_j | b, sigma, Sigma for all j (q numbers each), in the place of standard normals.
  void (*draw)(const Groups&, const double* lambda, double sigma, const double* b, double* r,
               double* scratch);
};

/// The fastest that this processor runs; the bits are the same from all of them.
const Functions& fastest();

extern const Functions plain;
#ifdef TARN_X86_64
extern const Functions avx2;
extern const Functions avx512;
#endif

}  // namespace group_kernel
