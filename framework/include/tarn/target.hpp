// A density over free coordinates: every real vector is allowed.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/model.hpp"
#include "tarn/vector.hpp"

namespace tarn {

class Transform;

/// One parameter between its natural and its free scale: log for positive numbers, logit for
/// numbers between 0 and 1, atanh for those between -1 and 1, real numbers as they are.
double to_free(Support support, double natural) noexcept;
double to_natural(Support support, double free) noexcept;

/// log |d natural / d free|.
double log_jacobian(Support support, double free) noexcept;

/// A log density on the natural scale of a layout, as a log density of free coordinates. Blocks
/// become free one by one:
///   real                            each element, divided by a unit (1 unless set_units())
///   positive, unit_interval, minus_one_to_one    each element, as above
///   simplex (k)                     k - 1 by breaking a stick
///   ordered (k)                     the first, then the logarithms of the steps
///   correlation (q x q, in full)    q (q - 1) / 2 partial correlations w = tanh z
///   covariance (q x q, in full)     q (q + 1) / 2 by the logarithm of the Cholesky factor
/// Derived blocks have no coordinates. Blocks with a centering are moved to working coordinates
/// first.
/// Densities of a simplex are per volume of all its elements but the last, those of a correlation
/// matrix of the elements below the diagonal, those of a covariance matrix with the diagonal.
///
/// Elements of a block that is scaled_by another are divided by a unit: by their standard deviation
/// there, or by a fixed number. Where the sd of group effects may be near 0, effects in units of it
/// escape the funnel that they form as they are; where the data tell the effects well it is the
/// other way round (Papaspiliopoulos, Roberts & Skoeld 2007).
class Target {
 public:
  using LogDensity = std::function<double(ConstVectorRef natural)>;
  /// As tarn::Gradient: value, and gradient with respect to the natural values.
  using LogDensityGradient = std::function<double(ConstVectorRef natural, VectorRef gradient)>;
  /// As Model::derive.
  using Derive = std::function<void(VectorRef natural)>;

  /// All elements that have one standard deviation, itself a parameter.
  struct Effects {
    Eigen::Index sd;       // where it is on the natural side,
    Eigen::Index log_sd;   // and where its logarithm is on the free side
    Eigen::Index natural;  // the same of the first element
    Eigen::Index free;
    Eigen::Index count;
    Eigen::Index stride;  // from one to the next, on both sides
    double unit = 0;      // 0: the sd
  };

  /// Throws PluginError for a simplex that is not one axis, a matrix whose axes differ, or a block
  /// that is scaled_by what cannot be its standard deviations.
  Target(const Layout& layout, LogDensity log_density, LogDensityGradient gradient = {},
         Derive derive = {});

  Eigen::Index size() const noexcept { return size_; }  // free coordinates
  Eigen::Index natural_size() const noexcept { return natural_size_; }

  const std::vector<Effects>& effects() const noexcept { return effects_; }

  /// From natural values to working coordinates, in place.
  void to_working(VectorRef natural) const;

  /// Real numbers that are not scaled_by a block are counted in these units (of their working
  /// coordinates) from now on, each in the one at its natural place, so that all free coordinates
  /// are of order 1.
  void set_units(ConstVectorRef natural);

  /// Takes effects()[index] from units of their sd to a fixed unit, or (0) back.
  void set_unit(std::size_t index, double unit) { effects_.at(index).unit = unit; }

  Vector free(ConstVectorRef natural) const;
  Vector natural(ConstVectorRef free) const;  // derived blocks included

  /// Writes the natural values but those of derived blocks, and returns log |d natural / d free|;
  /// allocates nothing.
  double to_natural(ConstVectorRef free, VectorRef natural) const;

  /// log |d natural / d free|.
  double log_jacobian(ConstVectorRef free) const;

  /// Jacobian included. -inf or NaN where the density is.
  double log_density(ConstVectorRef free) const;

  bool has_gradient() const noexcept { return gradient_ != nullptr || differences_; }

  /// Central differences in the free coordinates from now on, in the place of a gradient that is
  /// not there: a leapfrog step with any field of forces keeps volumes and can be reversed, so that
  /// a kernel is as exact as with the gradient itself. Two densities for each coordinate.
  void take_differences() { differences_ = true; }

  /// log_density() and its gradient; only where has_gradient().
  double log_density_gradient(ConstVectorRef free, VectorRef gradient) const;

 private:
  struct Piece {
    std::shared_ptr<const Transform> transform;  // none: derived
    Eigen::Index natural;  // where the block begins on the natural side, and its length
    Eigen::Index count;
    Eigen::Index free;  // and on the free side
    Eigen::Index free_count;
    Eigen::Index last;  // length of its last axis
    std::vector<Centering> centering;
  };

  struct Real {
    Eigen::Index natural;
    Eigen::Index free;
    double unit = 1;
  };

  void add_effects(const Layout& layout, std::size_t block);
  Eigen::Map<Matrix> by_last_axis(const Piece& piece, VectorRef natural) const;
  double differences(ConstVectorRef free, VectorRef gradient) const;

  std::vector<Piece> pieces_;
  std::vector<Effects> effects_;
  std::vector<Real> reals_;
  Eigen::Index size_ = 0;
  Eigen::Index natural_size_ = 0;
  LogDensity log_density_;
  LogDensityGradient gradient_;
  Derive derive_;
  bool differences_ = false;
};

/// All of theta: LogDensity, which the model must offer, and Gradient where it does. The model must
/// outlive its target.
Target full_target(Model& model);

/// The marginal parameters: Collapsed, which the model must offer, and CollapsedGradient where it
/// does.
Target kept_target(Model& model);

}  // namespace tarn
