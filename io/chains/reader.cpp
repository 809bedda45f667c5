// A chain file opened: what it says of its run, and its groups as draws.
#include <algorithm>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "chains/fit_data.hpp"
#include "chains/hdf5.hpp"
#include "chains/schema.hpp"
#include "chains/stored_draws.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::io {
namespace fs = std::filesystem;
namespace {

constexpr const char* posterior_name = "posterior";
constexpr const char* statistics_name = "sample_stats";

H5::H5File open(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw InputError(fmt::format("there is no file '{}'", path.string()));
  if (fs::is_directory(path, error)) {
    throw InputError(fmt::format("'{}' is a folder, not a chain file", path.string()));
  }
  const hdf5::ErrorTrap trap;
  try {
    if (!H5::H5File::isHdf5(path.string())) {
      throw InputError(
          fmt::format("'{}' is not a chain file: it is not in HDF5 format", path.string()));
    }
    return H5::H5File(path.string(), H5F_ACC_RDONLY, H5::FileCreatPropList::DEFAULT,
                      hdf5::access());
  } catch (const H5::Exception&) {
    const std::string reason = trap.reason();
    if (reason.starts_with("truncated file")) {
      throw InputError(
          fmt::format("'{}' is cut short ({} bytes are left); copy it again from where "
                      "it was written",
                      path.string(), fs::file_size(path, error)));
    }
    throw InputError(fmt::format("cannot open '{}' as a chain file: {}", path.string(), reason));
  }
}

void check_format(const H5::H5File& file, const fs::path& path) {
  const std::string version = hdf5::attribute_text(file, "tarn_format_version");
  if (version.empty()) {
    throw InputError(fmt::format(
        "'{}' is an HDF5 file but not a chain file: it has no attribute tarn_format_version",
        path.string()));
  }
  if (version.substr(0, version.find('.')) != "1") {
    throw InputError(
        fmt::format("'{}' is a chain file of version {}, and this tarn reads 1.x; use "
                    "a newer tarn",
                    path.string(), version));
  }
  for (const char* group : {posterior_name, statistics_name}) {
    if (!hdf5::is_group(file, group)) {
      throw InputError(
          fmt::format("'{}' is damaged: its group '{}' is missing", path.string(), group));
    }
  }
}

template <class Number>
std::vector<Number> read_tally(const H5::Group& statistics, std::string_view name,
                               const H5::PredType& type, const fs::path& path) {
  const std::string link(name);
  if (statistics.nameExists(link)) {
    const H5::DataSet dataset = statistics.openDataSet(link);
    const std::vector<hsize_t> extent = hdf5::extent(dataset);
    if (extent.size() == 1 && extent[0] > 0) {
      std::vector<Number> values(extent[0]);
      dataset.read(values.data(), type);
      return values;
    }
  }
  throw InputError(fmt::format("'{}' is damaged: it does not say per chain {}/{}", path.string(),
                               statistics_name, name));
}

}  // namespace

struct ChainFile::State {
  explicit State(const fs::path& where);

  template <class Calls>
  auto read(Calls&& calls) const {
    const std::lock_guard lock(mutex);
    const hdf5::ErrorTrap trap;
    try {
      return calls();
    } catch (const H5::Exception&) {
      throw InputError(fmt::format("'{}' is damaged: {}", path.string(), trap.reason()));
    }
  }

  fs::path path;
  H5::H5File file;
  mutable std::mutex mutex;
  std::size_t draws = 0, requested = 0;
  double seconds = 0;
  std::unique_ptr<StoredDraws> posterior, statistics;
};

ChainFile::State::State(const fs::path& where) : path(where), file(open(where)) {
  const hdf5::ErrorTrap trap;
  try {
    check_format(file, path);
    const H5::Group stats = file.openGroup(statistics_name);
    const auto done = read_tally<std::int64_t>(stats, done_name, H5::PredType::NATIVE_INT64, path);
    const auto times = read_tally<double>(stats, seconds_name, H5::PredType::NATIVE_DOUBLE, path);
    draws = static_cast<std::size_t>(std::max<std::int64_t>(0, *std::ranges::min_element(done)));
    seconds = *std::ranges::max_element(times);
    const std::string asked = hdf5::attribute_text(file, "tarn_draws_requested");
    requested = asked.empty() ? draws : std::stoull(asked);
    const std::string quoted = fmt::format("'{}'", path.string());
    posterior = std::make_unique<StoredDraws>(file.openGroup(posterior_name), quoted, done.size(),
                                              draws, mutex);
    statistics = std::make_unique<StoredDraws>(stats, quoted, done.size(), draws, mutex);
  } catch (const H5::Exception&) {
    throw InputError(fmt::format("'{}' is damaged: {}", path.string(), trap.reason()));
  }
}

ChainFile::ChainFile(const fs::path& file) : state_(std::make_unique<State>(file)) {}
ChainFile::~ChainFile() = default;
ChainFile::ChainFile(ChainFile&&) noexcept = default;

const Draws& ChainFile::posterior() const noexcept { return *state_->posterior; }
const Draws& ChainFile::statistics() const noexcept { return *state_->statistics; }
bool ChainFile::complete() const noexcept { return state_->draws >= state_->requested; }
std::size_t ChainFile::draws_requested() const noexcept { return state_->requested; }
double ChainFile::sampling_seconds() const noexcept { return state_->seconds; }

std::string ChainFile::attribute(const std::string& name) const {
  return state_->read([&] { return hdf5::attribute_text(state_->file, name); });
}

std::string ChainFile::config() const {
  return state_->read(
      [&] { return hdf5::read_texts(state_->file.openDataSet("tarn_config")).at(0); });
}

std::optional<FitData> ChainFile::data() const {
  return state_->read(
      [&] { return read_fit_data(state_->file, fmt::format("'{}'", state_->path.string())); });
}

}  // namespace tarn::io
