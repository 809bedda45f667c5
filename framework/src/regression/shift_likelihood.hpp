// Sums over the rows of levels for families with a ShiftForm.
#pragma once

#include "regression/group_likelihood.hpp"
#include "regression/shift_terms.hpp"

namespace tarn::regression {

/// One exponential for each term of a row, whatever the number of shifts; in the forms
/// `exponential` and `reciprocal` the rows of a level are summed once, and a shift costs the same
/// for any number of rows. Rows whose exponential is out of range are left to the general form.
class ShiftLikelihood final : public GeneralLikelihood {
 public:
  ShiftLikelihood(const Family& family, const ShiftForm& form);

  void begin(const RowBlock& block, const Vector& eta, const Matrix& psi) override;
  void guess(double sd, Vector& u) const override;
  void derivatives(const Vector& u, const Wanted& wanted, Vector& score,
                   Vector& curvature) override;
  void values(const Matrix& u, const Wanted& wanted, Matrix& l) override;
  void mean_scores(const Matrix& u, const Matrix& share, Vector& by_row) override;

 private:
  /// Of the terms of a level.
  struct Range {
    Eigen::Index first, count;
  };

  void sum_levels();
  Range terms_of(std::size_t j) const;

  /// Shifts of eta, as factors of `scaled`, each level's in a column padded to whole vectors; false
  /// where they are out of range.
  bool exponentiate(const Matrix& u);

  /// sum_i number_i log(1 + scaled_i c_k) of level j, at the shifts in its column of factors_.
  void sum_logs(std::size_t j, Eigen::Index nodes, Eigen::ArrayXd& logs);

  ShiftTerms terms_;
  bool logistic_;
  double sign_;  // of eta in the exponential
  const ShiftTerms::Terms* now_ = nullptr;
  Matrix factors_;             // c: e^(sign u), nodes padded with zeros
  Vector product_, exponent_;  // of one level
  bool general_ = false;       // this block is out of range
  const Vector* eta_of_terms_ = nullptr;
  Vector repeated_, by_term_;
  Vector scaled_;            // scale e^(sign eta) of every term
  double most_ = 0;          // of them
  Vector constant_, slope_;  // of every level: base + slope eta; slope
  Vector sum_;               // of every level: scaled; in the logistic form number
  Vector fitted_;            // of every level, logistic: number times the probability without shift
};

}  // namespace tarn::regression
