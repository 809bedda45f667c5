// Columns made from one variable: orthogonal polynomials and splines.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace tarn::formula {

/// poly(x, degree), poly(x, degree, raw = TRUE), bs(x, ...), ns(x, ...): all that is needed to
/// evaluate it anywhere, as one run of numbers.
struct Basis {
  enum class Kind { orthogonal, powers, spline, natural };
  Kind kind = Kind::powers;
  std::size_t columns = 1;
  std::vector<double> state;
};

/// What the user asked for; 0 or empty where nothing was said.
struct BasisRequest {
  std::size_t degree = 0;
  std::size_t freedom = 0;  // df
  std::vector<double> knots;
  bool intercept = false;
};

/// `x` is changed. Orthogonal polynomials over the values x; throws InputError with `name` if x has
/// too few distinct values.
Basis learn_polynomials(std::size_t degree, std::vector<double> x, const std::string& name);
Basis powers(std::size_t degree);

/// Knots at quantiles, boundary knots at the range: the defaults of R's splines package.
Basis learn_spline(const BasisRequest& request, std::vector<double> x, const std::string& name);
Basis learn_natural_spline(const BasisRequest& request, std::vector<double> x,
                           const std::string& name);

/// The columns at x[i] go to out[j * stride + i].
void apply(const Basis& basis, std::span<const double> x, double* out, std::size_t stride);

/// What was learnt, in words: `knots 1, 2; boundary 0, 5`.
std::string describe(const Basis& basis);

}  // namespace tarn::formula
