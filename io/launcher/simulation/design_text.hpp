// Covariates and groups described in words (--design), for simulations without a data file.
#pragma once

#include <cstdint>
#include <string_view>

#include "tarn/table.hpp"

namespace tarn::launcher {

/// Columns `NAME: WHAT`, separated by semicolons (docs/prediction.md):
///   g: 8 levels x 15       a factor of 8 levels, 15 rows of each
///   h: 5 levels            its levels in turn
///   x: normal(0, 1)        any density, drawn for each row
///   u: normal(0, 1) by g   drawn for each level
///   day: 0 to 9            whole numbers in turn
///   arm: control, drug     values in turn
///   rows: 100              how many rows, where no factor says so
/// Throws UsageError with the part that cannot be read. Same seed, same table.
Table design_table(std::string_view text, std::uint64_t seed);

}  // namespace tarn::launcher
