// The loops over rows. This file is compiled once for each kind of processor (TARN_KERNEL names
// it), so it includes no inline function of a library: the linker might keep the copy that only the
// newest processor runs.
#include "kernel.hpp"

namespace shift_kernel {
namespace {

#if defined(__AVX512F__)
constexpr std::size_t native = 8;
#elif defined(__AVX__)
constexpr std::size_t native = 4;
#else
constexpr std::size_t native = 2;
#endif
constexpr std::size_t pieces = width / native;

using Lanes [[gnu::vector_size(native * sizeof(double))]] = double;
using Bits [[gnu::vector_size(native * sizeof(double))]] = long long;

/// Eight numbers side by side.
struct Eight {
  Lanes part[pieces];
};

Eight load(const double* from) {
  Eight x;
  __builtin_memcpy(&x, from, sizeof x);
  return x;
}

void store(const Eight& x, double* to) { __builtin_memcpy(to, &x, sizeof x); }

/// The first `count`, then zeros.
Eight load_some(const double* from, std::size_t count) {
  double padded[width] = {};
  for (std::size_t l = 0; l < count; ++l) padded[l] = from[l];
  return load(padded);
}

/// The rows from i on, or as many as there are, then zeros.
Eight load_from(const double* from, std::size_t i, std::size_t rows) {
  return rows - i < width ? load_some(from + i, rows - i) : load(from + i);
}

void store_at(const Eight& x, double* to, std::size_t i, std::size_t rows) {
  if (to == nullptr) return;
  if (rows - i >= width) return store(x, to + i);
  double padded[width];
  store(x, padded);
  for (std::size_t l = 0; l < rows - i; ++l) to[i + l] = padded[l];
}

/// One after the other: the same order whatever the number of pieces.
double sum(const Eight& x) {
  double lane[width];
  store(x, lane);
  double sum = 0;
  for (double value : lane) sum += value;
  return sum;
}

/// e^x to a unit in the last place: 2^k e^r, |r| <= log(2) / 2, by Taylor's polynomial.
Lanes exponential(Lanes x) {
  constexpr double log2e = 1.4426950408889634074;
  constexpr double high = 6.93147180369123816490e-01;  // log 2, its last 21 bits 0
  constexpr double low = 1.90821492927058770002e-10;
  constexpr double shift = 6755399441055744.0;  // 1.5 x 2^52: rounds to whole numbers
  constexpr double most = 709.0;
  x = x > most ? Lanes{} + most : x;
  x = x < -most ? Lanes{} - most : x;
  const Lanes rounded = x * log2e + shift;
  const Lanes k = rounded - shift;
  const Lanes r = (x - k * high) - k * low;
  Lanes p = Lanes{} + 1.0 / 6227020800;  // 13!
  constexpr double factorials[] = {479001600, 39916800, 3628800, 362880, 40320, 5040, 720,
                                   120,       24,       6,       2,      1,     1};
  for (const double factorial : factorials) p = p * r + 1 / factorial;
  const Bits whole = (Bits)rounded - (Bits)(Lanes{} + shift);
  const Bits power = (whole + 1023) << 52;
  return p * (Lanes)power;
}

void predict(std::size_t rows, std::size_t columns, const double* x, const double* b, double* eta) {
  for (std::size_t i = 0; i < rows; i += width) {
    Eight sum{};
    for (std::size_t k = 0; k < columns; ++k) {
      const Eight column = load_from(x + k * rows, i, rows);
      for (std::size_t p = 0; p < pieces; ++p) sum.part[p] += column.part[p] * b[k];
    }
    store_at(sum, eta, i, rows);
  }
}

void scale(std::size_t rows, const double* scale, const double* eta, double sign, double* scaled) {
  constexpr double most = 709.0;
  for (std::size_t i = 0; i < rows; i += width) {
    const Eight at = load_from(eta, i, rows);
    const Eight by = load_from(scale, i, rows);
    Eight out;
    for (std::size_t p = 0; p < pieces; ++p) {
      const Lanes x = sign * at.part[p];
      out.part[p] = by.part[p] * exponential(x);
      out.part[p] = x > most ? Lanes{} + __builtin_inf() : out.part[p];
      out.part[p] = x != x ? x : out.part[p];
    }
    store_at(out, scaled, i, rows);
  }
}

Logistic logistic(std::size_t rows, const double* scaled, const double* number, double c) {
  Eight fitted{};
  Eight curvature{};
  for (std::size_t i = 0; i < rows; i += width) {
    const Eight x = load_from(scaled, i, rows);
    const Eight n = load_from(number, i, rows);
    for (std::size_t p = 0; p < pieces; ++p) {
      const Lanes odds = x.part[p] * c;
      const Lanes none = 1 / (1 + odds);
      const Lanes share = n.part[p] * (odds * none);
      fitted.part[p] += share;
      curvature.part[p] += share * none;
    }
  }
  return {sum(fitted), sum(curvature)};
}

/// Takes the exponents out of the products.
void normalise(Eight& product, Eight& exponent) {
  for (std::size_t p = 0; p < pieces; ++p) {
    const Bits bits = (Bits)product.part[p];
    exponent.part[p] += __builtin_convertvector((bits >> 52) - 1023, Lanes);
    const Bits mantissa = (bits & 0xFFFFFFFFFFFFFLL) | 0x3FF0000000000000LL;
    product.part[p] = (Lanes)mantissa;
  }
}

void products(std::size_t rows, const double* scaled, const double* number, std::size_t nodes,
              const double* c, double* product, double* exponent) {
  constexpr std::size_t chains = 4;  // side by side: a multiplication waits for the one before
  for (std::size_t k = 0; k < nodes; k += width) {
    const Eight at = load(c + k);
    Eight value[chains];
    Eight power{};
    double most = 0;
    for (std::size_t l = 0; l < width; ++l) most = c[k + l] > most ? c[k + l] : most;
    for (Eight& one : value) {
      for (std::size_t p = 0; p < pieces; ++p) one.part[p] = Lanes{} + 1.0;
    }
    double bound = 1;  // of all products
    const auto times = [&](std::size_t chain, double x) {
      for (std::size_t p = 0; p < pieces; ++p) value[chain].part[p] *= 1 + x * at.part[p];
    };
    const auto raise = [&](double factor) {
      bound *= factor;
      if (bound < 1e150) return;
      for (Eight& one : value) normalise(one, power);
      bound = 2;
    };
    std::size_t i = 0;
    for (; i + chains <= rows; i += chains) {
      bool once = true;
      double greatest = 0;
      for (std::size_t q = 0; q < chains; ++q) {
        once = once && number[i + q] == 1;
        greatest = scaled[i + q] > greatest ? scaled[i + q] : greatest;
      }
      if (once) {
        for (std::size_t q = 0; q < chains; ++q) times(q, scaled[i + q]);
        raise(1 + greatest * most);
        continue;
      }
      for (std::size_t q = 0; q < chains; ++q) {
        for (int n = static_cast<int>(number[i + q]); n > 0; --n) {
          times(q, scaled[i + q]);
          raise(1 + scaled[i + q] * most);
        }
      }
    }
    for (; i < rows; ++i) {
      for (int n = static_cast<int>(number[i]); n > 0; --n) {
        times(0, scaled[i]);
        raise(1 + scaled[i] * most);
      }
    }
    for (Eight& one : value) normalise(one, power);
    Eight all = value[0];
    for (std::size_t q = 1; q < chains; ++q) {
      for (std::size_t p = 0; p < pieces; ++p) all.part[p] *= value[q].part[p];
    }
    store(all, product + k);
    store(power, exponent + k);
  }
}

void fitted(std::size_t rows, const double* scaled, const double* number, std::size_t nodes,
            const double* c, const double* share, double* fitted) {
  for (std::size_t i = 0; i < rows; ++i) {
    Eight total{};
    for (std::size_t k = 0; k < nodes; k += width) {
      const Eight at = load(c + k);
      const Eight weight = load(share + k);
      for (std::size_t p = 0; p < pieces; ++p) {
        const Lanes odds = scaled[i] * at.part[p];
        total.part[p] += weight.part[p] * (odds / (1 + odds));
      }
    }
    fitted[i] = number[i] * sum(total);
  }
}

/// log(x) of a normal number: k log 2 + log(m), m in [sqrt(1/2), sqrt(2)).
Lanes logarithm(Lanes x) {
  constexpr double high = 6.93147180369123816490e-01;
  constexpr double low = 1.90821492927058770002e-10;
  const Bits bits = (Bits)x;
  const Bits power = (bits >> 52) - 1023;
  Lanes m = (Lanes)((bits & 0xFFFFFFFFFFFFFLL) | 0x3FF0000000000000LL);
  Lanes k = __builtin_convertvector(power, Lanes);
  const auto large = m > 1.4142135623730951;
  m = large ? m * 0.5 : m;
  k = large ? k + 1 : k;
  const Lanes s = (m - 1) / (m + 1);  // at most 0.172
  const Lanes square = s * s;
  Lanes sum = Lanes{} + 1.0 / 23;
  for (int j = 21; j > 0; j -= 2) sum = sum * square + 1.0 / j;
  return k * high + (k * low + 2 * s * sum);
}

/// log(1 + e), 0 <= e <= 1: 2 atanh(s), s = e / (2 + e) <= 1/3, by its series.
Lanes log_one_plus(Lanes e) {
  const Lanes s = e / (2 + e);
  const Lanes square = s * s;
  Lanes sum = Lanes{} + 1.0 / 33;
  for (int k = 31; k > 0; k -= 2) sum = sum * square + 1.0 / k;
  return 2 * s * sum;
}

/// e^x for x <= 0; NaN stays.
Lanes decay(Lanes x) {
  const Lanes e = exponential(x);
  return x != x ? x : e;
}

void logistic_rows(const Rows& rows, const Parts& parts) {
  for (std::size_t i = 0; i < rows.count; i += width) {
    const Eight base = load_from(rows.base, i, rows.count);
    const Eight slope = load_from(rows.slope, i, rows.count);
    const Eight scale = load_from(rows.scale, i, rows.count);
    const Eight number = load_from(rows.number, i, rows.count);
    const Eight eta = load_from(rows.eta, i, rows.count);
    Eight value, score, curvature;
    for (std::size_t p = 0; p < pieces; ++p) {
      const Lanes x = eta.part[p];
      const Lanes size = x < 0 ? -x : x;
      const Lanes e = decay(-size);
      const Lanes s = scale.part[p];
      // 1 + s e^x = e^x (s + e^-x) where x > 0: no exponential overflows.
      const Lanes odd = x > 0 ? s : s * e;  // s e^x / max(1, e^x)
      const Lanes even = x > 0 ? e : Lanes{} + 1.0;
      const Lanes all = odd + even;
      const Lanes share = odd / all;
      const Lanes top = odd > even ? odd : even;
      const Lanes low = odd > even ? even : odd;
      const Lanes logs = logarithm(top) + log_one_plus(low / top) + (x > 0 ? x : Lanes{});
      value.part[p] = base.part[p] + slope.part[p] * x - number.part[p] * logs;
      score.part[p] = slope.part[p] - number.part[p] * share;
      curvature.part[p] = number.part[p] * share * (even / all);
    }
    store_at(value, parts.value, i, rows.count);
    store_at(score, parts.score, i, rows.count);
    store_at(curvature, parts.curvature, i, rows.count);
  }
}

void exponential_rows(const Rows& rows, double sign, const Parts& parts) {
  constexpr double most = 709.0;
  for (std::size_t i = 0; i < rows.count; i += width) {
    const Eight base = load_from(rows.base, i, rows.count);
    const Eight slope = load_from(rows.slope, i, rows.count);
    const Eight scale = load_from(rows.scale, i, rows.count);
    const Eight eta = load_from(rows.eta, i, rows.count);
    Eight value, score, curvature;
    for (std::size_t p = 0; p < pieces; ++p) {
      const Lanes x = sign * eta.part[p];
      Lanes mean = decay(x);
      mean = x > most ? Lanes{} + __builtin_inf() : mean;
      mean = scale.part[p] * mean;
      value.part[p] = base.part[p] + slope.part[p] * eta.part[p] - mean;
      score.part[p] = slope.part[p] - sign * mean;
      curvature.part[p] = mean;
    }
    store_at(value, parts.value, i, rows.count);
    store_at(score, parts.score, i, rows.count);
    store_at(curvature, parts.curvature, i, rows.count);
  }
}

}  // namespace

const Functions TARN_KERNEL{predict, scale,         logistic,        products,
                            fitted,  logistic_rows, exponential_rows};

}  // namespace shift_kernel
