// The stored draws of a fit, read one variable at a time.
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
};

}  // namespace tarn
