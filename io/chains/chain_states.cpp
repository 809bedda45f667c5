// Slots for the states of chains, each with a sequence number and a digest.
#include "chains/chain_states.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "chains/checked.hpp"
#include "chains/digests.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"

namespace tarn::io {
namespace {

constexpr std::size_t checked_from = 2;  // after the sequence and the digest itself

double digest(const std::vector<double>& slot) {
  return crc_of(0, slot.data() + checked_from, slot.size() - checked_from, 1, 0);
}

/// A count that was stored as a number.
std::size_t count(double number) {
  constexpr double most = 9007199254740992.0;  // 2^53
  if (!(number >= 0 && number <= most)) throw hdf5::Damaged("the state of a chain is no state");
  return static_cast<std::size_t>(number);
}

ChainState state_in(const std::vector<double>& slot, const StateLayout& layout) {
  ChainState state;
  state.number = count(slot[2]);
  state.warmed_up = count(slot[3]);
  state.draws = count(slot[4]);
  state.seconds = slot[5];
  const auto theta = slot.begin() + StateLayout::head;
  const auto tuning = theta + as_index(layout.theta());
  state.theta = Eigen::Map<const Vector>(&*theta, as_index(layout.theta()));
  state.tuning.assign(tuning, slot.end());
  return state;
}

}  // namespace

std::optional<StateLayout> StateLayout::of_row(std::size_t length, std::size_t theta) {
  if (length % 2 != 0 || length / 2 < head + theta) return std::nullopt;
  return StateLayout(theta, length / 2 - head - theta);
}

H5::DataSet create_states(const H5::Group& statistics, const H5::DataSet& chain,
                          const H5::DataSet& axis) {
  H5::DataSet dataset =
      hdf5::create_dataset(statistics, std::string(state_name), H5::PredType::IEEE_F64LE,
                           {hdf5::extent(chain).at(0), hdf5::extent(axis).at(0)});
  hdf5::write_attribute(dataset, "long_name", "where the chain stands, for tarn resume");
  hdf5::attach_scale(dataset, chain, 0);
  hdf5::attach_scale(dataset, axis, 1);
  return dataset;
}

void StateWriter::write(const H5::DataSet& dataset, std::size_t chain, const ChainState& state) {
  if (state.tuning.size() != layout_.tuning()) {
    throw PluginError(
        fmt::format("the sampler's tuning() has {} numbers and had {} when it was made; they must "
                    "stay as many",
                    state.tuning.size(), layout_.tuning()));
  }
  const std::uint64_t sequence = sequence_.at(chain) + 1;
  std::vector<double> slot(layout_.slot());
  slot[0] = static_cast<double>(sequence);
  slot[2] = static_cast<double>(state.number);
  slot[3] = static_cast<double>(state.warmed_up);
  slot[4] = static_cast<double>(state.draws);
  slot[5] = state.seconds;
  std::ranges::copy(state.theta, slot.begin() + StateLayout::head);
  std::ranges::copy(state.tuning, slot.end() - as_index(state.tuning.size()));
  slot[1] = digest(slot);
  const hsize_t start[] = {chain, (sequence % 2) * layout_.slot()}, part[] = {1, slot.size()};
  const H5::DataSpace target = dataset.getSpace();
  target.selectHyperslab(H5S_SELECT_SET, part, start);
  dataset.write(slot.data(), H5::PredType::NATIVE_DOUBLE, H5::DataSpace(2, part), target);
  sequence_[chain] = sequence;
}

bool StateWriter::any() const {
  return std::ranges::any_of(sequence_, [](std::uint64_t n) { return n > 0; });
}

std::vector<ChainState> read_states(const H5::DataSet& dataset, std::size_t theta) {
  const std::vector<hsize_t> extent = hdf5::extent(dataset);
  const auto layout = extent.size() == 2 && dataset.getTypeClass() == H5T_FLOAT
                          ? StateLayout::of_row(extent[1], theta)
                          : std::nullopt;
  if (!layout) throw hdf5::Damaged("the states of its chains are not those of its model");
  std::vector<ChainState> states;
  const H5::DataSpace source = dataset.getSpace();
  for (hsize_t chain = 0; chain < extent[0]; ++chain) {
    ChainState& last = states.emplace_back();
    last.number = chain;
    double sequence = 0;
    for (const hsize_t half : {0U, 1U}) {
      std::vector<double> slot(layout->slot());
      const hsize_t start[] = {chain, half * layout->slot()}, part[] = {1, slot.size()};
      source.selectHyperslab(H5S_SELECT_SET, part, start);
      dataset.read(slot.data(), H5::PredType::NATIVE_DOUBLE, H5::DataSpace(2, part), source);
      if (!(slot[0] > sequence) || slot[1] != digest(slot)) continue;
      sequence = slot[0];
      last = state_in(slot, *layout);
    }
  }
  return states;
}

}  // namespace tarn::io
