// A chain file cut to what is whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include "chains/hdf5.hpp"

namespace tarn::io {

/// Copies `from` to `to`: the chains in `chains`, renumbered from 0, cut to the draws that all of
/// them have. Variables and attributes that tarn does not know are kept. Throws H5::Exception.
void copy_trimmed(const std::filesystem::path& from, const std::filesystem::path& to,
                  const std::vector<std::size_t>& chains, std::size_t most, hdf5::ErrorTrap& trap);

}  // namespace tarn::io
