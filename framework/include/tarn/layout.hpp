// What one draw holds: named blocks, each with labelled axes and a support.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/centering.hpp"
#include "tarn/vector.hpp"

namespace tarn {

/// Where a block's values live, on the natural scale of the textbook.
enum class Support {
  real,
  positive,
  unit_interval,     // between 0 and 1
  minus_one_to_one,  // one correlation, an autoregression
  simplex,           // one axis: shares that sum to 1
  ordered,           // one axis: each number above the one before it
  correlation,       // two axes, in full
  covariance
};

std::string_view to_string(Support support) noexcept;

/// One dimension of a block. The labels are shown to users and stored with the draws; blocks that
/// share an axis name within one layout must share its labels.
struct Axis {
  std::string name;
  std::vector<std::string> labels;
};

/// One variable of the model: `b` over `coefficient`, `sigma` without an axis.
struct Block {
  std::string name;
  std::vector<Axis> axes = {};  // none: a scalar; the last axis varies fastest
  Support support = Support::real;
  std::string describes = {};  // a few words for people: "residual standard deviation"
  std::string scaled_by = {};  // the block of its standard deviations, matched by the last axis
  bool stored = true;          // false: redrawn from the rest of the draw, never written
  bool derived = false;        // a function of other blocks: Model::derive() writes it
  bool internal = false;       // shown on request only: the same is told by derived blocks
  /// Of real numbers: from what is stored to coordinates that are less correlated. Each moves the
  /// elements along the last axis, and no two move the same ones.
  std::vector<Centering> centering = {};

  std::size_t size() const noexcept;

  /// Whether an element is a number of its own. A correlation matrix has the numbers above its
  /// diagonal, a covariance matrix those on it too; the others repeat them or are 1.
  bool is_own(std::size_t element) const noexcept;
};

/// The blocks of a draw, side by side in one vector `theta`.
class Layout {
 public:
  /// Appends a block and returns its index. Throws PluginError on an empty or repeated name.
  std::size_t add(Block block);

  std::size_t blocks() const noexcept { return blocks_.size(); }
  const Block& block(std::size_t index) const { return blocks_.at(index); }
  std::size_t offset(std::size_t index) const { return offsets_.at(index); }
  std::optional<std::size_t> find(std::string_view name) const noexcept;

  /// Length of theta.
  std::size_t size() const noexcept { return size_; }

  /// The part of theta that belongs to one block: a view that lives as long as theta.
  Eigen::Map<Vector> of(VectorRef theta, std::size_t index) const {
    return {theta.data() + offsets_[index], as_index(blocks_[index].size())};
  }
  Eigen::Map<const Vector> of(ConstVectorRef theta, std::size_t index) const {
    return {theta.data() + offsets_[index], as_index(blocks_[index].size())};
  }

  /// Name of one element of a block: `b[floor]`, `r_county[AITKIN,Intercept]`, `sigma`.
  std::string element_name(std::size_t index, std::size_t element) const;

 private:
  std::vector<Block> blocks_;
  std::vector<std::size_t> offsets_;
  std::size_t size_ = 0;
};

}  // namespace tarn
