// The data as a model sees them: coefficients, group terms, and moments or rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "tarn/centering.hpp"
#include "tarn/moments.hpp"
#include "tarn/rows.hpp"
#include "tarn/vector.hpp"

namespace tarn {

class Family;

/// The family of a design that says no other.
std::shared_ptr<const Family> gaussian_family();

/// A grouping factor and its levels, in the order of the labels.
struct Grouping {
  std::string name;
  std::vector<std::string> levels;

  /// The name inside variables and dimensions: g1_g2 for g1:g2.
  std::string variable() const;
};

/// One group term of the formula: (columns | grouping).
struct GroupTerm {
  std::size_t grouping = 0;          // index into Design::groupings
  std::vector<std::string> columns;  // Intercept, x, ...
  bool correlated = true;            // false: (x || g), and every term of a single column

  bool intercept_only() const { return columns.size() == 1 && columns.front() == "Intercept"; }
};

/// What a formula or its data may hold beside response, coefficients and groups. A model or family
/// that does not know of it would be wrong without a word.
enum class Takes {
  weights,          // y | weights(w): Rows::frequency and Rows::weight
  offset,           // offset(e): Rows::offset, a part of the linear predictor
  trials,           // y | trials(n): Rows::trials
  standard_errors,  // y | se(s): Design::known_errors, and Rows::weight
  gaps,             // rows between those used were left out: their order is not that of the data
  group_centering,  // Rows::Z less means: Design::group_center
  predictors        // sigma ~ x: Design::predictors, Rows::predictors
};

/// "weights()", as users know it.
std::string_view to_string(Takes part) noexcept;

/// Mean and standard deviation of a column over the rows used.
struct ColumnScale {
  double mean = 0;
  double sd = 0;
};

/// What a linear predictor is made of. Working coordinates are those of the priors: with an
/// intercept, or a parameter of the family in its place (Subject::Kind::cut), and unless `--center
/// no`, every other column of X is centred, so that the intercept is the one at the covariates'
/// means. So are, by `--center yes`, the numeric columns of group terms that are correlated and
/// have the constant in their span. The moments and rows are in working coordinates, draws are
/// stored in the user's.
struct PredictorDesign {
  std::string parameter;  // of the family, which is predicted on its link; empty: the mean is
  std::vector<std::string> coefficients;                     // Intercept first, if there is one
  std::vector<ColumnScale> column_scale;                     // of each column of X, before centring
  std::vector<std::vector<ColumnScale>> group_column_scale;  // of each group term's columns
  bool has_intercept = false;
  bool has_offset = false;              // offset(e)
  Vector center;                        // p: subtracted from the columns; 0 for the intercept
  std::vector<Centering> group_center;  // of each group term; none, or empty: nothing is moved
  std::vector<Grouping> groupings;
  std::vector<GroupTerm> terms;

  std::size_t size() const noexcept { return coefficients.size(); }  // p

  /// Numbers of the terms on a grouping, whose columns are those of its effects.
  std::vector<std::size_t> terms_on(std::size_t grouping) const;

  /// What the columns of X, and those of a group term, are subject to; moves nothing where they are
  /// as written.
  Centering coefficient_centering() const;
  Centering term_centering(std::size_t term) const;

  /// Those of the terms on a grouping that move something, over the columns of all of them.
  std::vector<Centering> centering_on(std::size_t grouping) const;

  /// Coefficients from working to user's coordinates and back, in place.
  void to_user(VectorRef b) const;
  void to_working(VectorRef b) const;

  /// The gradient of a function of the coefficients, from working to user's coordinates, in place.
  void gradient_to_user(VectorRef gradient) const;

  /// `b`, or with a parameter `b_sigma`: what of this predictor is called.
  std::string name(std::string_view of) const;
};

/// The response with its family, the predictor of its mean, and those of the family's parameters
/// that have one.
class Design : public PredictorDesign {
 public:
  std::string family_name = "gaussian";
  std::shared_ptr<const Family> family = gaussian_family();  // of the response, with its link
  std::string response;                                      // as written: log(y)
  ColumnScale response_scale;                                // of the response less its offset
  bool known_errors = false;                                 // y | se(s): no sigma
  bool has_weights = false;                                  // y | weights(w)
  bool has_trials = false;                                   // y | trials(n)
  bool has_gaps = false;                    // rows between those used were left out
  std::vector<std::string> categories;      // of an ordinal response: 1, 2, ... in their order
  std::vector<PredictorDesign> predictors;  // sigma ~ x; in the order of their formulas
  std::shared_ptr<const RowSource> rows;

  /// The predictor of a parameter of the family, or nullptr; with "" that of the mean.
  const PredictorDesign* predictor_of(std::string_view parameter_name) const noexcept;

  /// Groupings of all predictors side by side, those of the mean first: how many there are, and
  /// which one a number means.
  std::size_t groupings_in_all() const noexcept;
  const Grouping& grouping(std::size_t number) const;

  /// Sufficient statistics over all rows, and by level of a grouping factor: of the rows' means, or
  /// with the columns of the factor's terms taken out. Computed once, at the first call, by one
  /// pass over the rows; safe to call from several threads.
  const Moments& moments() const;
  const GroupMoments& group_moments(std::size_t grouping) const;
  const GroupFactors& group_factors(std::size_t grouping) const;

  /// Statistics of a model's own, T(design): made at the first call, shared by all chains, alive as
  /// long as the design. Safe to call from several threads.
  template <class T>
  const T& derived() const {
    return *static_cast<const T*>(
        derived(typeid(T), [this] { return std::make_shared<const T>(*this); }));
  }

  /// All rows at once, for models that read rows.
  Rows all_rows() const;

  /// The same design over other rows, e.g. with a simulated response.
  Design with_rows(std::shared_ptr<const RowSource> other) const;

  /// Some of the rows, by their ascending numbers from 0; levels that have none left stay.
  Design with_only(std::vector<std::size_t> numbers) const;

  /// The same rows with another response.
  Design with_response(Vector y) const;

 private:
  struct Cache;
  const void* derived(std::type_index type,
                      const std::function<std::shared_ptr<const void>()>& make) const;
  static std::shared_ptr<Cache> make_cache();
  std::shared_ptr<Cache> cache_ = make_cache();
};

}  // namespace tarn
