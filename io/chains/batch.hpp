// A batch of draws into its place in the file.
#pragma once

#include "chains/skeleton.hpp"
#include "tarn/runtime.hpp"

namespace tarn::io {

/// Writes a batch that fits the plan. Gives back the statistics as they were stored. Throws
/// H5::Exception.
Matrix write_batch(const Skeleton& file, const Plan& plan, const DrawBatch& batch);

}  // namespace tarn::io
