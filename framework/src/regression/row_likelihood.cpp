// Rows by calls of the family or of a kernel.
#include "regression/row_likelihood.hpp"

#include "regression/kernel/kernel.hpp"
#include "tarn/index.hpp"

namespace tarn::regression {

RowLikelihood::RowLikelihood(const Family& family)
    : family_(family), form_(query<ShiftForm>(family)) {
  if (form_ != nullptr) terms_ = std::make_unique<ShiftTerms>(*form_);
}

void RowLikelihood::evaluate(const RowBlock& block, const Vector& eta, const Matrix& psi,
                             const Parts& parts) {
  const Eigen::Index n = form_ != nullptr ? terms_->each() * eta.size() : eta.size();
  for (Vector* part : {parts.value, parts.score, parts.curvature}) {
    if (part != nullptr) part->resize(n);
  }
  if (form_ != nullptr) {
    const Vector& of_terms = terms_->repeated(eta, repeated_);
    const ShiftTerms::Terms& terms = terms_->of(block, psi);
    const auto data = [](Vector* part) { return part != nullptr ? part->data() : nullptr; };
    const shift_kernel::Rows rows{as_size(n),         terms.base.data(),   terms.slope.data(),
                                  terms.scale.data(), terms.number.data(), of_terms.data()};
    const shift_kernel::Parts into{data(parts.value), data(parts.score), data(parts.curvature)};
    const auto& kernel = shift_kernel::fastest();
    if (form_->form() == ShiftForm::Form::logistic) {
      kernel.logistic_rows(rows, into);
    } else {
      kernel.exponential_rows(rows, form_->form() == ShiftForm::Form::reciprocal ? -1 : 1, into);
    }
    for (Vector* part : {parts.value, parts.score, parts.curvature}) {
      if (part != nullptr) terms_->add_up(*part);
    }
    return;
  }
  const Vector& frequency = block.rows.frequency;
  if (parts.value != nullptr) {
    family_.log_likelihood(block.rows, eta, psi, *parts.value);
    parts.value->array() *= frequency.array();
  }
  if (parts.score == nullptr) return;
  Vector& curvature = parts.curvature != nullptr ? *parts.curvature : curvature_;
  curvature.resize(n);
  family_.derivatives(block.rows, eta, psi, *parts.score, curvature);
  parts.score->array() *= frequency.array();
  curvature.array() *= frequency.array();
}

}  // namespace tarn::regression
