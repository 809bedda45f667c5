// Densities: what users write as priors, and the rows of the table that plugins add to.
#pragma once

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// The numbers in a density's brackets.
using DensityArguments = std::span<const double>;

struct DensityArgument {
  std::string name = {};  // as shown to users: "degrees of freedom"
  bool positive = false;  // else any number
};

/// One row of the table of densities: all that is known of `name(argument, ...)`. Functions get the
/// arguments in the order in which they are written, and numbers inside the support only.
///   plugin.density({.name = "gumbel", .arguments = {{"location"}, {"scale", true}},
///                   .log_density = ..., .score = ..., .draw = ...});
struct DensityType {
  std::string name = {};
  std::vector<DensityArgument> arguments = {};
  bool repeats = false;  // the last argument may be given more than once
  Support support = Support::real;
  bool proper = true;

  /// What is wrong with the arguments beyond their signs ("its lower end must be below its upper
  /// end"), or nullptr.
  const char* (*wrong)(DensityArguments a) = nullptr;

  // Of one number: all three, unless it scales with sigma.
  double (*log_density)(double x, DensityArguments a) = nullptr;  // with its constant
  double (*score)(double x, DensityArguments a) = nullptr;        // its derivative in x
  double (*draw)(DensityArguments a, Rng& rng) = nullptr;
  std::array<double, 2> (*ends)(DensityArguments a) = nullptr;  // none: those of the support

  /// Of a simplex (a column), a correlation matrix or a covariance matrix: the first three.
  /// Densities are per volume as in Target, and gradients as in Gradient.
  struct Block {
    double (*log_density)(ConstMatrixRef x, DensityArguments a) = nullptr;
    void (*add_gradient)(ConstMatrixRef x, DensityArguments a, MatrixRef gradient) = nullptr;
    void (*draw)(MatrixRef x, DensityArguments a, Rng& rng) = nullptr;
    /// Why it cannot be that of a block with so many rows, or nothing.
    std::string (*refuses)(Eigen::Index rows, DensityArguments a) = nullptr;
    /// Log density of element k alone, below the diagonal of a matrix: for pictures.
    double (*log_marginal)(double x, Eigen::Index k, Eigen::Index rows,
                           DensityArguments a) = nullptr;
  } block = {};

  /// What makes steps exact. Nothing of it: slices.
  struct Conjugacy {
    /// Location and scale of N(location, scale^2).
    std::array<double, 2> (*gaussian)(DensityArguments a) = nullptr;
    /// The Gaussian is N(location, v scale^2), v given z = (x - location) / scale: a draw of it.
    double (*mixing)(double z, DensityArguments a, Rng& rng) = nullptr;
    /// The Gaussian is N(location, (scale sigma)^2).
    bool scales_with_sigma = false;
    /// Shape and scale of an inverse gamma.
    std::array<double, 2> (*inverse_gamma)(DensityArguments a) = nullptr;
    /// Degrees of freedom nu and s of an inverse Wishart IW(nu, s I).
    std::array<double, 2> (*inverse_wishart)(DensityArguments a) = nullptr;
  } conjugacy = {};
};

/// A density as users write it: `half_normal(1)`. Second arguments are standard deviations.
class Density {
 public:
  /// flat()
  Density();

  /// Reads `name(argument, ...)`. Throws InputError for an unknown name (with the nearest match),
  /// a wrong number of arguments, or an argument out of its range.
  static Density parse(std::string_view text);

  double argument(std::size_t k) const { return arguments_.at(k); }
  std::string text() const;

  /// What the variable may be.
  Support support() const noexcept;
  bool of_number() const noexcept;         // else of a simplex or a matrix
  double lower() const { return lower_; }  // ends of the support of one number
  double upper() const { return upper_; }

  bool proper() const noexcept { return type_->proper; }

  /// Log density at x with its normalising constant (0 everywhere for flat), -inf outside the
  /// support. NaN where it is not of one number, or depends on another parameter.
  double log_density(double x) const {
    if (!(x >= lower_ && x <= upper_)) return -std::numeric_limits<double>::infinity();
    return type_->log_density != nullptr ? type_->log_density(x, arguments_)
                                         : std::numeric_limits<double>::quiet_NaN();
  }

  /// d/dx of log_density.
  double score(double x) const {
    if (!(x >= lower_ && x <= upper_)) return 0;
    return type_->score != nullptr ? type_->score(x, arguments_)
                                   : std::numeric_limits<double>::quiet_NaN();
  }

  /// One draw. Throws InputError where there is none: flat(), or a density that is not of one
  /// number.
  double draw(Rng& rng) const;

  // Of a simplex (a column) or a matrix; flat() is of any.
  double log_density_of(ConstMatrixRef x) const;
  void add_gradient_of(ConstMatrixRef x, MatrixRef gradient) const;
  void draw_block(MatrixRef x, Rng& rng) const;

  /// Why it cannot be that of a block with so many rows, or nothing.
  std::string misfit(Eigen::Index rows) const;

  /// Log density of element k of a block with so many rows; nothing where it is not known.
  std::optional<double> log_marginal(double x, Eigen::Index k, Eigen::Index rows) const;

  // What the algebra of Gaussians asks.

  bool is_normal() const noexcept;          // N(location, scale^2)
  bool scales_with_sigma() const noexcept;  // N(location, (scale sigma)^2)
  bool is_scale_mixture() const noexcept;   // N(location, v scale^2), v a variable of its own
  /// One of these, or flat.
  bool is_conditionally_gaussian() const noexcept;
  double location() const noexcept { return location_; }  // of these, 0 for others
  double scale() const noexcept { return scale_; }

  /// Of a scale mixture: v given x.
  double draw_mixing(double x, Rng& rng) const;

  /// Shape and scale, where it is an inverse gamma.
  std::optional<std::array<double, 2>> inverse_gamma() const;

  /// nu and s, where it is IW(nu, s I).
  std::optional<std::array<double, 2>> inverse_wishart() const;

 private:
  const DensityType* type_;  // of the table, which keeps its rows
  std::vector<double> arguments_;
  double lower_ = -std::numeric_limits<double>::infinity();
  double upper_ = std::numeric_limits<double>::infinity();
  double location_ = 0;
  double scale_ = 0;
};

}  // namespace tarn
