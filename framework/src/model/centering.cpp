// The linear maps of a centring, column by column: nothing is allocated.
#include "tarn/centering.hpp"

namespace tarn {
namespace {

/// x + sign to (from'x).
void shear(MatrixRef x, const Vector& to, const Vector& from, double sign) {
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    const double along = sign * from.dot(x.col(j));
    x.col(j) += along * to;
  }
}

}  // namespace

void Centering::to_working(MatrixRef r) const { shear(r, constant, mean, 1); }

void Centering::to_user(MatrixRef r) const { shear(r, constant, mean, -1); }

void Centering::gradient_to_user(MatrixRef gradient) const { shear(gradient, mean, constant, 1); }

void Centering::gradient_to_working(MatrixRef gradient) const {
  shear(gradient, mean, constant, -1);
}

}  // namespace tarn
