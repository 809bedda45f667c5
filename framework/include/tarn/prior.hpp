// Priors: the parameters that models declare, and how they meet what users state.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/density.hpp"
#include "tarn/layout.hpp"
#include "tarn/rng.hpp"

namespace tarn {

class Design;

/// What a parameter is, so that its key need not be read.
struct Subject {
  enum class Kind {
    other,
    coefficient,        // name: of the coefficient, "Intercept" or "floor"
    residual_sd,        // grouping: where each group has its own
    group_sd,           // grouping, and name of the column
    group_correlation,  // grouping
    group_covariance,   // grouping
    cut                 // of an ordinal response: in the place of the intercept
  };
  Kind kind = Kind::other;
  std::string name = {};
  std::string grouping = {};
  std::string parameter = {};  // of the family, whose predictor it is a part of

  bool operator==(const Subject&) const = default;
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
  Subject subject = {};
  std::size_t elements = 0;  // of a simplex; 0: not known
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
  double log_density(double x) const;
  double score(double x) const;
  double draw(Rng& rng) const;

  /// Shape and scale if the prior of a standard deviation is that of an inverse-gamma variance, the
  /// conjugate case; flat priors count as their limits (-1/2, 0), on the square (-1, 0).
  std::optional<std::array<double, 2>> conjugate() const;
};

/// All priors of a model: declared parameters, met with what the user said.
class Priors {
 public:
  Priors() = default;

  /// `given` are texts `KEY ~ DENSITY`; the most specific key wins. Throws InputError for a key
  /// that matches nothing (lists the valid ones), a density outside the parameter's support, or
  /// two statements with the same key; PluginError for a default outside it.
  Priors(std::vector<Parameter> declared, std::span<const std::string> given);

  std::span<const ParameterPrior> all() const noexcept { return priors_; }

  /// The prior of the parameter with this most specific key. Throws PluginError if it has none.
  const ParameterPrior& of(std::string_view key) const;

  /// The prior of what this is. Throws PluginError where the model declares none.
  const ParameterPrior& of(const Subject& subject) const;

  /// The same, or nullptr where another parameter's prior stands for it.
  const ParameterPrior* find(std::string_view key) const noexcept;

  /// The prior of what this is, or nullptr.
  const ParameterPrior* find(const Subject& subject) const noexcept;

  bool proper() const noexcept;

 private:
  void replace_priors();

  std::vector<ParameterPrior> priors_;
};

/// What an element of a draw is, by the names of the blocks that are tarn's own (b, sigma, sd_g,
/// cor_g, sigma_g): the subject of its prior. Kind::other where it is nothing of these.
Subject subject_of(const Design& design, const Block& block, std::size_t element);

/// The usual parameters with the usual defaults, scaled to the data (proper, weakly informative):
/// Intercept and b[...]; sigma (none with known standard errors); of every group term sd(g, x) and,
/// where its columns are correlated, cor(g), or cov(g) in the place of both.
std::vector<Parameter> coefficient_parameters(const Design& design);
std::vector<Parameter> residual_parameters(const Design& design);
std::vector<Parameter> group_parameters(const Design& design);

/// Of the predictors of the family's parameters, on their links: Intercept_sigma, b_sigma[x],
/// sd_sigma(g, x), cor_sigma(g).
std::vector<Parameter> predictor_parameters(const Design& design);

}  // namespace tarn
