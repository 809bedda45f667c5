// The log likelihood of rows and its derivatives by eta, times the rows' frequency.
#pragma once

#include <memory>

#include "regression/shift_terms.hpp"

namespace tarn::regression {

/// By the family, or in one pass of a kernel where it has a ShiftForm. One object serves one chain.
class RowLikelihood {
 public:
  explicit RowLikelihood(const Family& family);

  /// Those parts that are not null. `psi`: one row for all, or a row for each.
  struct Parts {
    Vector* value = nullptr;
    Vector* score = nullptr;
    Vector* curvature = nullptr;  // only with the score
  };
  void evaluate(const RowBlock& block, const Vector& eta, const Matrix& psi, const Parts& parts);

 private:
  const Family& family_;
  const ShiftForm* form_;
  std::unique_ptr<ShiftTerms> terms_;
  Vector repeated_, curvature_;
};

}  // namespace tarn::regression
