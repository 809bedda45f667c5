// The linear predictor of a regression: coefficients and the effects of grouping factors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tarn/coefficients.hpp"
#include "tarn/covariance.hpp"
#include "tarn/design.hpp"
#include "tarn/layout.hpp"
#include "tarn/model.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"

namespace tarn::regression {

/// What the predictor is made of in one draw, in the letters of the textbook.
struct Values {
  std::vector<Covariance> covariances;  // Sigma_f of every factor
  Vector b;                             // in working coordinates
  std::vector<Vector> r;                // of every factor: q numbers for each level, level by level
};

/// X b + sum_f Z_f r_f with b ~ its priors, r_fj ~ N(0, Sigma_f). Factors are numbered as
/// `groupings` lists them, which is how a solver wants them.
class Terms {
 public:
  /// Throws InputError where a flat prior and few levels leave an improper posterior. What is
  /// referred to must outlive this.
  Terms(const PredictorDesign& design, const Priors& priors, std::vector<std::size_t> groupings);

  /// Blocks of a draw: b; then sd_g, cor_g of every factor and r_g, in the order of the formula.
  void add_coefficients(Layout& layout);
  void add_groups(Layout& layout);

  const PredictorDesign& design() const noexcept { return design_; }
  Coefficients& coefficients() noexcept { return coefficients_; }
  const Coefficients& coefficients() const noexcept { return coefficients_; }
  std::size_t factors() const noexcept { return groupings_.size(); }
  const GroupCovariance& covariance(std::size_t f) const { return covariances_[f]; }
  std::size_t grouping(std::size_t f) const { return groupings_[f]; }
  std::size_t factor_of(std::size_t grouping) const;
  std::string name(std::size_t f) const { return design_.groupings[groupings_[f]].variable(); }

  Eigen::Index p() const { return static_cast<Eigen::Index>(design_.size()); }
  Eigen::Index q(std::size_t f) const { return covariances_[f].size(); }
  Eigen::Index levels(std::size_t f) const {
    return static_cast<Eigen::Index>(design_.groupings[groupings_[f]].levels.size());
  }
  Eigen::Index columns() const;  // of all factors

  // Numbers of blocks in the layout.
  std::size_t b() const noexcept { return b_; }
  std::size_t r(std::size_t f) const { return r_[f]; }
  std::size_t sd(std::size_t f) const { return sds_[f].sd; }
  std::vector<std::size_t> of_covariance(std::size_t f) const { return sds_[f].blocks(); }
  std::vector<std::size_t> of_sds(std::size_t f) const;  // and what is derived from them

  Values empty() const;
  void read(const Layout& layout, ConstVectorRef theta, Values& into) const;
  void write(const Values& now, const Layout& layout, VectorRef theta) const;
  void derive(const Layout& layout, VectorRef theta) const;
  void read_coefficients(const Layout& layout, ConstVectorRef theta, Vector& b) const;
  void write_coefficients(const Vector& b, const Layout& layout, VectorRef theta) const;
  Covariance read_covariance(std::size_t f, const Layout& layout, ConstVectorRef theta) const {
    return covariances_[f].read(layout, sds_[f], theta);
  }

  /// The effects of a factor as a q x J matrix: r_j is its column j.
  Eigen::Map<Matrix> by_column(std::size_t f, Vector& r) const {
    return {r.data(), q(f), levels(f)};
  }
  Eigen::Map<const Matrix> by_column(std::size_t f, const Vector& r) const {
    return {r.data(), q(f), levels(f)};
  }

  /// eta of some rows, the offset included.
  void predict(const Values& now, const PredictorRows& rows, VectorRef eta) const;

  /// Adds the slopes of coefficients and effects, given that of every row's eta.
  void add_scores(const PredictorRows& rows, const Vector& score, Values& slope) const;

  /// Adds z_f' Sigma_f z_f of some rows.
  void add_variance(std::size_t f, const Values& now, const PredictorRows& rows,
                    VectorRef variance) const;

  /// log p(b, Sigma); `sigma` is what priors of b may scale with. And log p(b, r, Sigma), whose
  /// gradient is added to `slope` (that of Sigma is set).
  double log_prior(const Values& now, double sigma) const;
  double log_density(const Values& now, double sigma) const;
  double log_density_gradient(const Values& now, double sigma, Values& slope, double& dsigma) const;
  void write_gradient(Values& slope, const Layout& layout, VectorRef gradient) const;

  void draw_prior(Values& now, double sigma, Rng& rng) const;

  /// About the middle of the predictor, on its scale.
  void start(const ColumnScale& scale, Values& now, Rng& rng) const;

  /// NewGroups of one level: its effects drawn from the population, or none.
  void draw_level(std::size_t f, std::size_t level, const Layout& layout, VectorRef theta,
                  Rng& rng) const;
  void center_level(std::size_t f, std::size_t level, const Layout& layout, VectorRef theta) const;

 private:
  const PredictorDesign& design_;
  Coefficients coefficients_;
  std::vector<std::size_t> groupings_;
  std::vector<GroupCovariance> covariances_;
  std::size_t b_ = 0;
  std::vector<GroupCovariance::Place> sds_;
  std::vector<std::size_t> r_;
};

/// The size of every column of X: its sd, of a constant its value, and 1 of zeros.
Vector column_sizes(const PredictorDesign& design);

/// Groupings in the order of the formula.
std::vector<std::size_t> all_groupings(const PredictorDesign& design);

}  // namespace tarn::regression
