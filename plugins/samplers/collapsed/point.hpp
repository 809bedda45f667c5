// Points of a few dimensions.
#pragma once

#include <tarn/vector.hpp>

namespace tarn::collapsed {

/// More marginal parameters than this are not proposed but walked.
constexpr int most_dimensions = 12;

/// These live on the stack: a step allocates nothing for them.
using Point = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, most_dimensions, 1>;
using Square =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, most_dimensions, most_dimensions>;

}  // namespace tarn::collapsed
