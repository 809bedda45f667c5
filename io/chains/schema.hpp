// From a layout to variables and dimensions: names, labels, types and chunks, without any HDF5
// call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/layout.hpp"
#include "tarn/sampler.hpp"

namespace tarn::io {

/// A dimension of a group's variables beside chain and draw.
struct Dimension {
  std::string name;
  std::string axis;                 // the axis's own name
  std::vector<std::string> labels;  // empty: numbered from 0
  std::size_t length = 0;
};

struct Variable {
  enum class Type { real, integer, boolean };

  std::string name;
  std::string block;  // the block's or statistic's own name
  std::string describes;
  std::string transform;  // to the unconstrained scale; empty: none
  std::string role = {};  // "derived" or "internal"; empty: neither
  Type type = Type::real;
  std::vector<std::size_t> dimensions = {};  // into GroupSchema::dimensions
  std::size_t offset = 0;                    // of its first element in a batch's column
  std::size_t size = 1;                      // elements per draw
};

using Extent = std::vector<unsigned long long>;  // lengths of all axes, as HDF5 counts

struct GroupSchema {
  std::vector<Dimension> dimensions;
  std::vector<Variable> variables;
  std::vector<std::string> empty;  // blocks of length zero, which are not stored

  Extent extent(const Variable& variable, std::size_t chains, std::size_t draws) const;
};

/// Throws PluginError if blocks disagree about an axis, InputError for a label that cannot be
/// stored.
GroupSchema schema_of(const Layout& layout);
GroupSchema schema_of(const std::vector<Statistic>& statistics);

/// Names that every group, or every group of statistics, keeps for itself.
inline constexpr std::string_view chain_name = "chain", draw_name = "draw",
                                  done_name = "draws_done", seconds_name = "sampling_seconds",
                                  digest_name = "draws_crc", digest_axis = "draws_crc_dim_0",
                                  state_name = "chain_state", state_axis = "chain_state_dim_0";

/// A statistic by which a sampler says that its draws are those of an approximation.
inline constexpr std::string_view approximation_statistic = "importance_ess";

/// Bytes of a label: every table and page shows it.
inline constexpr std::size_t longest_label = std::size_t{1} << 20;

/// How a support is mapped to the unconstrained scale, and back from that word.
std::string_view transform_of(Support support) noexcept;
Support support_of(std::string_view transform) noexcept;

/// Chunk of a variable of extent (chain, draw, own...): about 80 kB, whole trailing axes first;
/// empty if the variable is small enough to lie in one piece.
Extent chunk_of(const Extent& extent);

}  // namespace tarn::io
