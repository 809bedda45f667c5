// Small data sets of any family: coefficients, groups of unequal size, responses from the family.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "family_cases.hpp"
#include "matrix_rows.hpp"

namespace tarn::test {

/// What such a data set is made from.
struct FamilyData {
  FamilyCase family;
  std::vector<int> sizes = {1, 2, 3, 5, 8, 12};  // of the groups; 0: a level without rows
  double sd = 0.8;                               // of the effects that responses are drawn with
  double intercept = 0.3;
  std::size_t coefficients = 3;  // 1 or more, the intercept included
  bool offset = false;
  bool weights = false;
  bool slopes = false;   // (1 + z1 | g)
  bool crossed = false;  // (1 | h), four levels
  std::uint32_t seed = 1;
};

/// y ~ 1 + x1 + x2 (+ offset(o)) + (1 | g) of a family. The covariates have few values, so that
/// rows are equal.
inline Design family_design(const FamilyData& made) {
  Rng rng({60, made.seed, Purpose::test});
  Data data;
  for (std::size_t j = 0; j < made.sizes.size(); ++j) {
    data.level.insert(data.level.end(), static_cast<std::size_t>(made.sizes[j]),
                      static_cast<std::int32_t>(j));
  }
  const auto n = std::ssize(data.level);
  data.X.resize(n, static_cast<Eigen::Index>(made.coefficients) - 1);
  for (Eigen::Index k = 0; k < data.X.cols(); ++k) {
    for (double& x : data.X.col(k)) {
      x = k == 0 ? std::floor(3 * rng.uniform()) - 1 : double(rng.uniform() < 0.5);
    }
  }
  data.y = Vector::LinSpaced(n, 0.1, 0.9);  // replaced below
  data.cuts = made.family.ordinal();
  data.intercept = !data.cuts;
  if (made.weights) {
    data.frequency = Vector::NullaryExpr(n, [&] { return 0.5 * std::ceil(6 * rng.uniform()); });
  }
  if (made.slopes) data.slopes = data.X.leftCols(1);
  for (Eigen::Index i = 0; made.crossed && i < n; ++i) {
    data.other_level.push_back(static_cast<std::int32_t>(i % 4));
  }
  Design design = design_of(data);
  while (design.groupings.size() > 0 && design.groupings[0].levels.size() < made.sizes.size()) {
    design.groupings[0].levels.push_back(std::to_string(design.groupings[0].levels.size() + 1));
  }
  design.family_name = made.family.name();
  design.family = made.family.make();
  Rows rows = design.all_rows();
  if (made.family.name() == "binomial") {
    design.has_trials = true;
    rows.trials =
        Vector::NullaryExpr(n, [&] { return std::ceil(made.family.trials * rng.uniform()); });
  }
  design.has_weights = made.weights;
  Vector eta = Vector::Constant(n, made.intercept);
  const Eigen::Index first = data.intercept ? 1 : 0;
  for (Eigen::Index k = 0; first + k < rows.X.cols(); ++k) {
    eta += (k == 0 ? 0.5 : -0.4) * rows.X.col(first + k);
  }
  for (std::size_t k = 1; made.family.ordinal() && k <= made.family.categories(); ++k) {
    design.categories.push_back(std::to_string(k));
  }
  if (made.offset) {
    design.has_offset = true;
    rows.offset = Vector::NullaryExpr(n, [&] { return std::floor(3 * rng.uniform()) / 4; });
    eta += rows.offset;
  }
  Vector u(std::ssize(made.sizes));
  for (double& effect : u) effect = made.sd * rng.normal();
  for (Eigen::Index i = 0; i < n; ++i) eta[i] += u[data.level[static_cast<std::size_t>(i)]];
  made.family.make()->draw(rows, eta, psi_of(made.family), rows.y, rng);
  return design.with_rows(std::make_shared<MatrixRows>(std::move(rows)));
}

/// The families whose rows are log-concave in the predictor.
inline std::vector<FamilyCase> log_concave_cases() {
  std::vector<FamilyCase> cases;
  for (const FamilyCase& c : family_cases()) {
    if (c.make()->log_concave()) cases.push_back(c);
  }
  return cases;
}

}  // namespace tarn::test
