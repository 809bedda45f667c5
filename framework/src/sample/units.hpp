// The size of each coordinate, estimated from points that a model starts at.
#pragma once

#include "tarn/vector.hpp"

namespace tarn {

/// How far points (columns) differ in each number, which is about how large the number is, whatever
/// it is measured in; where they do not, how far it is from 0; else 1.
Vector sizes_of(ConstMatrixRef points);

}  // namespace tarn
