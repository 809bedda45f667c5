// SHA-256 of the names and labels that say what draws mean.
#include "chains/layout_digest.hpp"

#include "data/sha256.hpp"

namespace tarn::io {
namespace {

void add(Sha256& digest, const GroupSchema& group) {
  digest.field("group");
  for (const Variable& variable : group.variables) {
    digest.field("variable").field(variable.block).field(variable.transform);
    for (const std::size_t index : variable.dimensions) {
      const Dimension& dimension = group.dimensions[index];
      digest.field("axis").field(dimension.axis.empty() ? dimension.name : dimension.axis);
      for (const std::string& label : dimension.labels) digest.field(label);
      if (!dimension.labels.empty()) continue;
      for (std::size_t i = 0; i < dimension.length; ++i) digest.field(std::to_string(i));
    }
  }
}

void add(Sha256& digest, const Layout& group) {
  digest.field("group");
  for (std::size_t b = 0; b < group.blocks(); ++b) {
    const Block& block = group.block(b);
    digest.field("variable").field(block.name).field(transform_of(block.support));
    for (const Axis& axis : block.axes) {
      digest.field("axis").field(axis.name);
      for (const std::string& label : axis.labels) digest.field(label);
    }
  }
}

template <class Group>
std::string digest(const Group& posterior, const Group& statistics) {
  Sha256 digest;
  add(digest, posterior);
  add(digest, statistics);
  return digest.hex();
}

}  // namespace

std::string layout_digest(const GroupSchema& posterior, const GroupSchema& statistics) {
  return digest(posterior, statistics);
}

std::string layout_digest(const Layout& posterior, const Layout& statistics) {
  return digest(posterior, statistics);
}

}  // namespace tarn::io
