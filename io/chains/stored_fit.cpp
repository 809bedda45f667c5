// The draws of a chain file, with what it says of them.
#include "chains/stored_fit.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "chains/layout_digest.hpp"
#include "tarn/index.hpp"

namespace tarn::io {
namespace {

/// What is kept for each chain in `sample_stats`.
H5::DataSet tally(const H5::Group& statistics, std::string_view name) {
  const std::string link(name);
  if (hdf5::is_dataset(statistics, link)) {
    H5::DataSet dataset = hdf5::open_dataset(statistics, link);
    const std::vector<hsize_t> extent = hdf5::extent(dataset);
    if (extent.size() == 1 && extent[0] > 0) return dataset;
  }
  throw hdf5::Damaged(fmt::format("it does not say per chain {}/{}", statistics_name, name));
}

/// 0 for "1", "1.0"; rubbish counts as 0.
int minor_version(const H5::H5File& file) {
  const std::string version = hdf5::attribute_text(file, "tarn_format_version");
  const std::size_t dot = version.find('.');
  if (dot == std::string::npos || dot + 1 == version.size()) return 0;
  return version.substr(dot + 1, 3) == "0" ? 0 : 1;
}

std::vector<std::int64_t> read_digests(const H5::DataSet& dataset, hsize_t chains, hsize_t length) {
  if (dataset.getTypeClass() != H5T_FLOAT ||
      hdf5::extent(dataset) != std::vector<hsize_t>{chains, length}) {
    throw hdf5::Damaged(
        fmt::format("the digests of its draws ({}/{}) are not {} for each of {} "
                    "chains",
                    statistics_name, digest_name, length, chains));
  }
  std::vector<std::int64_t> values(chains * length);
  dataset.read(values.data(), H5::PredType::NATIVE_INT64);
  return values;
}

}  // namespace

StoredFit::StoredFit(const H5::H5File& file, const std::string& where, std::mutex& hdf5,
                     const std::vector<std::size_t>& only) {
  const H5::Group stats = file.openGroup(statistics_name);
  // While a run goes on, digests come after draws and draws_done after both: read the other way
  // round, they never speak of draws that are not there yet.
  done = hdf5::read_integers(tally(stats, done_name));
  const std::size_t chains = done.size();
  seconds = hdf5::read_reals(tally(stats, seconds_name), chains);
  if (*std::ranges::min_element(done) < 0) {
    throw hdf5::Damaged(fmt::format("{}/{} is negative", statistics_name, done_name));
  }
  const auto least = [&] {
    std::int64_t all = std::numeric_limits<std::int64_t>::max();
    for (std::size_t chain = 0; chain < chains; ++chain) {
      if (only.empty() || std::ranges::find(only, chain) != only.end()) {
        all = std::min(all, done[chain]);
      }
    }
    return as_size(all);
  };
  draws = least();
  posterior =
      std::make_unique<StoredDraws>(file.openGroup(posterior_name), where, chains, draws, hdf5);
  statistics = std::make_unique<StoredDraws>(stats, where, chains, draws, hdf5);

  const std::string layout = hdf5::attribute_text(file, "tarn_layout_sha256");
  if (!layout.empty() && layout_digest(posterior->layout(), statistics->layout()) != layout) {
    throw hdf5::Damaged(
        "its variables and labels are not those that were stored (their SHA-256 differs)");
  }
  if (!hdf5::is_dataset(stats, std::string(digest_name))) {
    if (minor_version(file) > 0 && posterior->layout().blocks() > 0) {
      throw hdf5::Damaged(fmt::format("the digests of its draws ({}/{}) are missing",
                                      statistics_name, digest_name));
    }
    return;
  }
  std::vector<Extent> extents = posterior->extents();
  const std::size_t first_statistic = extents.size();
  for (Extent& extent : statistics->extents()) extents.push_back(std::move(extent));
  if (extents.empty()) return;
  for (const Extent& extent : extents) {
    if (extent[1] != extents.front()[1]) {
      throw hdf5::Damaged("its variables have different numbers of draws");
    }
  }
  DigestPlan plan(extents.front()[1], extents);
  auto stored =
      read_digests(hdf5::open_dataset(stats, std::string(digest_name)), chains, plan.length());
  digests = std::make_shared<StoredDigests>(std::move(plan), std::move(stored));
  for (std::size_t chain = 0; chain < chains; ++chain) {
    const std::size_t covered = digests->draws(chain);
    if (as_size(done[chain]) > covered) {
      throw hdf5::Damaged(
          fmt::format("{}/{} says {} draws in chain {}, and there are digests of {}",
                      statistics_name, done_name, done[chain], chain + 1, covered));
    }
    done[chain] = static_cast<std::int64_t>(covered);  // in the file, whatever the tally still says
  }
  draws = least();
  posterior->compare_with(digests, 0, draws);
  statistics->compare_with(digests, first_statistic, draws);
}

}  // namespace tarn::io
