// Which transform a block takes.
#include "sample/transform/transform.hpp"

#include <string>

#include "tarn/error.hpp"

namespace tarn {
namespace {

Eigen::Index side(const Block& block) {
  if (block.axes.size() == 2 && block.axes[0].labels.size() == block.axes[1].labels.size() &&
      block.size() > 0) {
    return as_index(block.axes[0].labels.size());
  }
  throw PluginError("block '" + block.name + "' is " + std::string(to_string(block.support)) +
                    ", which needs two axes of one length");
}

}  // namespace

std::unique_ptr<Transform> transform_of(const Block& block) {
  const auto count = as_index(block.size());
  switch (block.support) {
    case Support::real:
    case Support::positive:
    case Support::unit_interval:
    case Support::minus_one_to_one:
      break;
    case Support::simplex:
      if (block.axes.size() == 1 && count > 0) return simplex(count);
      throw PluginError("block '" + block.name + "' is a simplex, which needs one axis");
    case Support::ordered:
      if (block.axes.size() == 1 && count > 0) return ordered(count);
      throw PluginError("block '" + block.name +
                        "' is a rising sequence of numbers, which needs one axis");
    case Support::correlation:
      return correlation(side(block));
    case Support::covariance:
      return covariance(side(block));
  }
  return elementwise(block.support, count);
}

}  // namespace tarn
