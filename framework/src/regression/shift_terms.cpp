// Terms of rows that do not depend on the predictor.
#include "regression/shift_terms.hpp"

#include <cmath>
#include <utility>

namespace tarn::regression {

const Vector& ShiftTerms::repeated(const Vector& by_row, Vector& scratch) const {
  if (each_ == 1) return by_row;
  scratch.resize(each_ * by_row.size());
  scratch.reshaped(each_, by_row.size()).rowwise() = by_row.transpose();
  return scratch;
}

void ShiftTerms::add_up(Vector& by_term) const {
  if (each_ == 1) return;
  by_term = Vector(by_term.reshaped(each_, by_term.size() / each_).colwise().sum().transpose());
}

const ShiftTerms::Terms& ShiftTerms::of(const RowBlock& block, const Matrix& psi) {
  if (kept_.size() <= block.number) kept_.resize(block.number + 1);
  Terms& terms = kept_[block.number];
  if (terms.known && terms.psi == psi) return terms;
  const Eigen::Index n = each_ * block.rows.y.size();
  const bool logistic = form_.form() == ShiftForm::Form::logistic;
  for (Vector* part : {&terms.base, &terms.slope, &terms.scale, &terms.number}) part->resize(n);
  form_.shift_terms(block.rows, psi, terms.base, terms.slope, terms.scale, terms.number);
  for (Vector* part : {&terms.base, &terms.slope, logistic ? &terms.number : &terms.scale}) {
    part->reshaped(each_, n / each_).array().rowwise() *= block.rows.frequency.transpose().array();
  }
  terms.whole.assign(block.groups(), logistic ? 1 : 0);
  constexpr double few = 8;  // as many factors cost what a logarithm does
  for (std::size_t j = 0; logistic && j < block.groups(); ++j) {
    for (Eigen::Index i = each_ * block.first[j]; i < each_ * block.first[j + 1]; ++i) {
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
          of_rows->segment(each_ * block.first[j], each_ * (block.first[j + 1] - block.first[j]))
              .sum();
    }
  }
  terms.psi = psi;
  terms.known = true;
  return terms;
}

}  // namespace tarn::regression
