// From a layout to variables and dimensions: names, labels, types and chunks, without any HDF5
// call.
#include "chains/schema.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "chains/names.hpp"
#include "tarn/error.hpp"
#include "tarn/runtime.hpp"

namespace tarn::io {
namespace {

constexpr std::array<std::pair<Support, std::string_view>, 7> transforms{
    {{Support::positive, "log"},
     {Support::unit_interval, "logit"},
     {Support::minus_one_to_one, "atanh"},
     {Support::simplex, "stick_breaking"},
     {Support::ordered, "log_steps"},
     {Support::correlation, "cholesky_correlation"},
     {Support::covariance, "log_cholesky"}}};

bool numbered(const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i].empty() && labels[i] != std::to_string(i)) return false;
  }
  return true;
}

/// Gives each axis a dimension of its group. The second occurrence of an axis in one variable is
/// another dimension: readers want each at most once.
class Dimensions {
 public:
  Dimensions(Names& names, std::vector<Dimension>& into) : names_(names), into_(into) {}

  std::vector<std::size_t> of(const Block& block, const std::string& variable) {
    std::vector<std::size_t> indices;
    std::map<std::string, int> occurrences;
    for (const Axis& axis : block.axes) {
      const int occurrence = ++occurrences[axis.name];
      const std::size_t place = indices.size();
      indices.push_back(axis.name.empty() ? add_unnamed(axis, variable, place)
                                          : find_or_add(axis, occurrence, block));
    }
    return indices;
  }

 private:
  std::size_t add_unnamed(const Axis& axis, const std::string& variable, std::size_t place) {
    const std::string name = names_.claim(fmt::format("{}_dim_{}", variable, place));
    auto labels = numbered(axis.labels) ? std::vector<std::string>{} : axis.labels;
    return add({name, "", std::move(labels), axis.labels.size()});
  }

  std::size_t find_or_add(const Axis& axis, int occurrence, const Block& block) {
    const auto known = known_.find({axis.name, occurrence});
    if (known != known_.end()) {
      if (into_[known->second].labels != axis.labels) {
        throw PluginError(fmt::format(
            "axis '{}' of block '{}' has other labels than in an earlier block; blocks that share "
            "an axis must share its labels, so give it another name",
            axis.name, block.name));
      }
      return known->second;
    }
    std::string name;
    if (occurrence == 1) {
      name = plain_name(axis.name);
      name = names_.claim(variables_.taken(name) ? name + "_level" : name);
    } else {
      const std::string& first = into_[known_.at({axis.name, 1})].name;
      name = names_.claim(fmt::format("{}_{}", first, occurrence));
    }
    return known_[{axis.name, occurrence}] =
               add({name, axis.name, axis.labels, axis.labels.size()});
  }

  std::size_t add(Dimension dimension) {
    for (const std::string& label : dimension.labels) {
      if (label.find('\0') != std::string::npos) {
        throw InputError(
            fmt::format("a label of '{}' holds a NUL byte, which a chain file cannot "
                        "store; clean that column",
                        dimension.name));
      }
      if (label.size() > longest_label) {
        throw InputError(fmt::format(
            "a label of '{}' is longer than 1 MB; shorten it in that column", dimension.name));
      }
    }
    into_.push_back(std::move(dimension));
    return into_.size() - 1;
  }

  Names& names_;
  const Names variables_ = names_;  // and what is reserved
  std::vector<Dimension>& into_;
  std::map<std::pair<std::string, int>, std::size_t> known_;
};

}  // namespace

Extent GroupSchema::extent(const Variable& variable, std::size_t chains, std::size_t draws) const {
  Extent lengths{chains, draws};
  for (const std::size_t index : variable.dimensions) lengths.push_back(dimensions[index].length);
  return lengths;
}

GroupSchema schema_of(const Layout& layout) {
  GroupSchema group;
  Names names{chain_name, draw_name};
  std::vector<std::size_t> stored;
  for (std::size_t i = 0; i < layout.blocks(); ++i) {
    const Block& block = layout.block(i);
    if (!block.stored) continue;
    if (block.size() == 0) {
      group.empty.push_back(block.name);
      continue;
    }
    stored.push_back(i);
    group.variables.push_back({.name = names.claim(plain_name(block.name)),
                               .block = block.name,
                               .describes = block.describes,
                               .transform = std::string(transform_of(block.support)),
                               .role = block.derived    ? "derived"
                                       : block.internal ? "internal"
                                                        : "",
                               .offset = layout.offset(i),
                               .size = block.size()});
  }
  Dimensions dimensions(names, group.dimensions);  // after all variables, whose names come first
  for (std::size_t v = 0; v < stored.size(); ++v) {
    group.variables[v].dimensions = dimensions.of(layout.block(stored[v]), group.variables[v].name);
  }
  return group;
}

GroupSchema schema_of(const std::vector<Statistic>& statistics) {
  GroupSchema group;
  Names names{chain_name,  draw_name,   done_name,  seconds_name,
              digest_name, digest_axis, state_name, state_axis};
  for (std::size_t i = 0; i < statistics.size(); ++i) {
    const Statistic& statistic = statistics[i];
    const auto type = statistic.type == Statistic::Type::integer   ? Variable::Type::integer
                      : statistic.type == Statistic::Type::boolean ? Variable::Type::boolean
                                                                   : Variable::Type::real;
    group.variables.push_back({.name = names.claim(plain_name(statistic.name)),
                               .block = statistic.name,
                               .describes = statistic.describes,
                               .transform = "",
                               .type = type,
                               .offset = i});
  }
  return group;
}

std::string_view transform_of(Support support) noexcept {
  for (const auto& [known, name] : transforms) {
    if (known == support) return name;
  }
  return "";
}

Support support_of(std::string_view transform) noexcept {
  for (const auto& [support, name] : transforms) {
    if (name == transform) return support;
  }
  return Support::real;
}

Extent chunk_of(const Extent& extent) {
  constexpr unsigned long long lies_in_one_piece = 8, most = 100;
  const auto size = std::accumulate(extent.begin() + 2, extent.end(), 1ull, std::multiplies<>());
  if (size <= lies_in_one_piece) return {};
  Extent chunk(extent.size(), 1);
  chunk[1] = batch_length(extent[1]);
  unsigned long long room = most;
  for (std::size_t axis = extent.size(); axis-- > 2;) {
    const auto pieces = (extent[axis] + room - 1) / room;
    chunk[axis] = (extent[axis] + pieces - 1) / pieces;
    if (pieces > 1) break;  // the axes before stay at 1
    room /= extent[axis];
  }
  return chunk;
}

}  // namespace tarn::io
