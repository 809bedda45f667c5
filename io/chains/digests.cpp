// CRC-32 of the draws that are in a file, in pieces that are read together.
#include "chains/digests.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

#include <zlib.h>

#include "tarn/runtime.hpp"

namespace tarn::io {

Pieces::Pieces(const Extent& extent) {
  Extent chunk = chunk_of(extent);
  if (chunk.empty()) chunk = extent;
  std::size_t split = 2;
  while (split + 1 < extent.size() && chunk[split] == 1) ++split;
  if (split >= extent.size()) return;  // a scalar
  const auto product = [&extent](std::size_t from, std::size_t to) {
    return std::accumulate(extent.begin() + as_index(from), extent.begin() + as_index(to),
                           std::size_t{1}, std::multiplies<>());
  };
  const std::size_t inner = product(split + 1, extent.size());
  outer_ = product(2, split);
  run_ = extent[split] * inner;
  step_ = chunk[split] * inner;
  each_ = (extent[split] + chunk[split] - 1) / chunk[split];
}

std::size_t Pieces::of(std::size_t element) const {
  return element / run_ * each_ + element % run_ / step_;
}

std::size_t Pieces::first(std::size_t piece) const {
  return piece / each_ * run_ + piece % each_ * step_;
}

std::size_t Pieces::size(std::size_t piece) const {
  return std::min(step_, run_ - piece % each_ * step_);
}

DigestPlan::DigestPlan(std::size_t draws, const std::vector<Extent>& variables)
    : draws_(draws),
      block_length_(batch_length(draws)),
      blocks_((draws + block_length_ - 1) / block_length_) {
  for (const Extent& extent : variables) {
    offsets_.push_back(per_block_);
    per_block_ += pieces_.emplace_back(extent).count();
  }
}

std::size_t DigestPlan::draws_of(std::size_t block) const {
  return std::min(block_length_, draws_ - block * block_length_);
}

std::int64_t PieceDigest::stored() const {
  return static_cast<std::int64_t>((std::uint64_t{draws} << 32) | crc);
}

PieceDigest PieceDigest::of(std::int64_t stored) {
  if (stored < 0) return {};  // not written yet
  const auto bits = static_cast<std::uint64_t>(stored);
  return {as_size(bits >> 32), static_cast<std::uint32_t>(bits)};
}

std::uint32_t crc_of(std::uint32_t before, const double* numbers, std::size_t size,
                     std::size_t count, std::size_t stride) {
  if (size == stride) {
    size *= count;
    count = 1;
  }
  uLong crc = before;
  for (std::size_t i = 0; i < count; ++i) {
    crc =
        ::crc32_z(crc, reinterpret_cast<const Bytef*>(numbers + i * stride), size * sizeof(double));
  }
  return static_cast<std::uint32_t>(crc);
}

RunningDigests::RunningDigests(DigestPlan plan, std::size_t chains)
    : plan_(std::move(plan)), chains_(chains) {
  for (Chain& chain : chains_) chain.crc.assign(plan_.per_block(), 0);
}

void RunningDigests::add(std::size_t number, std::size_t first, ConstMatrixRef theta,
                         const std::vector<std::size_t>& offsets, ConstMatrixRef statistics) {
  Chain& chain = chains_[number];
  const std::size_t row = plan_.per_block();
  const auto end = first + as_size(theta.cols());
  std::vector<double> values;
  for (std::size_t draw = first; draw < end;) {
    const std::size_t block = draw / plan_.block_length(), start = block * plan_.block_length();
    const std::size_t stop = std::min(end, start + plan_.draws_of(block));
    const auto column = as_index(draw - first);
    if (draw == start) std::ranges::fill(chain.crc, 0U);
    for (std::size_t v = 0; v < offsets.size(); ++v) {
      const Pieces& pieces = plan_.pieces(v);
      for (std::size_t piece = 0; piece < pieces.count(); ++piece) {
        std::uint32_t& crc = chain.crc[plan_.index(0, v, piece)];
        crc = crc_of(crc, theta.col(column).data() + offsets[v] + pieces.first(piece),
                     pieces.size(piece), stop - draw, as_size(theta.outerStride()));
      }
    }
    for (Eigen::Index s = 0; s < statistics.rows(); ++s) {
      values.clear();
      for (std::size_t d = draw; d < stop; ++d) {
        values.push_back(statistics(s, as_index(d - first)));
      }
      std::uint32_t& crc = chain.crc[plan_.index(0, offsets.size() + as_size(s), 0)];
      crc = crc_of(crc, values.data(), values.size(), 1, values.size());
    }
    if (chain.waiting.empty()) chain.first_block = block;
    chain.waiting.resize((block - chain.first_block + 1) * row);
    auto into = chain.waiting.end() - as_index(row);
    for (const std::uint32_t crc : chain.crc) *into++ = PieceDigest{stop - start, crc}.stored();
    draw = stop;
  }
}

void RunningDigests::write(const H5::DataSet& dataset) {
  const std::size_t row = plan_.per_block();
  for (std::size_t number = 0; number < chains_.size(); ++number) {
    Chain& chain = chains_[number];
    if (chain.waiting.empty()) continue;
    const hsize_t start[] = {number, chain.first_block * row}, count[] = {1, chain.waiting.size()};
    const H5::DataSpace target = dataset.getSpace();
    target.selectHyperslab(H5S_SELECT_SET, count, start);
    dataset.write(chain.waiting.data(), H5::PredType::NATIVE_INT64, H5::DataSpace(2, count),
                  target);
    chain.waiting.clear();  // what a block lacks comes with all of its digests again
  }
}

StoredDigests::StoredDigests(DigestPlan plan, std::vector<std::int64_t> stored)
    : plan_(std::move(plan)), stored_(std::move(stored)) {}

std::size_t StoredDigests::draws(std::size_t chain) const {
  std::size_t total = 0;
  for (std::size_t block = 0; block < plan_.blocks(); ++block) {
    const std::size_t whole = plan_.draws_of(block), from = chain * plan_.length();
    std::size_t covered = whole;
    for (std::size_t i = 0; i < plan_.per_block(); ++i) {
      const std::size_t here = at(from + block * plan_.per_block() + i).draws;
      covered = std::min(covered, here > whole ? 0 : here);
    }
    total += covered;
    if (covered < whole) break;
  }
  return total;
}

}  // namespace tarn::io
