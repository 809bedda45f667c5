// The stored draws of a fit, read by variables or by runs of draws.
#pragma once

#include <cstddef>

#include "tarn/layout.hpp"
#include "tarn/vector.hpp"

namespace tarn {

class Draws {
 public:
  virtual ~Draws();

  virtual std::size_t chains() const noexcept = 0;
  virtual std::size_t draws() const noexcept = 0;  // per chain
  virtual const Layout& layout() const noexcept = 0;

  /// Elements first .. first + into.cols() - 1 of a block. A column holds one scalar parameter:
  /// all draws of chain 0, then of chain 1, ... (chains x draws rows).
  virtual void read(std::size_t block, std::size_t first, MatrixRef into) const = 0;

  /// Whole draws first .. first + into.cols() - 1 of a chain. A column is one draw, layout().size()
  /// long. Cheapest for runs of `batch_length(draws())` draws that start at a multiple of it.
  virtual void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const = 0;
};

}  // namespace tarn
