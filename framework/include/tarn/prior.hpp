// Priors: the densities users write, the parameters models declare, and how the two meet.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/rng.hpp"

namespace tarn {

class Design;

/// A density as users write it: `half_normal(1)`. Second arguments are standard deviations.
class Density {
 public:
  enum class Family {
    normal,          // (mean, sd)
    student_t,       // (degrees of freedom, location, scale)
    cauchy,          // (location, scale)
    half_normal,     // (scale)
    half_student_t,  // (degrees of freedom, 0, scale)
    half_cauchy,     // (scale)
    exponential,     // (rate)
    gamma,           // (shape, rate)
    inv_gamma,       // (shape, scale)
    uniform,         // (lower, upper)
    lkj,             // (eta): correlation matrices (Lewandowski, Kurowicka & Joe 2009)
    inv_wishart,     // (degrees of freedom, s): covariance matrices, scale s times the identity
    flat,            // (): improper, constant
    scaled_normal,   // (mean, s): normal with standard deviation s times sigma
  };

  /// Reads `name(argument, ...)`. Throws InputError for an unknown name (with the nearest match),
  /// a wrong number of arguments, or an argument out of its range.
  static Density parse(std::string_view text);

  Family family() const noexcept { return family_; }
  double argument(std::size_t k) const { return arguments_.at(k); }
  std::string text() const;

  /// What the variable may be: real, positive, a correlation or a covariance matrix.
  Support support() const noexcept;
  double lower() const noexcept;  // ends of the support of a density of one real variable
  double upper() const noexcept;

  /// Log density at x with its normalising constant (0 everywhere for flat), -inf outside the
  /// support. Only for densities of one real variable that do not depend on another parameter.
  double log_density(double x) const noexcept;

  /// d/dx of log_density.
  double score(double x) const noexcept;

  bool proper() const noexcept { return family_ != Family::flat; }

  /// One draw. Throws InputError for flat().
  double draw(Rng& rng) const;

 private:
  Family family_ = Family::flat;
  std::array<double, 3> arguments_{};
};

/// A parameter that takes a prior, as its model declares it.
struct Parameter {
  std::vector<std::string> keys;  // what users may call it, most specific first: b[floor], b
  Support support = Support::real;
  bool square = false;        // may also be named by its square: sigma^2
  std::string default_prior;  // the default, as users would write it
  std::string reason;         // where the default comes from: "2.5 sd(y) / sd(x)"
  bool scalable = false;      // takes scaled_normal(), whose scale is a multiple of sigma
  /// Most specific keys of parameters whose priors this one takes the place of: given cov(g), those
  /// of sd(g, x) and cor(g) are none. Such a parameter has no default.
  std::vector<std::string> instead_of = {};
};

/// The prior that one parameter got.
struct ParameterPrior {
  Parameter parameter;
  Density density;
  bool on_square = false;  // the density is that of the parameter's square
  std::string source;      // "default: 2.5 sd(y)" or "given: sd(g) ~ half_normal(1)"

  const std::string& key() const { return parameter.keys.front(); }

  /// Key and density as printed: `sigma^2 ~ inv_gamma(2, 1)`.
  std::string text() const;

  /// Log density of the parameter itself, change of variables from its square included.
  double log_density(double x) const noexcept;
  double score(double x) const noexcept;
  double draw(Rng& rng) const;

  /// Shape and scale if the prior of a standard deviation is that of an inverse-gamma variance, the
  /// conjugate case; flat priors count as their limits (-1/2, 0), on the square (-1, 0).
  std::optional<std::array<double, 2>> conjugate() const noexcept;
};

/// All priors of a model: declared parameters, met with what the user said.
class Priors {
 public:
  Priors() = default;

  /// `given` are texts `KEY ~ DENSITY`; the most specific key wins. Throws InputError for a key
  /// that matches nothing (lists the valid ones), a density outside the parameter's support, or
  /// two statements with the same key.
  Priors(std::vector<Parameter> declared, std::span<const std::string> given);

  std::span<const ParameterPrior> all() const noexcept { return priors_; }

  /// The prior of the parameter with this most specific key. Throws PluginError if it has none.
  const ParameterPrior& of(std::string_view key) const;

  /// The same, or nullptr where another parameter's prior stands for it.
  const ParameterPrior* find(std::string_view key) const noexcept;

  bool proper() const noexcept;

 private:
  void replace_priors();

  std::vector<ParameterPrior> priors_;
};

/// The usual parameters with the usual defaults, scaled to the data (proper, weakly informative):
/// Intercept and b[...]; sigma (none with known standard errors); of every group term sd(g, x) and,
/// where its columns are correlated, cor(g), or cov(g) in the place of both.
std::vector<Parameter> coefficient_parameters(const Design& design);
std::vector<Parameter> residual_parameters(const Design& design);
std::vector<Parameter> group_parameters(const Design& design);

}  // namespace tarn
