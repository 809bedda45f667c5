// The vector and matrix types that cross a plugin's boundary.
#pragma once

#include <Eigen/Core>

namespace tarn {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;  // column-major
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using VectorRef = Eigen::Ref<Eigen::VectorXd>;
using ConstVectorRef = const Eigen::Ref<const Eigen::VectorXd>&;
using MatrixRef = Eigen::Ref<Eigen::MatrixXd>;
using ConstMatrixRef = const Eigen::Ref<const Eigen::MatrixXd>&;

}  // namespace tarn
