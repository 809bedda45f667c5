// Rows of the design on demand, evaluated from the table by runs.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "data/formula/cells/frame.hpp"
#include "data/formula/matrix/columns.hpp"
#include "data/formula/values/expression.hpp"
#include "tarn/design.hpp"

namespace tarn::formula {

/// Immutable once built, so that several threads may read.
class DesignRows final : public RowSource {
 public:
  explicit DesignRows(Frame rows) : frame(std::move(rows)) {}

  std::size_t count() const noexcept override { return frame.count(); }
  void read(std::size_t first, std::size_t count, Rows& into) const override;

  Frame frame;
  std::vector<Variable> variables;
  std::vector<ProductColumn> columns;                    // of X
  std::vector<std::vector<ProductColumn>> term_columns;  // of each group term's Z
  Vector center;                                         // subtracted from the columns of X
  std::vector<Vector> term_center;                       // and of each Z; none: nothing is
  Expression response;                                   // a constant NaN: there is none
  std::vector<Expression> offsets;
  std::optional<Expression> weights;
  std::optional<Expression> errors;
  std::optional<Expression> trials;
  std::vector<char> no_response;  // of the used rows, not 0 where it is missing; empty: of none
  std::vector<std::vector<std::int32_t>> levels;              // of each grouping, by used row
  std::vector<std::shared_ptr<const DesignRows>> predictors;  // of parameters, over the same frame
};

}  // namespace tarn::formula
