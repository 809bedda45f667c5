// One group of a chain file as draws: the layout from its variables and scales, values by the slab.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "chains/checked.hpp"
#include "chains/digests.hpp"
#include "tarn/draws.hpp"

namespace tarn::io {

class StoredDraws final : public Draws {
 public:
  /// Throws H5::Exception, such as Damaged where a variable is not what the format says.
  StoredDraws(const H5::Group& group, std::string where, std::size_t chains, std::size_t draws,
              std::mutex& hdf5);

  /// Extents of all variables over chain and draw.
  std::vector<Extent> extents() const;

  /// From now on what is read is compared with its digests, those of variable `first` and on; there
  /// may be more draws than were known.
  void compare_with(std::shared_ptr<const StoredDigests> digests, std::size_t first,
                    std::size_t draws);

  std::size_t chains() const noexcept override { return chains_; }
  std::size_t draws() const noexcept override { return draws_; }
  const Layout& layout() const noexcept override { return layout_; }
  void read(std::size_t block, std::size_t first, MatrixRef into) const override;
  void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const override;

 private:
  /// Consecutive elements of a block that lie together in whole chunks of the file.
  struct Slab {
    std::size_t first = 0, size = 0;
    std::vector<hsize_t> start, count;  // over the block's own axes
  };

  struct Stored {
    H5::DataSet dataset;
    std::vector<hsize_t> extent, slab;  // own axes
    std::size_t draws;                  // of its extent
    Pieces pieces;
  };

  void add(const H5::Group& group, const std::string& name, const H5::DataSet& dataset,
           const hdf5::Scales& scales, std::map<std::string, Axis>& axes);
  std::size_t covered(std::size_t block, std::size_t piece, std::size_t chain) const;
  void compare(std::size_t block, std::size_t piece, std::size_t chain, std::size_t from,
               const double* values, std::size_t size, std::size_t count, std::size_t stride) const;
  [[noreturn]] void fail(const H5::Exception& error, const hdf5::ErrorTrap& trap,
                         std::size_t block) const;
  void read_rows(std::size_t block, std::size_t chain, std::size_t from, std::size_t to) const;
  bool compared(std::size_t block, std::size_t chain, std::size_t from, std::size_t to) const;
  Slab slab_at(std::size_t block, std::size_t element) const;
  void load(std::size_t block, const Slab& slab, std::size_t first, MatrixRef into) const;

  std::string where_;
  std::size_t chains_, draws_;
  Layout layout_;
  std::vector<Stored> stored_;

  // Reading one element at a time still reads each chunk once.
  std::mutex& mutex_;
  mutable std::vector<double> piece_;
  mutable Matrix kept_;
  mutable std::size_t kept_block_ = 0, kept_first_ = 0;

  std::shared_ptr<const StoredDigests> digests_;  // null: of a file without them
  std::size_t first_variable_ = 0;
  mutable std::vector<bool> compared_;
};

}  // namespace tarn::io
