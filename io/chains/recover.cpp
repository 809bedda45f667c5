// The whole draws of an unfinished file, under another name.
#include <numeric>
#include <vector>

#include <fmt/format.h>

#include "chains/checked.hpp"
#include "chains/output_path.hpp"
#include "chains/trim.hpp"
#include "files/failures.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::io {
namespace fs = std::filesystem;

std::size_t recover(const fs::path& file, const fs::path& out, bool force, bool durable) {
  std::size_t draws = 0;
  std::vector<std::size_t> chains;
  {
    const ChainFile whole(file);
    draws = whole.posterior().draws();
    chains.resize(whole.posterior().chains());
  }
  std::iota(chains.begin(), chains.end(), std::size_t{0});
  if (draws == 0) {
    throw InputError(fmt::format(
        "'{0}' has a chain without draws; to go on with it: tarn resume {0}", file.string()));
  }
  std::error_code error;
  const bool own = fs::path(out).concat(".partial") == file;
  OutputPath path(out, static_cast<double>(fs::file_size(file, error)), force,
                  own ? OutputPath::Partial::continued : OutputPath::Partial::none, durable);
  hdf5::ErrorTrap trap;
  try {
    copy_trimmed(file, path.building(), chains, std::numeric_limits<std::size_t>::max(), trap);
  } catch (const H5::Exception& failure) {
    throw IoError(fmt::format("cannot write '{}': {}; '{}' is as it was: {}, then the same again",
                              out.string(), hdf5::reason_of(failure, trap), file.string(),
                              remedy(trap.error())));
  }
  path.publish();
  if (own && !fs::remove(file, error) && error) {
    throw IoError(fmt::format("all draws are in '{}', and '{}' cannot be removed: {}; remove it",
                              out.string(), file.string(), error.message()));
  }
  return draws;
}

}  // namespace tarn::io
