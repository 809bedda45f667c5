// The data as a model sees them: coefficients, group terms, and moments or rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <typeindex>
#include <vector>

#include "tarn/moments.hpp"
#include "tarn/vector.hpp"

namespace tarn {

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

/// A run of rows: n x p covariates in working coordinates, the response less its offset, weights,
/// for every group term its columns, and for every grouping the level of each row.
struct Rows {
  std::size_t first = 0;  // number of the first row among the rows used
  Matrix X;
  Vector y;
  Vector offset;     // what y lacks of the response; empty: nothing
  Vector frequency;  // w_i: the row's log likelihood is multiplied by it (1 without weights())
  Vector weight;     // w_i / se_i^2 (w_i without se()): the weight of its squared residual
  std::vector<Matrix> Z;
  std::vector<std::vector<std::int32_t>> level;

  std::size_t count() const { return static_cast<std::size_t>(y.size()); }
};

/// Rows on demand; implemented by the parsed formula over its table.
class RowSource {
 public:
  virtual ~RowSource();
  virtual std::size_t count() const noexcept = 0;
  virtual void read(std::size_t first, std::size_t count, Rows& into) const = 0;
};

/// The rows with these numbers, in this order.
Rows gathered(const RowSource& source, std::span<const std::size_t> numbers);

/// Mean and standard deviation of a column over the rows used.
struct ColumnScale {
  double mean = 0;
  double sd = 0;
};

/// Working coordinates are those of the priors: with an intercept, and unless `--center no`, every
/// other column of X is centred, so that the intercept is the one at the covariates' means. The
/// moments and rows are in working coordinates, draws are stored in the user's.
class Design {
 public:
  std::string response;                                      // as written: log(y)
  ColumnScale response_scale;                                // of the response less its offset
  std::vector<std::string> coefficients;                     // Intercept first, if there is one
  std::vector<ColumnScale> column_scale;                     // of each column of X, before centring
  std::vector<std::vector<ColumnScale>> group_column_scale;  // of each group term's columns
  bool has_intercept = false;
  Vector center;              // p: subtracted from the columns; 0 for the intercept
  bool known_errors = false;  // y | se(s): no sigma
  bool has_weights = false;   // y | weights(w)
  bool has_offset = false;    // offset(e)
  bool has_gaps = false;      // rows between those used were left out
  std::vector<Grouping> groupings;
  std::vector<GroupTerm> terms;
  std::shared_ptr<const RowSource> rows;

  std::size_t size() const noexcept { return coefficients.size(); }  // p

  /// Numbers of the terms on a grouping, whose columns are those of its effects.
  std::vector<std::size_t> terms_on(std::size_t grouping) const;

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

  /// The same rows with another response, less its offset.
  Design with_response(Vector y) const;

  /// Coefficients from working to user's coordinates and back, in place.
  void to_user(VectorRef b) const;
  void to_working(VectorRef b) const;

  /// The gradient of a function of the coefficients, from working to user's coordinates, in place.
  void gradient_to_user(VectorRef gradient) const;

 private:
  struct Cache;
  const void* derived(std::type_index type,
                      const std::function<std::shared_ptr<const void>()>& make) const;
  static std::shared_ptr<Cache> make_cache();
  std::shared_ptr<Cache> cache_ = make_cache();
};

}  // namespace tarn
