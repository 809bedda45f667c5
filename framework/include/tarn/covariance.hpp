// The covariance of the effects of one grouping factor: priors and updates.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tarn/centering.hpp"
#include "tarn/design.hpp"
#include "tarn/layout.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"

namespace tarn {

/// Sigma = D C D with D = diag(sd), for q columns.
struct Covariance {
  Vector sd;           // q
  Matrix correlation;  // C, q x q; the identity where columns are independent

  /// L, lower triangular, with L L' = Sigma. NaN where C is not positive definite.
  Matrix factor() const;
};

/// Sigma for the columns of all terms on one factor. Within a correlated term of several columns
/// the correlations are parameters, everywhere else they are 0. Priors are sd(g, x) and cor(g)
/// (LKJ: Lewandowski, Kurowicka & Joe 2009), or cov(g) for both (inverse Wishart, or a density of
/// covariance matrices that a plugin brings).
///
/// Sigma and the effects r are those at the covariates' means where the design centres them; users
/// see those of the columns as written. The correlations there may be 1 to the last digit, so that
/// a draw holds both, and Sigma is never made from the user's.
class GroupCovariance {
 public:
  /// Throws InputError for a prior that cov(g) or cor(g) cannot have. The priors outlive this.
  GroupCovariance(const PredictorDesign& design, const Priors& priors, std::size_t grouping);

  Eigen::Index size() const noexcept { return size_; }  // q
  const std::vector<std::string>& columns() const noexcept { return columns_; }

  /// Whether Sigma is another than the user's.
  bool centred() const noexcept { return !centering_.empty(); }
  const std::vector<Centering>& centering() const noexcept { return centering_; }

  /// Whether the prior of a column's sd, and those of its correlations, is at the covariates' means
  /// only.
  bool moves(Eigen::Index column) const;

  // In place, each column of a matrix being the effects of a level.
  void to_working(MatrixRef r) const;
  void to_user(MatrixRef r) const;
  void gradient_to_user(MatrixRef gradient) const;

  /// Sigma of the columns as written, and back. What centring leaves alone keeps its bits.
  Covariance to_user(const Covariance& sigma) const;
  Covariance to_working(const Covariance& user) const;

  /// Where Sigma is in a layout: sd_g over g_term; cor_g over g_term and g_term_2 (a term that
  /// holds only some of the columns has axes of its own). Where it is centred it has the names
  /// centered_sd_g and centered_cor_g, and the user's is derived.
  struct Place {
    std::size_t sd = 0;
    std::vector<std::size_t> correlations;            // one for each correlated term
    std::optional<std::size_t> user_sd = {};          // only where centred
    std::vector<std::size_t> user_correlations = {};  // then one for each, perhaps the same block

    std::vector<std::size_t> blocks() const;  // all of them, once
  };
  Place add_to(Layout& layout) const;

  /// The same without what is derived.
  Place add_working_to(Layout& layout) const;

  /// Where add_to() has put it, by the names.
  std::optional<Place> find_in(const Layout& layout) const;

  /// The block r_g: the user's effects, level by level.
  Block effects_block(const Grouping& grouping) const;

  Covariance read(const Layout& layout, const Place& place, ConstVectorRef theta) const;
  void read(const Layout& layout, const Place& place, ConstVectorRef theta, Covariance& into) const;
  void write(const Covariance& sigma, const Layout& layout, const Place& place,
             VectorRef theta) const;
  void write_gradient(const Covariance& slope, const Layout& layout, const Place& place,
                      VectorRef gradient) const;

  /// Sigma from the user's blocks: of values that a user has stated.
  Covariance read_user(const Layout& layout, const Place& place, ConstVectorRef theta) const;

  /// log p(sd, C), with constants, with respect to sd and the correlations below the diagonal.
  double log_density(const Covariance& sigma) const;

  /// Adds its derivatives with respect to sd, and to the elements of C (see Gradient).
  void add_gradient(const Covariance& sigma, VectorRef sd, MatrixRef correlation) const;

  /// Derivatives with respect to the elements of Sigma, as those of sd and of C.
  void add_chain(const Covariance& sigma, ConstMatrixRef by_sigma, VectorRef sd,
                 MatrixRef correlation) const;

  /// A start without correlations; the sds give each column an equal share of the variance size^2,
  /// which this factor's columns have part in with others: `columns` in all.
  Covariance start(double size, Eigen::Index columns, Rng& rng) const;

  Covariance draw_prior(Rng& rng) const;

  // Effects r_j ~ N(0, Sigma) are the columns of a q x J matrix.

  double effects_log_density(const Covariance& sigma, ConstMatrixRef r) const;

  /// The same; adds its derivatives with respect to the effects, and to sd and C.
  double add_effects_gradient(const Covariance& sigma, ConstMatrixRef r, MatrixRef by_r,
                              Covariance& slope) const;

  /// Standard normals into effects.
  void spread(const Covariance& sigma, MatrixRef r) const;

  /// Those of level j among the user's effects r of all levels, one level after the other: drawn
  /// anew, or none.
  void draw_effects(const Covariance& sigma, std::size_t j, VectorRef r, Rng& rng) const;
  void center_effects(std::size_t j, VectorRef r) const;

  /// Adds z_i'r_j to the mean of every row, which has level j of the factor.
  void add_to_mean(const PredictorRows& rows, ConstMatrixRef r, VectorRef mean) const;

  /// Gibbs: Sigma | u for `count` effects u_j ~ N(0, Sigma), from their sum of u_j u_j'. Exact for
  /// an inverse Wishart, and for single columns with inverse-gamma variances; else by slices.
  void draw(Covariance& sigma, ConstMatrixRef squares, double count, Rng& rng) const;

  /// The sds | y with the ratios r_jk / sd_k held fixed (Yu & Meng 2011), where the squared
  /// residuals are c - 2 linear'sd + sd'quadratic sd: they move freely where they are near 0. One
  /// after the other, by slices.
  void draw_sds(Covariance& sigma, ConstMatrixRef quadratic, ConstVectorRef linear,
                double residual_variance, Rng& rng) const;

  /// Throws InputError where a flat prior and so few groups leave an improper posterior.
  void check_proper(Eigen::Index groups) const;

 private:
  /// Neighbouring columns: a correlated term, or a single column.
  struct Term {
    Eigen::Index first;
    Eigen::Index size;
    const ParameterPrior* correlation;  // none for a single column, or under cov(g)
    const ParameterPrior* covariance;   // none without cov(g)
  };

  double log_density(const Term& term, const Covariance& sigma) const;
  void draw_term(const Term& term, Covariance& sigma, ConstMatrixRef squares, double count,
                 Rng& rng) const;
  std::vector<const Term*> correlated() const;
  Place add_to(Layout& layout, bool with_user) const;
  void read_at(const Layout& layout, std::size_t sd, const std::vector<std::size_t>& correlations,
               ConstVectorRef theta, Covariance& into) const;
  void write_at(const Covariance& sigma, const Layout& layout, std::size_t sd,
                const std::vector<std::size_t>& correlations, VectorRef theta) const;

  std::string name_;  // of g, as in variables: `g`, or with the predictor of sigma `g__sigma`
  std::size_t grouping_;
  std::vector<std::size_t> numbers_;  // of the factor's terms in the formula
  std::vector<Centering> centering_;  // of the terms that are centred, over all columns
  Vector root_mean_square_;           // of each column over the rows
  std::vector<std::string> columns_;
  Eigen::Index size_ = 0;
  std::vector<Term> terms_;
  std::vector<const ParameterPrior*> sds_;  // of each column; none under cov(g)
};

}  // namespace tarn
