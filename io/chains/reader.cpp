// A chain file opened: what it says of its run, and its groups as draws.
#include <algorithm>
#include <charconv>
#include <mutex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "chains/chain_states.hpp"
#include "chains/checked.hpp"
#include "chains/fit_data.hpp"
#include "chains/stored_fit.hpp"
#include "data/sha256.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::io {
namespace fs = std::filesystem;
namespace {

H5::H5File open(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    throw InputError(fmt::format("there is no file '{}'", path.string()));
  if (fs::is_directory(path, error)) {
    throw InputError(fmt::format("'{}' is a folder, not a chain file", path.string()));
  }
  if (!fs::is_regular_file(path, error)) {  // of a pipe nobody knows when it answers
    throw InputError(
        fmt::format("'{}' is not a regular file, so it is no chain file", path.string()));
  }
  const hdf5::ErrorTrap trap;
  try {
    if (!H5::H5File::isHdf5(path.string())) {
      throw InputError(
          fmt::format("'{}' is not a chain file: it is not in HDF5 format", path.string()));
    }
    return hdf5::open_file(path);
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
                    path.string(), version.substr(0, 20)));
  }
  if (!hdf5::attribute_text(file, "tarn_predicted_from").empty()) {
    throw InputError(
        fmt::format("'{}' holds predictions and no draws of parameters; name the chain file that "
                    "they were made from",
                    path.string()));
  }
  for (const char* group : {posterior_name, statistics_name}) {
    if (!hdf5::is_group(file, group)) {
      throw DamagedFile(
          fmt::format("'{}' is damaged: its group '{}' is missing", path.string(), group));
    }
  }
}

/// A count that the file states as a number or as text.
std::size_t count_in(const H5::H5File& file, const char* name, std::size_t otherwise) {
  const std::string text = hdf5::attribute_text(file, name);
  if (text.empty()) return otherwise;
  std::size_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || rest != end) {
    throw hdf5::Damaged(fmt::format("its attribute {} is no count", name));
  }
  return count;
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
    } catch (const H5::Exception& error) {
      throw DamagedFile(
          fmt::format("'{}' is damaged: {}", path.string(), hdf5::reason_of(error, trap)));
    }
  }

  fs::path path;
  H5::H5File file;
  mutable std::mutex mutex;
  std::size_t requested = 0;
  std::unique_ptr<StoredFit> fit;
};

ChainFile::State::State(const fs::path& where) : path(where), file(open(where)) {
  const hdf5::ErrorTrap trap;
  try {
    check_format(file, path);
    fit = std::make_unique<StoredFit>(file, fmt::format("'{}'", path.string()), mutex);
    requested = count_in(file, "tarn_draws_requested", fit->draws);
    count_in(file, "tarn_seed", 0);  // refused here if it is none
  } catch (const H5::Exception& error) {
    throw DamagedFile(
        fmt::format("'{}' is damaged: {}", path.string(), hdf5::reason_of(error, trap)));
  }
}

ChainFile::ChainFile(const fs::path& file) : state_(std::make_unique<State>(file)) {}
ChainFile::~ChainFile() = default;
ChainFile::ChainFile(ChainFile&&) noexcept = default;

const Draws& ChainFile::posterior() const noexcept { return *state_->fit->posterior; }
const Draws& ChainFile::statistics() const noexcept { return *state_->fit->statistics; }
bool ChainFile::complete() const noexcept { return state_->fit->draws >= state_->requested; }
std::size_t ChainFile::draws_requested() const noexcept { return state_->requested; }
double ChainFile::sampling_seconds() const noexcept {
  return *std::ranges::max_element(state_->fit->seconds);
}

std::string ChainFile::attribute(const std::string& name) const {
  return state_->read([&] { return hdf5::attribute_text(state_->file, name); });
}

std::string ChainFile::config() const {
  return state_->read([&] {
    const auto texts = hdf5::read_texts(hdf5::open_dataset(state_->file, "tarn_config"));
    if (texts.size() != 1) throw hdf5::Damaged("its configuration is not one text");
    const std::string promised = hdf5::attribute_text(state_->file, "tarn_config_sha256");
    if (!promised.empty() && Sha256().add(texts[0]).hex() != promised) {
      throw hdf5::Damaged("its configuration is not the one that was stored (its SHA-256 differs)");
    }
    return texts[0];
  });
}

std::optional<std::vector<ChainState>> ChainFile::states() const {
  std::vector<ChainState> states;
  const bool stored = state_->read([&] {
    const H5::Group statistics = state_->file.openGroup(statistics_name);
    const std::string name(state_name);
    if (!hdf5::is_dataset(statistics, name)) return false;
    states = read_states(hdf5::open_dataset(statistics, name), posterior().layout().size());
    if (states.size() != posterior().chains()) {
      throw hdf5::Damaged("the states of its chains are not as many as its chains");
    }
    return true;
  });
  if (!stored) return std::nullopt;
  const std::size_t draws = posterior().draws();
  for (std::size_t chain = 0; chain < states.size(); ++chain) {
    ChainState& state = states[chain];
    if (state.draws > draws || (draws > 0 && state.theta.size() == 0)) {
      throw DamagedFile(fmt::format("'{}' is damaged: where its chain {} stands is missing",
                                    state_->path.string(), chain + 1));
    }
    if (draws == 0) continue;
    Matrix last(state.theta.size(), 1);
    posterior().read_draws(chain, draws - 1, last);
    state.theta = last;
    state.draws = draws;
    state.seconds = state_->fit->seconds[chain];
  }
  return states;
}

std::optional<FitData> ChainFile::data() const {
  return state_->read([&] { return read_fit_data(state_->file); });
}

}  // namespace tarn::io
