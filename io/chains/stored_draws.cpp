// One group of a chain file as draws: the layout from its variables and scales, values by the slab.
#include "chains/stored_draws.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "chains/schema.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/runtime.hpp"

namespace tarn::io {
namespace {

template <class Iterator>
std::size_t product(Iterator from, Iterator to) {
  return std::accumulate(from, to, std::size_t{1}, std::multiplies<>());
}

hdf5::Damaged damaged(const std::string& name, const std::string& how) {
  return hdf5::Damaged(fmt::format("variable '{}' cannot be read, {}", name, how));
}

/// The labels of a dimension, under the name that the model gave its axis.
Axis read_axis(const H5::Group& group, const std::string& dimension, hsize_t length) {
  const H5::DataSet scale = hdf5::open_dataset(group, dimension);
  const std::string original = hdf5::attribute_text(scale, "tarn_name");
  Axis axis{original.empty() ? dimension : original, {}};
  if (scale.getTypeClass() == H5T_STRING) {
    axis.labels = hdf5::read_texts(scale);
    for (const std::string& label : axis.labels) {
      if (label.size() > longest_label) {
        throw hdf5::Damaged(fmt::format("a label of '{}' is longer than 1 MB", dimension));
      }
    }
  } else {
    for (const std::int64_t number : hdf5::read_integers(scale, length)) {
      axis.labels.push_back(std::to_string(number));
    }
  }
  return axis;
}

}  // namespace

StoredDraws::StoredDraws(const H5::Group& group, std::string where, std::size_t chains,
                         std::size_t draws, std::mutex& hdf5)
    : where_(std::move(where)), chains_(chains), draws_(draws), mutex_(hdf5) {
  hdf5::Scales scales;
  std::vector<std::pair<std::string, H5::DataSet>> variables;
  for (const std::string& name : hdf5::links(group)) {
    if (!hdf5::is_dataset(group, name)) continue;
    const H5::DataSet dataset = hdf5::open_dataset(group, name);
    if (hdf5::is_scale(dataset)) {
      scales.add(dataset, name);
    } else {
      variables.emplace_back(name, dataset);
    }
  }
  std::map<std::string, Axis> axes;
  for (const auto& [name, dataset] : variables) add(group, name, dataset, scales, axes);
}

void StoredDraws::add(const H5::Group& group, const std::string& name, const H5::DataSet& dataset,
                      const hdf5::Scales& scales, std::map<std::string, Axis>& axes) {
  const std::vector<std::string> dimensions = scales.on(dataset);
  const bool by_chain = !dimensions.empty() && dimensions[0] == chain_name;
  if (by_chain && std::ranges::find(dimensions, draw_name) == dimensions.end()) return;
  std::vector<hsize_t> extent = hdf5::extent(dataset);
  if (!by_chain || extent.size() < 2 || dimensions[1] != draw_name || extent[0] != chains_ ||
      extent[1] < draws_) {
    throw damaged(name, fmt::format("its first dimensions are not {} chains and at least {} draws",
                                    chains_, draws_));
  }
  if (std::ranges::find(extent, hsize_t{0}) != extent.end()) {
    throw damaged(name, "a dimension has length zero");
  }
  const H5T_class_t kind = dataset.getTypeClass();
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) throw damaged(name, "it does not hold numbers");

  const std::string original = hdf5::attribute_text(dataset, "tarn_name");
  Block block{.name = original.empty() ? name : original,
              .support = support_of(hdf5::attribute_text(dataset, "tarn_transform")),
              .describes = hdf5::attribute_text(dataset, "long_name")};
  const std::string role = hdf5::attribute_text(dataset, "tarn_role");
  block.derived = role == "derived";
  block.internal = role == "internal";
  for (std::size_t i = 2; i < dimensions.size(); ++i) {
    const std::string& dimension = dimensions[i];
    if (dimension.empty()) throw damaged(name, fmt::format("its dimension {} has no labels", i));
    if (!axes.contains(dimension)) axes[dimension] = read_axis(group, dimension, extent[i]);
    if (axes[dimension].labels.size() != extent[i]) {
      throw damaged(name, fmt::format("its dimension '{}' has another length", dimension));
    }
    block.axes.push_back(axes[dimension]);
  }
  layout_.add(std::move(block));

  Extent slab = chunk_of(extent);
  if (slab.empty()) slab = extent;
  Stored stored{dataset,
                {extent.begin() + 2, extent.end()},
                {slab.begin() + 2, slab.end()},
                extent[1],
                Pieces(extent)};
  stored_.push_back(std::move(stored));
}

std::vector<Extent> StoredDraws::extents() const {
  std::vector<Extent> all;
  for (const Stored& stored : stored_) {
    Extent& extent = all.emplace_back(Extent{chains_, stored.draws});
    extent.insert(extent.end(), stored.extent.begin(), stored.extent.end());
  }
  return all;
}

void StoredDraws::compare_with(std::shared_ptr<const StoredDigests> digests, std::size_t first,
                               std::size_t draws) {
  digests_ = std::move(digests);
  first_variable_ = first;
  draws_ = draws;
  compared_.assign(digests_->size(), false);
}

/// One more than the last draw that has to be read so that those that count can be compared: a
/// block may hold more of them, in one chain.
std::size_t StoredDraws::covered(std::size_t block, std::size_t piece, std::size_t chain) const {
  if (!digests_ || draws_ == 0) return draws_;
  const std::size_t length = digests_->plan().block_length(), last = (draws_ - 1) / length;
  const auto digest = digests_->at(digests_->index(chain, last, first_variable_ + block, piece));
  return std::max(draws_, last * length + digest.draws);
}

/// Draws from, from + 1, ... of a piece, whose first is the first of a block.
void StoredDraws::compare(std::size_t block, std::size_t piece, std::size_t chain, std::size_t from,
                          const double* values, std::size_t size, std::size_t count,
                          std::size_t stride) const {
  if (!digests_) return;
  const std::size_t length = digests_->plan().block_length();
  for (std::size_t done = 0; done < count; done += length) {
    const std::size_t index =
        digests_->index(chain, (from + done) / length, first_variable_ + block, piece);
    if (compared_[index]) continue;
    const PieceDigest digest = digests_->at(index);
    if (digest.draws > count - done ||
        crc_of(0, values + done * stride, size, digest.draws, stride) != digest.crc) {
      throw hdf5::Damaged(fmt::format(
          "draws {} to {} of '{}' in chain {} are not those that were stored", from + done + 1,
          std::min(from + done + length, draws_), layout_.block(block).name, chain + 1));
    }
    compared_[index] = true;
  }
}

/// The slab that holds an element. All axes before the one that is split have slabs of length 1,
/// all after it are whole, so a slab is a run of elements.
StoredDraws::Slab StoredDraws::slab_at(std::size_t block, std::size_t element) const {
  const Stored& stored = stored_[block];
  const std::size_t axes = stored.extent.size();
  std::size_t split = 0;
  while (split < axes && stored.slab[split] == 1) ++split;
  if (split == axes && axes > 0) split = axes - 1;

  Slab slab{0, 1, std::vector<hsize_t>(axes, 0), std::vector<hsize_t>(axes, 1)};
  std::size_t rest = element;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const std::size_t inner =
        product(stored.extent.begin() + as_index(axis) + 1, stored.extent.end());
    std::size_t index = rest / inner;
    rest %= inner;
    if (axis < split) {
      slab.first += index * inner;
    } else {
      index = axis == split ? index / stored.slab[axis] * stored.slab[axis] : 0;
      slab.count[axis] = std::min(stored.slab[axis], stored.extent[axis] - index);
      slab.first += index * inner;
      slab.size *= slab.count[axis];
    }
    slab.start[axis] = index;
  }
  return slab;
}

/// Elements first .. first + into.cols() - 1, all of which lie in the slab, piece by piece.
void StoredDraws::load(std::size_t block, const Slab& slab, std::size_t first,
                       MatrixRef into) const {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr std::size_t piece_elements = std::size_t{1} << 17;  // 1 MB, which caches hold
  const Stored& stored = stored_[block];
  const H5::DataSpace file = stored.dataset.getSpace();
  const std::size_t chunk = batch_length(stored.draws), piece = stored.pieces.of(slab.first);
  const std::size_t step = std::max<std::size_t>(1, piece_elements / slab.size / chunk) * chunk;
  piece_.resize(std::min(step, stored.draws) * slab.size);
  std::vector<hsize_t> start{0, 0}, count{1, 0};
  start.insert(start.end(), slab.start.begin(), slab.start.end());
  count.insert(count.end(), slab.count.begin(), slab.count.end());
  for (std::size_t chain = 0; chain < chains_; ++chain) {
    const std::size_t end = covered(block, piece, chain);
    for (std::size_t draw = 0; draw < draws_; draw += step) {
      start[0] = chain;
      start[1] = draw;
      count[1] = std::min(step, end - draw);
      file.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
      // Of the file's rank: HDF5 is several times slower between spaces of different shapes.
      const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
      stored.dataset.read(piece_.data(), H5::PredType::NATIVE_DOUBLE, memory, file);
      compare(block, piece, chain, draw, piece_.data(), slab.size, count[1], slab.size);
      const auto wanted = as_index(std::min<std::size_t>(count[1], draws_ - draw));
      const Eigen::Map<const RowMajor> values(piece_.data(), wanted, as_index(slab.size));
      into.middleRows(as_index(chain * draws_ + draw), wanted) =
          values.middleCols(as_index(first - slab.first), into.cols());
    }
  }
}

void StoredDraws::read(std::size_t block, std::size_t first, MatrixRef into) const {
  constexpr std::size_t worth_keeping = std::size_t{1} << 25;  // doubles: 256 MB
  const std::lock_guard lock(mutex_);
  const hdf5::ErrorTrap trap;
  try {
    for (Eigen::Index done = 0; done < into.cols();) {
      const std::size_t element = first + as_size(done);
      const Slab slab = slab_at(block, element);
      const auto here = std::min(into.cols() - done, as_index(slab.first + slab.size - element));
      const auto size = as_index(slab.size);
      auto target = into.middleCols(done, here);
      done += here;
      if (here == size || slab.size * chains_ * draws_ > worth_keeping) {
        load(block, slab, element, target);
        continue;
      }
      if (kept_.cols() != size || kept_block_ != block || kept_first_ != slab.first) {
        kept_.resize(into.rows(), size);
        load(block, slab, slab.first, kept_);
        kept_block_ = block;
        kept_first_ = slab.first;
      }
      target = kept_.middleCols(as_index(element - slab.first), here);
    }
  } catch (const H5::Exception& error) {
    kept_.resize(0, 0);
    fail(error, trap, block);
  }
}

/// A disk that fails is another thing than a file that is not what it was.
void StoredDraws::fail(const H5::Exception& error, const hdf5::ErrorTrap& trap,
                       std::size_t block) const {
  const std::string reason = hdf5::reason_of(error, trap);
  if (dynamic_cast<const hdf5::Damaged*>(&error) != nullptr) {
    throw DamagedFile(fmt::format("{} is damaged: {}", where_, reason));
  }
  throw IoError(
      fmt::format("cannot read '{}' from {}: {}", layout_.block(block).name, where_, reason));
}

/// Into piece_, of C order: a draw after another, the elements of each side by side.
void StoredDraws::read_rows(std::size_t block, std::size_t chain, std::size_t from,
                            std::size_t to) const {
  const Stored& stored = stored_[block];
  std::vector<hsize_t> start{chain, from}, count{1, to - from};
  start.insert(start.end(), stored.extent.size(), 0);
  count.insert(count.end(), stored.extent.begin(), stored.extent.end());
  const H5::DataSpace file = stored.dataset.getSpace();
  file.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
  const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
  piece_.resize((to - from) * layout_.block(block).size());
  stored.dataset.read(piece_.data(), H5::PredType::NATIVE_DOUBLE, memory, file);
}

/// Whether draws from .. to - 1 of all pieces of a chain were compared before.
bool StoredDraws::compared(std::size_t block, std::size_t chain, std::size_t from,
                           std::size_t to) const {
  if (!digests_) return true;
  const std::size_t length = digests_->plan().block_length();
  const std::size_t pieces = stored_[block].pieces.count();
  for (std::size_t b = from / length; b * length < to; ++b) {
    const std::size_t index = digests_->index(chain, b, first_variable_ + block, 0);
    for (std::size_t piece = 0; piece < pieces; ++piece) {
      if (!compared_[index + piece]) return false;
    }
  }
  return true;
}

void StoredDraws::read_draws(std::size_t chain, std::size_t first, MatrixRef into) const {
  const std::lock_guard lock(mutex_);
  const hdf5::ErrorTrap trap;
  std::size_t block = 0;
  try {
    for (; block < stored_.size(); ++block) {
      const std::size_t size = layout_.block(block).size();
      std::size_t from = first, to = first + as_size(into.cols());
      if (!compared(block, chain, from, to)) {  // whole blocks, then
        const std::size_t length = digests_->plan().block_length();
        const Pieces& pieces = stored_[block].pieces;
        from = from / length * length;
        to = (to + length - 1) / length * length;
        if (to >= draws_) {
          to = draws_;
          for (std::size_t p = 0; p < pieces.count(); ++p)
            to = std::max(to, covered(block, p, chain));
        }
        read_rows(block, chain, from, to);
        for (std::size_t p = 0; p < pieces.count(); ++p) {
          compare(block, p, chain, from, piece_.data() + pieces.first(p), pieces.size(p), to - from,
                  size);
        }
      } else {
        read_rows(block, chain, from, to);
      }
      const Eigen::Map<const Matrix> rows(piece_.data(), as_index(size), as_index(to - from));
      into.middleRows(as_index(layout_.offset(block)), as_index(size)) =
          rows.middleCols(as_index(first - from), into.cols());
    }
  } catch (const H5::Exception& error) {
    fail(error, trap, block);
  }
}

}  // namespace tarn::io
