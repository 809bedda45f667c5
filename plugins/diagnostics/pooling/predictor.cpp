// Sums over coefficients and effects of rows.
#include "predictor.hpp"

namespace tarn::pooling {

Matrix columns(const Design& design, std::size_t grouping, const Rows& rows) {
  const std::vector<std::size_t> terms = design.terms_on(grouping);
  Eigen::Index q = 0;
  for (const std::size_t t : terms) q += rows.Z[t].cols();
  Matrix Z(rows.y.size(), q);
  Eigen::Index at = 0;
  for (const std::size_t t : terms) {
    Z.middleCols(at, rows.Z[t].cols()) = rows.Z[t];
    at += rows.Z[t].cols();
  }
  return Z;
}

Matrix working_effects(const Design& design, std::size_t grouping, Matrix r) {
  for (const Centering& centering : design.centering_on(grouping)) centering.to_working(r);
  return r;
}

Vector predictor(const Design& design, std::size_t grouping, const Means& means, const Rows& rows) {
  Vector b = means.b;
  design.to_working(b);
  Vector eta = rows.X * b;
  if (rows.offset.size() > 0) eta += rows.offset;
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    if (g == grouping || means.r[g].size() == 0) continue;
    const Matrix Z = columns(design, g, rows);
    const Matrix r = working_effects(design, g, means.r[g]);
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      eta[i] += Z.row(i).dot(r.col(rows.level[g][static_cast<std::size_t>(i)]));
    }
  }
  return eta;
}

}  // namespace tarn::pooling
