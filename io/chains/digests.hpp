// CRC-32 of the draws that are in a file, in pieces that are read together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <H5Cpp.h>

#include "chains/schema.hpp"
#include "tarn/vector.hpp"

namespace tarn::io {

/// The elements of a draw of one variable in runs that lie together in a chunk.
class Pieces {
 public:
  explicit Pieces(const Extent& extent);  // (chain, draw, own ...)

  std::size_t count() const { return outer_ * each_; }
  std::size_t elements() const { return outer_ * run_; }

  /// The piece that holds an element; its first element, and how many it has.
  std::size_t of(std::size_t element) const;
  std::size_t first(std::size_t piece) const;
  std::size_t size(std::size_t piece) const;

 private:
  std::size_t outer_ = 1, run_ = 1, step_ = 1, each_ = 1;
};

/// Where the digest of each piece stands in a chain's row: block of draws, variable, piece.
class DigestPlan {
 public:
  /// All variables over chain and draw: of the posterior, then of the statistics.
  DigestPlan(std::size_t draws, const std::vector<Extent>& variables);

  std::size_t draws() const { return draws_; }
  std::size_t block_length() const { return block_length_; }
  std::size_t blocks() const { return blocks_; }
  std::size_t per_block() const { return per_block_; }
  std::size_t length() const { return blocks_ * per_block_; }  // of a chain's row
  std::size_t draws_of(std::size_t block) const;               // when it is complete

  const Pieces& pieces(std::size_t variable) const { return pieces_[variable]; }
  std::size_t index(std::size_t block, std::size_t variable, std::size_t piece) const {
    return block * per_block_ + offsets_[variable] + piece;
  }

 private:
  std::size_t draws_, block_length_, blocks_, per_block_ = 0;
  std::vector<Pieces> pieces_;
  std::vector<std::size_t> offsets_;
};

/// A digest as it is stored: how many draws of the block it covers, and their CRC-32. Below 2^53,
/// so that no reader loses digits.
struct PieceDigest {
  std::size_t draws = 0;
  std::uint32_t crc = 0;

  std::int64_t stored() const;
  static PieceDigest of(std::int64_t stored);
};

/// Goes on with a CRC-32 over `size` numbers of each of `count` draws, which begin `stride` apart.
std::uint32_t crc_of(std::uint32_t before, const double* numbers, std::size_t size,
                     std::size_t count, std::size_t stride);

/// Digests of draws that arrive in order within each chain.
class RunningDigests {
 public:
  RunningDigests(DigestPlan plan, std::size_t chains);

  const DigestPlan& plan() const { return plan_; }

  /// Draws first .. first + theta.cols() - 1 of a chain, which must go on where it stopped. Column:
  /// a draw; `offsets`: of each variable of the posterior in it. A row of `statistics`: one of
  /// them.
  void add(std::size_t chain, std::size_t first, ConstMatrixRef theta,
           const std::vector<std::size_t>& offsets, ConstMatrixRef statistics);

  /// Writes those that are not written yet.
  void write(const H5::DataSet& dataset);

 private:
  struct Chain {
    std::vector<std::uint32_t> crc;     // of the block that fills
    std::size_t first_block = 0;        // of those that are not written
    std::vector<std::int64_t> waiting;  // whole blocks of digests
  };

  DigestPlan plan_;
  std::vector<Chain> chains_;
};

/// Digests as they were in a file when it was opened.
class StoredDigests {
 public:
  /// `stored`: the rows of all chains, one after the other.
  StoredDigests(DigestPlan plan, std::vector<std::int64_t> stored);

  const DigestPlan& plan() const { return plan_; }

  /// Draws of a chain, from its first, that all digests cover.
  std::size_t draws(std::size_t chain) const;

  std::size_t index(std::size_t chain, std::size_t block, std::size_t variable,
                    std::size_t piece) const {
    return chain * plan_.length() + plan_.index(block, variable, piece);
  }
  std::size_t size() const { return stored_.size(); }
  PieceDigest at(std::size_t index) const { return PieceDigest::of(stored_[index]); }

 private:
  DigestPlan plan_;
  std::vector<std::int64_t> stored_;
};

}  // namespace tarn::io
