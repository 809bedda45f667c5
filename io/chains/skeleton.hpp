// A chain file with all its metadata and no draws yet.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <H5Cpp.h>

#include "chains/chain_states.hpp"
#include "chains/digests.hpp"
#include "chains/hdf5.hpp"
#include "chains/schema.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::io {

/// What a run stores, and how much of it.
struct Plan {
  GroupSchema posterior, statistics;
  std::size_t chains = 0, draws = 0;
  double data_bytes = 0;
  std::optional<StateLayout> states = {};

  double draw_bytes() const;  // of draws and statistics; no count of them can overflow
  DigestPlan digests() const;
  double file_bytes() const;  // of the whole file, rather too many than too few
};

/// The open datasets of a file whose metadata are frozen: from here on raw data only.
struct Skeleton {
  H5::H5File file;
  std::vector<H5::DataSet> posterior, statistics;  // in the order of the schemas' variables
  H5::DataSet draws_done, sampling_seconds, digests, states;

  /// Creates everything at full size, fills it and flushes. Throws H5::Exception, IoError.
  Skeleton(const std::filesystem::path& path, const Plan& plan, const Provenance& provenance,
           hdf5::ErrorTrap& trap);
};

/// The version of the format that this tarn writes.
inline constexpr const char* format_version = "1.1";

/// The digests of draws that are not there yet; `axis`: a scale over all of a chain's.
H5::DataSet create_digests(const H5::Group& statistics, const H5::DataSet& chain,
                           const H5::DataSet& axis);

/// Local time as in ISO 8601: 2026-03-01T09:30:00+01:00.
std::string timestamp();

/// The attributes of every group.
void describe_origin(const H5::Group& group, const std::string& created_at);

/// A dimension's scale numbered from 0.
H5::DataSet create_numbered_scale(const H5::Group& group, const std::string& name,
                                  std::size_t length);

}  // namespace tarn::io
