// Blocks side by side in theta.
#include "tarn/layout.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "tarn/error.hpp"

namespace tarn {

std::string_view to_string(Support support) noexcept {
  switch (support) {
    case Support::real:
      return "any real number";
    case Support::positive:
      return "a positive number";
    case Support::unit_interval:
      return "a number between 0 and 1";
    case Support::minus_one_to_one:
      return "a number between -1 and 1";
    case Support::simplex:
      return "a simplex";
    case Support::ordered:
      return "a rising sequence of numbers";
    case Support::correlation:
      return "a correlation matrix";
    case Support::covariance:
      return "a covariance matrix";
  }
  return "unknown";
}

std::size_t Block::size() const noexcept {
  return std::accumulate(
      axes.begin(), axes.end(), std::size_t{1},
      [](std::size_t product, const Axis& axis) { return product * axis.labels.size(); });
}

bool Block::is_own(std::size_t element) const noexcept {
  if (axes.size() != 2) return true;
  const std::size_t row = element / axes.back().labels.size();
  const std::size_t column = element % axes.back().labels.size();
  if (support == Support::correlation) return row < column;
  return support != Support::covariance || row <= column;
}

std::size_t Layout::add(Block block) {
  if (block.name.empty()) throw PluginError("a model's layout has a block without a name");
  if (find(block.name)) {
    throw PluginError(fmt::format("a model's layout has two blocks named '{}'", block.name));
  }
  offsets_.push_back(size_);
  size_ += block.size();
  blocks_.push_back(std::move(block));
  return blocks_.size() - 1;
}

std::optional<std::size_t> Layout::find(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].name == name) return i;
  }
  return std::nullopt;
}

std::string Layout::element_name(std::size_t index, std::size_t element) const {
  const Block& block = blocks_.at(index);
  if (block.axes.empty()) return block.name;
  std::string labels;
  std::size_t rest = element;
  for (auto axis = block.axes.rbegin(); axis != block.axes.rend(); ++axis) {
    const std::string& label = axis->labels.at(rest % axis->labels.size());
    labels.insert(0, axis == block.axes.rbegin() ? label : label + ",");
    rest /= axis->labels.size();
  }
  return block.name + "[" + labels + "]";
}

}  // namespace tarn
