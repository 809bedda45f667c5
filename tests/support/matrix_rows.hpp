// Designs from matrices, for tests that need no formula.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tarn/design.hpp"

namespace tarn::test {

/// Rows held in memory, in working coordinates.
class MatrixRows final : public RowSource {
 public:
  explicit MatrixRows(Rows rows) : rows_(std::move(rows)) {}

  std::size_t count() const noexcept override { return rows_.count(); }

  void read(std::size_t first, std::size_t count, Rows& into) const override {
    into = rows_.middle(first, count);
  }

 private:
  Rows rows_;
};

/// What a small design is made from. With `levels` every row belongs to group level[i].
struct Data {
  Matrix X;  // without the intercept's column
  Vector y;
  std::vector<std::int32_t> level = {};
  Vector se = {};         // known standard errors
  Vector frequency = {};  // observation weights
  Matrix slopes = {};     // columns z1, z2, ... that vary by group
  bool group_intercept = true;
  std::vector<std::int32_t> other_level = {};  // of a second factor: (1 | h)
  bool correlated = true;
  bool intercept = true;
  bool cuts = false;  // of an ordinal response: no intercept, but centred all the same
  bool center = true;
  bool center_groups = false;  // the slopes of a correlated term
};

inline ColumnScale scale_of(const Vector& x) {
  const double mean = x.mean();
  const double n = static_cast<double>(x.size());
  return {mean, std::sqrt((x.array() - mean).square().sum() / (n - 1))};
}

/// A factor with levels 1, 2, ...
inline Grouping grouping_of(const std::string& name, const std::vector<std::int32_t>& levels) {
  Grouping grouping{name, {}};
  for (const std::int32_t level : levels) {
    while (static_cast<std::int32_t>(grouping.levels.size()) <= level) {
      grouping.levels.push_back(std::to_string(grouping.levels.size() + 1));
    }
  }
  return grouping;
}

/// The group term (1 + z1 + z2 + ... | g), and its columns; and (1 | h).
inline void add_groups(const Data& data, Design& design, Rows& rows) {
  const Eigen::Index n = data.y.size();
  GroupTerm term{0, {}, data.correlated && data.slopes.cols() > 0};
  std::vector<ColumnScale> scales;
  const bool centred = data.center_groups && data.group_intercept && term.correlated;
  Centering centering;
  const Eigen::Index first = data.group_intercept ? 1 : 0;
  Matrix Z(n, data.slopes.cols() + first);
  if (data.group_intercept) {
    term.columns.emplace_back("Intercept");
    scales.push_back({1, 0});
    Z.col(0).setOnes();
  }
  for (Eigen::Index k = 0; k < data.slopes.cols(); ++k) {
    term.columns.push_back("z" + std::to_string(k + 1));
    scales.push_back(scale_of(data.slopes.col(k)));
    Z.col(first + k) = data.slopes.col(k);
  }
  if (centred) {
    centering = {Vector::Zero(Z.cols()), Vector::Unit(Z.cols(), 0)};
    for (Eigen::Index k = first; k < Z.cols(); ++k) {
      centering.mean[k] = scales[static_cast<std::size_t>(k)].mean;
      Z.col(k).array() -= centering.mean[k];
    }
  }
  design.group_center.push_back(centering);
  design.groupings.push_back(grouping_of("g", data.level));
  design.terms.push_back(term);
  design.group_column_scale.push_back(scales);
  rows.Z.push_back(Z);
  rows.level.push_back(data.level);
  if (data.other_level.empty()) return;
  design.groupings.push_back(grouping_of("h", data.other_level));
  design.terms.push_back({1, {"Intercept"}, false});
  design.group_column_scale.push_back({{1, 0}});
  rows.Z.push_back(Matrix::Ones(n, 1));
  rows.level.push_back(data.other_level);
}

/// y ~ 1 + x1 + x2 + ... (+ (1 + z1 + ... | g)).
inline Design design_of(const Data& data) {
  const Eigen::Index n = data.y.size();
  const Eigen::Index first = data.intercept ? 1 : 0;
  Design design;
  design.response = "y";
  design.response_scale = scale_of(data.y);
  design.has_intercept = data.intercept;
  design.known_errors = data.se.size() > 0;

  Rows rows;
  rows.X.resize(n, data.X.cols() + first);
  design.center = Vector::Zero(rows.X.cols());
  if (data.intercept) {
    rows.X.col(0).setOnes();
    design.coefficients.emplace_back("Intercept");
    design.column_scale.push_back({1, 0});
  }
  for (Eigen::Index k = 0; k < data.X.cols(); ++k) {
    const ColumnScale scale = scale_of(data.X.col(k));
    if ((data.intercept || data.cuts) && data.center) design.center[k + first] = scale.mean;
    rows.X.col(k + first) = data.X.col(k).array() - design.center[k + first];
    design.coefficients.push_back("x" + std::to_string(k + 1));
    design.column_scale.push_back(scale);
  }
  rows.y = data.y;
  rows.frequency = data.frequency.size() > 0 ? data.frequency : Vector::Ones(n);
  rows.weight = rows.frequency;
  if (design.known_errors) rows.weight.array() /= data.se.array().square();

  if (!data.level.empty()) add_groups(data, design, rows);
  design.rows = std::make_shared<MatrixRows>(std::move(rows));
  return design;
}

/// The same rows with another response.
inline Design with_response(const Design& design, const Vector& y) {
  Rows rows = design.all_rows();
  rows.y = y;
  return design.with_rows(std::make_shared<MatrixRows>(std::move(rows)));
}

}  // namespace tarn::test
