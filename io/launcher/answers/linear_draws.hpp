// Expected responses of rows by draw: at the linear predictor, or over new groups.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tarn/diagnostic.hpp"
#include "tarn/model.hpp"
#include "tarn/rows.hpp"

namespace tarn::launcher {

struct LinearPlan {
  bool response = true;                    // E[y]; false: the linear predictor
  std::vector<std::size_t> left_out = {};  // groupings whose levels are not known
  bool new_groups = false;                 // these are new: integrated; else without effects
  std::size_t threads = 1;
  std::size_t rows = 1;        // that will be evaluated, in all
  std::size_t most_draws = 0;  // of all chains; 0: as many as rows allow
  /// From the formula's left side to its column, log(y) to y; empty: the left side as it is. The
  /// median is that of the predictor, taken back; the mean is over the response's own variance.
  std::function<double(double)> back = {};
  bool mean_of_column = false;
};

/// The posterior must outlive it. Values of any rows in evenly spaced draws of each chain, all of
/// them unless there are many rows.
class LinearDraws {
 public:
  /// Throws PluginError where the model does not tell its linear predictor.
  LinearDraws(const FittedModel& model, const Draws& posterior, LinearPlan plan);
  ~LinearDraws();

  std::size_t chains() const noexcept { return chains_; }
  std::size_t draws() const noexcept { return numbers_.size(); }
  bool all_draws() const noexcept { return all_; }

  /// A row for each draw, those of chain 0 first; a column for each row. Levels of groupings that
  /// are left out are not read.
  Matrix evaluate(const Rows& rows);

  /// At known effects: E[y] and Var[y] of rows of the fit, a column for each draw.
  struct Moments {
    Matrix mean, variance;
  };
  Moments moments(const Rows& rows);

  /// The variance of the predictor over new levels of one grouping, and the predictor without any
  /// group's effects.
  Matrix group_variance(const Rows& rows, std::size_t grouping);
  Matrix population(const Rows& rows);

  /// E[y] and Var[y] at given predictors, a row for each draw.
  Moments moments_at(const Rows& rows, const Matrix& eta);

  /// Whether values are the predictor itself, or proportional to exp() of it.
  bool is_linear(const Rows& rows);
  bool is_exponential(const Rows& rows);

 private:
  enum class Shape { unknown, linear, exponential, probit, other };
  void find_shape(const Rows& rows);
  void one(Model& model, ConstVectorRef whole, const Rows& rows, Vector& value) const;
  Vector centered(Model& model, ConstVectorRef theta,
                  const std::vector<std::size_t>& groupings) const;
  void take_back(LinearPredictor& predictor, ConstVectorRef theta, const Rows& rows,
                 const Vector& mean, const Vector& variance, Vector& value) const;
  void integrate(LinearPredictor& predictor, ConstVectorRef theta, const Rows& rows,
                 const Vector& mean, const Vector& variance, Vector& value) const;

  /// work(model, number among the draws taken, theta), on all threads.
  template <class Work>
  void for_draws(const Work& work);
  static Rows without_levels(const Rows& rows, const std::vector<std::size_t>& groupings);

  const FittedModel& model_;
  const Draws& posterior_;
  LinearPlan plan_;
  std::size_t chains_;
  bool all_ = true;
  std::vector<std::size_t> numbers_;  // of the draws taken
  std::size_t at_once_ = 0;           // of them in memory
  Matrix held_;                       // all of them, where they are few enough
  Vector first_;
  std::vector<std::unique_ptr<Model>> models_;
  Shape shape_ = Shape::unknown;
};

/// Rows that are weighted sums of others: `weights` has a row for each. What is linear in rows (the
/// predictor, effects of levels that all of them share) is the same sum.
Rows combined(const Rows& rows, const Matrix& weights);

/// All rows of a source at once.
Rows all_rows_of(const RowSource& source);

}  // namespace tarn::launcher
