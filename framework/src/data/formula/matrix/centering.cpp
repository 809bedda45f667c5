// Finds the constant among the columns of a group term.
#include "data/formula/matrix/centering.hpp"

#include <algorithm>
#include <cmath>

namespace tarn::formula {
namespace {

/// What the mean of center(x) may be, in units of sd(x).
constexpr double rounding = 1e-10;

bool holds_numbers(const ProductColumn& column) {
  return std::ranges::any_of(column.pieces,
                             [](const Piece& piece) { return piece.by_level.empty(); });
}

/// An indicator of a cell of factors that have a column for each of their levels.
bool is_cell(const ProductColumn& column) {
  return !column.pieces.empty() &&
         std::ranges::all_of(column.pieces, [](const Piece& piece) { return piece.full; });
}

std::vector<std::size_t> variables_of(const ProductColumn& column) {
  std::vector<std::size_t> numbers;
  for (const Piece& piece : column.pieces) numbers.push_back(piece.variable);
  return numbers;
}

/// The combination of columns that is 1 in every row, or zeros. Cells that no row has may be left
/// out.
Vector constant_among(const std::vector<ProductColumn>& columns) {
  Vector constant = Vector::Zero(static_cast<Eigen::Index>(columns.size()));
  const auto intercept = std::ranges::find_if(
      columns, [](const ProductColumn& column) { return column.pieces.empty(); });
  if (intercept != columns.end()) {
    constant[intercept - columns.begin()] = 1;
    return constant;
  }
  const auto cell = std::ranges::find_if(columns, is_cell);
  if (cell == columns.end()) return constant;
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (is_cell(columns[j]) && variables_of(columns[j]) == variables_of(*cell)) {
      constant[static_cast<Eigen::Index>(j)] = 1;
    }
  }
  return constant;
}

}  // namespace

Centering centering_of(const std::vector<ProductColumn>& columns,
                       const std::vector<Extent>& extents) {
  Centering centering{Vector::Zero(static_cast<Eigen::Index>(columns.size())),
                      constant_among(columns)};
  if (centering.constant.isZero(0)) return {};
  for (std::size_t j = 0; j < columns.size(); ++j) {
    const ColumnScale& z = extents[j].scale;
    if (holds_numbers(columns[j]) && std::abs(z.mean) > rounding * z.sd) {
      centering.mean[static_cast<Eigen::Index>(j)] = z.mean;
    }
  }
  if (!centering.moves()) return {};
  return centering;
}

void center_groups(DesignRows& rows, Design& design, const Measures& measures, bool wanted) {
  for (std::size_t t = 0; t < design.terms.size(); ++t) {
    Centering centering;
    if (wanted && design.terms[t].correlated) {
      centering = centering_of(rows.term_columns[t], measures.terms[t]);
    }
    rows.term_center.push_back(centering.mean);
    design.group_center.push_back(std::move(centering));
  }
}

void center_groups(DesignRows& rows, const std::vector<std::vector<double>>& means) {
  for (std::size_t t = 0; t < means.size() && t < rows.term_columns.size(); ++t) {
    const bool same = means[t].size() == rows.term_columns[t].size();
    rows.term_center.emplace_back(Eigen::Map<const Vector>(
        means[t].data(), same ? static_cast<Eigen::Index>(means[t].size()) : 0));
  }
}

}  // namespace tarn::formula
