// One group of a chain file as draws: the layout from its variables and scales, values by the slab.
#include "chains/stored_draws.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "chains/schema.hpp"
#include "tarn/runtime.hpp"

namespace tarn::io {
namespace {

template <class Iterator>
std::size_t product(Iterator from, Iterator to) {
  return std::accumulate(from, to, std::size_t{1}, std::multiplies<>());
}

/// The labels of a dimension, under the name that the model gave its axis.
Axis read_axis(const H5::Group& group, const std::string& dimension) {
  const H5::DataSet scale = group.openDataSet(dimension);
  const std::string original = hdf5::attribute_text(scale, "tarn_name");
  Axis axis{original.empty() ? dimension : original, {}};
  if (scale.getTypeClass() == H5T_STRING) {
    axis.labels = hdf5::read_texts(scale);
  } else {
    std::vector<std::int64_t> numbers(hdf5::extent(scale).at(0));
    scale.read(numbers.data(), H5::PredType::NATIVE_INT64);
    for (const std::int64_t number : numbers) axis.labels.push_back(std::to_string(number));
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
    if (hdf5::is_group(group, name)) continue;
    const H5::DataSet dataset = group.openDataSet(name);
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
  if (!by_chain || dimensions[1] != draw_name || extent[0] != chains_ || extent[1] < draws_) {
    throw damaged(name, fmt::format("its first dimensions are not {} chains and at least {} draws",
                                    chains_, draws_));
  }
  const H5T_class_t kind = dataset.getTypeClass();
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) throw damaged(name, "it does not hold numbers");

  const std::string original = hdf5::attribute_text(dataset, "tarn_name");
  Block block{.name = original.empty() ? name : original,
              .support = support_of(hdf5::attribute_text(dataset, "tarn_transform")),
              .describes = hdf5::attribute_text(dataset, "long_name")};
  for (std::size_t i = 2; i < dimensions.size(); ++i) {
    const std::string& dimension = dimensions[i];
    if (dimension.empty()) throw damaged(name, fmt::format("its dimension {} has no labels", i));
    if (!axes.contains(dimension)) axes[dimension] = read_axis(group, dimension);
    if (axes[dimension].labels.size() != extent[i]) {
      throw damaged(name, fmt::format("its dimension '{}' has another length", dimension));
    }
    block.axes.push_back(axes[dimension]);
  }
  layout_.add(std::move(block));

  Extent slab = chunk_of(extent);
  if (slab.empty()) slab = extent;
  Stored stored{dataset, {extent.begin() + 2, extent.end()}, {slab.begin() + 2, slab.end()}};
  stored_.push_back(std::move(stored));
}

InputError StoredDraws::damaged(const std::string& name, const std::string& how) const {
  return InputError(
      fmt::format("{} is damaged: variable '{}' cannot be read, {}", where_, name, how));
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
        product(stored.extent.begin() + static_cast<std::ptrdiff_t>(axis) + 1, stored.extent.end());
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
  const std::size_t chunk = batch_length(hdf5::extent(stored.dataset)[1]);
  const std::size_t step = std::max<std::size_t>(1, piece_elements / slab.size / chunk) * chunk;
  piece_.resize(std::min(step, draws_) * slab.size);
  std::vector<hsize_t> start{0, 0}, count{1, 0};
  start.insert(start.end(), slab.start.begin(), slab.start.end());
  count.insert(count.end(), slab.count.begin(), slab.count.end());
  for (std::size_t chain = 0; chain < chains_; ++chain) {
    for (std::size_t draw = 0; draw < draws_; draw += step) {
      start[0] = chain;
      start[1] = draw;
      count[1] = std::min(step, draws_ - draw);
      file.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
      // Of the file's rank: HDF5 is several times slower between spaces of different shapes.
      const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
      stored.dataset.read(piece_.data(), H5::PredType::NATIVE_DOUBLE, memory, file);
      const Eigen::Map<const RowMajor> piece(piece_.data(), static_cast<Eigen::Index>(count[1]),
                                             static_cast<Eigen::Index>(slab.size));
      into.middleRows(static_cast<Eigen::Index>(chain * draws_ + draw), piece.rows()) =
          piece.middleCols(static_cast<Eigen::Index>(first - slab.first), into.cols());
    }
  }
}

void StoredDraws::read(std::size_t block, std::size_t first, MatrixRef into) const {
  constexpr std::size_t worth_keeping = std::size_t{1} << 25;  // doubles: 256 MB
  const std::lock_guard lock(mutex_);
  const hdf5::ErrorTrap trap;
  try {
    for (Eigen::Index done = 0; done < into.cols();) {
      const std::size_t element = first + static_cast<std::size_t>(done);
      const Slab slab = slab_at(block, element);
      const auto here =
          std::min(into.cols() - done, static_cast<Eigen::Index>(slab.first + slab.size - element));
      const auto size = static_cast<Eigen::Index>(slab.size);
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
      target = kept_.middleCols(static_cast<Eigen::Index>(element - slab.first), here);
    }
  } catch (const H5::Exception&) {
    kept_.resize(0, 0);
    throw IoError(fmt::format("cannot read '{}' from {}: {}", layout_.block(block).name, where_,
                              trap.reason()));
  }
}

/// Of C order in the file: a draw after another, the elements of each side by side.
void StoredDraws::read_draws(std::size_t chain, std::size_t first, MatrixRef into) const {
  const auto draws = static_cast<std::size_t>(into.cols());
  const std::lock_guard lock(mutex_);
  const hdf5::ErrorTrap trap;
  std::size_t block = 0;
  try {
    for (; block < stored_.size(); ++block) {
      const Stored& stored = stored_[block];
      const std::size_t size = layout_.block(block).size();
      std::vector<hsize_t> start{chain, first}, count{1, draws};
      start.insert(start.end(), stored.extent.size(), 0);
      count.insert(count.end(), stored.extent.begin(), stored.extent.end());
      const H5::DataSpace file = stored.dataset.getSpace();
      file.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
      const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
      piece_.resize(draws * size);
      stored.dataset.read(piece_.data(), H5::PredType::NATIVE_DOUBLE, memory, file);
      into.middleRows(static_cast<Eigen::Index>(layout_.offset(block)),
                      static_cast<Eigen::Index>(size)) =
          Eigen::Map<const Matrix>(piece_.data(), static_cast<Eigen::Index>(size), into.cols());
    }
  } catch (const H5::Exception&) {
    throw IoError(fmt::format("cannot read '{}' from {}: {}", layout_.block(block).name, where_,
                              trap.reason()));
  }
}

}  // namespace tarn::io
