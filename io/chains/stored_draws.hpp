// One group of a chain file as draws: the layout from its variables and scales, values by the slab.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "chains/hdf5.hpp"
#include "tarn/draws.hpp"
#include "tarn/error.hpp"

namespace tarn::io {

class StoredDraws final : public Draws {
 public:
  /// Throws H5::Exception, or InputError where a variable is not what the format says.
  StoredDraws(const H5::Group& group, std::string where, std::size_t chains, std::size_t draws,
              std::mutex& hdf5);

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
  };

  void add(const H5::Group& group, const std::string& name, const H5::DataSet& dataset,
           const hdf5::Scales& scales, std::map<std::string, Axis>& axes);
  InputError damaged(const std::string& name, const std::string& how) const;
  Slab slab_at(std::size_t block, std::size_t element) const;
  void load(std::size_t block, const Slab& slab, std::size_t first, MatrixRef into) const;

  std::string where_;
  std::size_t chains_, draws_;
  Layout layout_;
  std::vector<Stored> stored_;

  // Whoever asks for one element at a time still reads each chunk once.
  std::mutex& mutex_;
  mutable std::vector<double> piece_;
  mutable Matrix kept_;
  mutable std::size_t kept_block_ = 0, kept_first_ = 0;
};

}  // namespace tarn::io
