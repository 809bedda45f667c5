// Predictors of the family's parameters: their terms, and the values of psi row by row.
#pragma once

#include <string>
#include <vector>

#include "regression/terms.hpp"
#include "tarn/family.hpp"

namespace tarn::regression {

/// What the predictors are made of in one draw, in the order of Design::predictors.
using PredictorValues = std::vector<Values>;

/// sigma ~ x: an element of psi is the inverse link of its predictor. `psi` below holds the other
/// elements, of parameters without one.
class ParameterPredictors {
 public:
  ParameterPredictors() = default;  // none
  ParameterPredictors(const Design& design, const Priors& priors);

  bool any() const noexcept { return !predicted_.empty(); }
  PredictorValues empty() const;

  /// Coefficients; and the blocks of their groups.
  void add_to(Layout& layout);
  void add_groups_to(Layout& layout);

  /// For a vector that is no draw: coefficients in working coordinates, times the sizes of their
  /// columns, and no groups.
  void add_working_to(Layout& layout);

  void read(const Layout& layout, ConstVectorRef theta, PredictorValues& now) const;
  void write(const PredictorValues& now, const Layout& layout, VectorRef theta) const;
  void write_gradient(PredictorValues& slope, const Layout& layout, VectorRef gradient) const;
  void derive(const Layout& layout, VectorRef theta) const;

  /// The whole psi of some rows: a row for each, or one for all where none is predicted.
  void of_rows(const Vector& psi, const PredictorValues& now, const Rows& rows,
               Matrix& whole) const;

  /// Adds to the slopes, given the derivatives by the whole psi of every row, times its weight.
  void add_slopes(const Rows& rows, const Matrix& whole, const Matrix& by_row, Vector& of_psi,
                  PredictorValues& slope) const;

  /// Of what has a prior of its own; and with effects, whose gradient is added (that of covariances
  /// is set).
  double log_prior(const PredictorValues& now) const;
  double log_density(const PredictorValues& now) const;
  double log_density_gradient(const PredictorValues& now, PredictorValues& slope) const;

  void draw_prior(PredictorValues& now, Rng& rng) const;
  void start(PredictorValues& now, Rng& rng) const;

  /// A level of grouping `number`, of all that predictors have side by side.
  void draw_level(std::size_t number, std::size_t level, const Layout& layout, VectorRef theta,
                  Rng& rng) const;
  void center_level(std::size_t number, std::size_t level, const Layout& layout,
                    VectorRef theta) const;

 private:
  struct Predicted {
    Terms terms;
    Link link;
    Eigen::Index element;  // of psi
    double middle;         // of the predictor, about: where searches begin
    Vector unit;           // of coefficients in working coordinates
    std::size_t working = 0;
  };

  const Predicted& with_grouping(std::size_t& number) const;
  void start_without_intercept(std::size_t k, Values& now) const;

  const Design* design_ = nullptr;
  std::vector<Eigen::Index> elements_;  // of psi, that no predictor has
  std::vector<Predicted> predicted_;
  bool is_working_ = false;
};

/// Whether one of them has group terms.
bool predicts_with_groups(const Design& design);

}  // namespace tarn::regression
