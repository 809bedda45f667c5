// Terms of rows that do not depend on the predictor.
#include "regression/shift_terms.hpp"

#include <cmath>
#include <utility>

namespace tarn::regression {

const ShiftTerms::Terms& ShiftTerms::of(const RowBlock& block, const Matrix& psi) {
  if (kept_.size() <= block.number) kept_.resize(block.number + 1);
  Terms& terms = kept_[block.number];
  if (terms.known && terms.psi == psi) return terms;
  const Eigen::Index n = block.rows.y.size();
  const bool logistic = form_.form() == ShiftForm::Form::logistic;
  for (Vector* part : {&terms.base, &terms.slope, &terms.scale, &terms.number}) part->resize(n);
  form_.shift_terms(block.rows, psi, terms.base, terms.slope, terms.scale, terms.number);
  for (Vector* part : {&terms.base, &terms.slope, logistic ? &terms.number : &terms.scale}) {
    part->array() *= block.rows.frequency.array();
  }
  terms.whole.assign(block.groups(), logistic ? 1 : 0);
  constexpr double few = 8;  // as many factors cost what a logarithm does
  for (std::size_t j = 0; logistic && j < block.groups(); ++j) {
    for (Eigen::Index i = block.first[j]; i < block.first[j + 1]; ++i) {
      const double number = terms.number[i];
      if (number > few || number != std::floor(number)) terms.whole[j] = 0;
    }
  }
  for (const auto& [of_rows, of_levels] :
       {std::pair(&terms.base, &terms.base_sum), std::pair(&terms.slope, &terms.slope_sum),
        std::pair(&terms.number, &terms.number_sum)}) {
    of_levels->resize(static_cast<Eigen::Index>(block.groups()));
    for (std::size_t j = 0; j < block.groups(); ++j) {
      (*of_levels)[static_cast<Eigen::Index>(j)] =
          of_rows->segment(block.first[j], block.first[j + 1] - block.first[j]).sum();
    }
  }
  terms.psi = psi;
  terms.known = true;
  return terms;
}

}  // namespace tarn::regression
