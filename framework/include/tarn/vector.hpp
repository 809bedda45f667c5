// The vector and matrix types that cross a plugin's boundary.
#pragma once

#include <span>

#include <Eigen/Core>

#include "tarn/index.hpp"

namespace tarn {

using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;  // column-major
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using VectorRef = Eigen::Ref<Eigen::VectorXd>;
using ConstVectorRef = const Eigen::Ref<const Eigen::VectorXd>&;
using MatrixRef = Eigen::Ref<Eigen::MatrixXd>;
using ConstMatrixRef = const Eigen::Ref<const Eigen::MatrixXd>&;

/// The elements of a vector, for what takes any numbers side by side.
inline std::span<double> span_of(VectorRef x) { return {x.data(), as_size(x.size())}; }

}  // namespace tarn
