// A chain file with all its metadata and no draws yet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include <H5Cpp.h>

#include "chains/schema.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::io {

/// What a run stores, and how much of it.
struct Plan {
  GroupSchema posterior, statistics;
  std::size_t chains = 0, draws = 0;

  std::uint64_t bytes() const;  // of draws and statistics
};

/// The open datasets of a file whose metadata are frozen: from here on raw data only.
struct Skeleton {
  H5::H5File file;
  std::vector<H5::DataSet> posterior, statistics;  // in the order of the schemas' variables
  H5::DataSet draws_done, sampling_seconds;

  /// Creates everything at full size, fills it and flushes. Throws H5::Exception.
  Skeleton(const std::filesystem::path& path, const Plan& plan, const Provenance& provenance);
};

/// A dimension's scale numbered from 0.
H5::DataSet create_numbered_scale(const H5::Group& group, const std::string& name,
                                  std::size_t length);

}  // namespace tarn::io
