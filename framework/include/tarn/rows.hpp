// Runs of rows: what a model sees of the data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tarn/vector.hpp"

namespace tarn {

/// What a linear predictor reads of n rows: n x p covariates in working coordinates, for every
/// group term its columns, and for every grouping the level of each row.
struct PredictorRows {
  Matrix X;
  Vector offset;  // part of the linear predictor with the coefficient 1; empty: none
  std::vector<Matrix> Z;
  std::vector<std::vector<std::int32_t>> level;
};

/// A run of n rows: the predictor of the mean, the response, and what the formulas say of it.
struct Rows : PredictorRows {
  std::size_t first = 0;               // place of the first row among those used
  std::vector<std::size_t> in_data{};  // n: each row's place in the data, from 0; empty: as used
  Vector y;                            // as the formula has it on its left
  Vector trials;                       // of a binomial response; empty: none were given
  Vector frequency;  // w_i: the row's log likelihood is multiplied by it (1 without weights())
  Vector weight;     // w_i / se_i^2 (w_i without se()): the weight of its squared residual
  std::vector<PredictorRows> predictors;  // of the family's parameters: Design::predictors

  std::size_t count() const { return as_size(y.size()); }

  /// Place in the data of row i, from 0: gaps and order are seen in it.
  std::size_t place_in_data(std::size_t i) const {
    return in_data.empty() ? first + i : in_data[i];
  }

  /// y less the offset: what X b and Z r have to explain where the link is the identity.
  Vector less_offset() const { return offset.size() > 0 ? Vector(y - offset) : y; }

  /// The levels of all predictors' groupings, in the order of Design::grouping().
  std::vector<std::vector<std::int32_t>*> levels();
  std::vector<const std::vector<std::int32_t>*> levels() const;

  /// Some of the rows, by their numbers here, in this order.
  Rows select(std::span<const std::size_t> numbers) const;

  /// `count` of them from the `first` on.
  Rows middle(std::size_t first, std::size_t count) const;

  /// Makes room for `count` rows of the shape of others; their values are not set.
  void resize(const Rows& like, std::size_t count);

  /// Copies all of `from` to the rows from `at` on, for which there is room.
  void put(std::size_t at, const Rows& from);

  /// Puts all of `from` behind the last.
  void append(const Rows& from);
};

/// Rows on demand; implemented by the parsed formula over its table.
class RowSource {
 public:
  virtual ~RowSource();
  virtual std::size_t count() const noexcept = 0;
  virtual void read(std::size_t first, std::size_t count, Rows& into) const = 0;
};

/// Visits all rows in their order, at most `at_once` at a time; or those from `first` to before
/// `last`. A block may be changed or moved from: it is the visitor's until the next.
void for_each_block(const RowSource& source, std::size_t at_once,
                    const std::function<void(Rows& block)>& visit);
void for_each_block(const RowSource& source, std::size_t first, std::size_t last,
                    std::size_t at_once, const std::function<void(Rows& block)>& visit);

/// The rows with these numbers, in this order.
Rows gathered(const RowSource& source, std::span<const std::size_t> numbers);

}  // namespace tarn
