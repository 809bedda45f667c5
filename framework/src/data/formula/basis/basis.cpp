// Evaluation of polynomials and splines from what they learnt.
#include "data/formula/basis/basis.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "data/formula/basis/spline.hpp"
#include "tarn/index.hpp"

namespace tarn::formula {
namespace {

void apply_powers(std::size_t degree, std::span<const double> x, double* out, std::size_t stride) {
  // Each power from the library, as R computes x^k: products would lose digits step by step.
  for (std::size_t k = 1; k <= degree; ++k) {
    double* const column = out + (k - 1) * stride;
    for (std::size_t i = 0; i < x.size(); ++i) {
      column[i] = k == 1 ? x[i] : k == 2 ? x[i] * x[i] : std::pow(x[i], static_cast<double>(k));
    }
  }
}

void apply_orthogonal(const Basis& basis, std::span<const double> x, double* out,
                      std::size_t stride) {
  const std::size_t degree = basis.columns;
  const double* const alpha = basis.state.data();
  const double* const norm = alpha + degree;
  for (std::size_t i = 0; i < x.size(); ++i) {
    double before = 0;
    double last = 1;
    for (std::size_t k = 0; k < degree; ++k) {
      const double ratio = k == 0 ? 0 : norm[k] / norm[k - 1];
      const double next = (x[i] - alpha[k]) * last - ratio * before;
      before = last;
      last = next;
      out[k * stride + i] = next / std::sqrt(norm[k + 1]);
    }
  }
}

void apply_spline(const Basis& basis, std::span<const double> x, double* out, std::size_t stride) {
  const auto degree = static_cast<std::size_t>(basis.state[0]);
  const auto skip = static_cast<std::size_t>(basis.state[1]);
  const SplineBasis spline(degree, basis.state[2], basis.state[3],
                           std::span(basis.state).subspan(4));
  std::vector<double> nonzero(degree + 1);
  for (std::size_t j = 0; j < basis.columns; ++j) std::fill_n(out + j * stride, x.size(), 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t first = spline.values(x[i], nonzero);
    for (std::size_t r = 0; r <= degree; ++r) {
      if (first + r >= skip) out[(first + r - skip) * stride + i] = nonzero[r];
    }
  }
}

void apply_natural(const Basis& basis, std::span<const double> x, double* out, std::size_t stride) {
  const auto skip = static_cast<std::size_t>(basis.state[0]);
  const auto knots = static_cast<std::size_t>(basis.state[1]);
  const double lower = basis.state[2];
  const double upper = basis.state[3];
  const SplineBasis cubic(3, lower, upper, std::span(basis.state).subspan(4, knots));
  const double* const q = basis.state.data() + 4 + knots;
  const std::size_t m = cubic.size() - skip;
  const std::array<std::vector<double>, 2> slope{cubic.derivative(lower, 1),
                                                 cubic.derivative(upper, 1)};
  std::vector<double> full(cubic.size());
  std::array<double, 4> nonzero{};
  for (std::size_t i = 0; i < x.size(); ++i) {
    // Straight lines beyond the boundary.
    const double inside = std::clamp(x[i], lower, upper);
    std::ranges::fill(full, 0.0);
    const std::size_t first = cubic.values(inside, nonzero);
    std::copy(nonzero.begin(), nonzero.end(), full.begin() + as_index(first));
    if (x[i] != inside) {
      const std::vector<double>& d = slope[x[i] < lower ? 0 : 1];
      for (std::size_t j = 0; j < full.size(); ++j) full[j] += (x[i] - inside) * d[j];
    }
    for (std::size_t column = 0; column < basis.columns; ++column) {
      double sum = 0;
      for (std::size_t j = 0; j < m; ++j) sum += q[column * m + j] * full[j + skip];
      out[column * stride + i] = sum;
    }
  }
}

/// All digits, so that the text tells the numbers exactly.
std::string listed(std::span<const double> numbers) {
  std::string text;
  for (const double number : numbers) {
    text += text.empty() ? "" : ", ";
    text += fmt::format("{}", number);
  }
  return text.empty() ? "none" : text;
}

}  // namespace

void apply(const Basis& basis, std::span<const double> x, double* out, std::size_t stride) {
  switch (basis.kind) {
    case Basis::Kind::powers:
      return apply_powers(basis.columns, x, out, stride);
    case Basis::Kind::orthogonal:
      return apply_orthogonal(basis, x, out, stride);
    case Basis::Kind::spline:
      return apply_spline(basis, x, out, stride);
    case Basis::Kind::natural:
      return apply_natural(basis, x, out, stride);
  }
}

std::string describe(const Basis& basis) {
  const std::span<const double> state(basis.state);
  switch (basis.kind) {
    case Basis::Kind::powers:
      break;
    case Basis::Kind::orthogonal:
      return "alpha " + listed(state.first(basis.columns)) + "; squared norms " +
             listed(state.subspan(basis.columns));
    case Basis::Kind::spline:
      return "knots " + listed(state.subspan(4)) + "; boundary " + listed(state.subspan(2, 2));
    case Basis::Kind::natural:
      return "knots " + listed(state.subspan(4, static_cast<std::size_t>(state[1]))) +
             "; boundary " + listed(state.subspan(2, 2));
  }
  return "nothing";
}

}  // namespace tarn::formula
