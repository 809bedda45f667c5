// Where each chain of a run stands, in two slots that are written in turn.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <H5Cpp.h>

#include "chains/schema.hpp"
#include "tarn/runtime.hpp"

namespace tarn::io {

/// Numbers of a chain's row: two slots of a head, theta and the sampler's tuning.
class StateLayout {
 public:
  StateLayout(std::size_t theta, std::size_t tuning) : theta_(theta), tuning_(tuning) {}

  /// Nothing where a row of this length has no such slots.
  static std::optional<StateLayout> of_row(std::size_t length, std::size_t theta);

  std::size_t theta() const { return theta_; }
  std::size_t tuning() const { return tuning_; }
  std::size_t slot() const { return head + theta_ + tuning_; }
  std::size_t row() const { return 2 * slot(); }

  /// Sequence (0: unset), CRC-32 of the rest, number of the chain, transitions of its warm-up,
  /// draws, seconds.
  static constexpr std::size_t head = 6;

 private:
  std::size_t theta_, tuning_;
};

/// The dataset of a new file; `axis`: a scale over a row.
H5::DataSet create_states(const H5::Group& statistics, const H5::DataSet& chain,
                          const H5::DataSet& axis);

/// Writes slots. A kill in between leaves the other one.
class StateWriter {
 public:
  StateWriter(StateLayout layout, std::size_t chains) : layout_(layout), sequence_(chains, 0) {}

  /// Throws PluginError where the tuning has not the length that it had at the beginning.
  void write(const H5::DataSet& dataset, std::size_t chain, const ChainState& state);

  bool any() const;

 private:
  StateLayout layout_;
  std::vector<std::uint64_t> sequence_;  // of the last that was written
};

/// The last whole state of every chain; of one that has none an empty one. Throws Damaged.
std::vector<ChainState> read_states(const H5::DataSet& dataset, std::size_t theta);

}  // namespace tarn::io
