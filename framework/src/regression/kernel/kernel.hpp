// Sums over rows of a level in a ShiftForm, eight rows or nodes side by side, as compiled for one
// kind of processor.
#pragma once

#include <cstddef>

namespace shift_kernel {

inline constexpr std::size_t width = 8;  // whole vectors of every instruction set

struct Logistic {
  double fitted;     // sum_i number_i p_i
  double curvature;  // sum_i number_i p_i (1 - p_i)
};

/// Of `count` rows: the terms of a ShiftForm, and eta.
struct Rows {
  std::size_t count;
  const double* base;
  const double* slope;
  const double* scale;
  const double* number;
  const double* eta;
};

/// Where log likelihoods and their derivatives go; null: not wanted.
struct Parts {
  double* value;
  double* score;
  double* curvature;
};

struct Functions {
  /// eta = X b; the columns of X lie one behind the other.
  void (*predict)(std::size_t rows, std::size_t columns, const double* x, const double* b,
                  double* eta);

  /// scaled_i = scale_i exp(sign eta_i); infinite or 0 where that is out of range.
  void (*scale)(std::size_t rows, const double* scale, const double* eta, double sign,
                double* scaled);

  /// With p_i = scaled_i c / (1 + scaled_i c).
  Logistic (*logistic)(std::size_t rows, const double* scaled, const double* number, double c);

  /// product_k 2^exponent_k = prod_i (1 + scaled_i c_k)^number_i at `nodes` nodes, a multiple of
  /// the width; numbers are whole. No 1 + scaled_i c_k is above 1e100.
  void (*products)(std::size_t rows, const double* scaled, const double* number, std::size_t nodes,
                   const double* c, double* product, double* exponent);

  /// fitted_i = number_i sum_k share_k scaled_i c_k / (1 + scaled_i c_k); nodes as before.
  void (*fitted)(std::size_t rows, const double* scaled, const double* number, std::size_t nodes,
                 const double* c, const double* share, double* fitted);

  /// base + slope eta - number log(1 + scale e^eta), and base + slope eta - scale e^(sign eta).
  void (*logistic_rows)(const Rows& rows, const Parts& parts);
  void (*exponential_rows)(const Rows& rows, double sign, const Parts& parts);
};

/// The fastest that this processor runs; the bits are the same from all of them.
const Functions& fastest();

extern const Functions plain;
#ifdef TARN_X86_64
extern const Functions avx2;
extern const Functions avx512;
#endif

}  // namespace shift_kernel
