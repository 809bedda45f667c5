// The draws of a chain file, with what it says of them.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chains/stored_draws.hpp"

namespace tarn::io {

struct StoredFit {
  std::vector<std::int64_t> done;  // draws of each chain that count
  std::vector<double> seconds;
  std::size_t draws = 0;                         // that all chains have, or all of `only`
  std::shared_ptr<const StoredDigests> digests;  // null: format 1.0 has none
  std::unique_ptr<StoredDraws> posterior, statistics;

  /// `where` names the file in quotes. Throws H5::Exception, such as Damaged.
  StoredFit(const H5::H5File& file, const std::string& where, std::mutex& hdf5,
            const std::vector<std::size_t>& only = {});
};

inline constexpr const char *posterior_name = "posterior", *statistics_name = "sample_stats";

}  // namespace tarn::io
