// The rows of a table that a design uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tarn/table.hpp"

namespace tarn::formula {

/// Expressions are evaluated by runs of at most so many rows, which stay in the nearest cache.
constexpr std::size_t chunk_rows = 1024;

class Frame {
 public:
  explicit Frame(std::shared_ptr<const Table> table);

  std::size_t count() const noexcept { return count_; }
  bool is_whole() const noexcept { return whole_; }
  const Table& table() const noexcept { return *table_; }

  /// Row of the table, from 0, of the i-th row used.
  std::size_t row(std::size_t i) const noexcept { return whole_ ? i : kept_[i]; }

  /// Drops the rows in which one of these columns is missing.
  void drop_missing(std::span<const Column* const> columns);

  /// Keeps the used rows for which `keep` is not 0; one entry for each used row.
  void keep_only(const std::vector<char>& keep);

  /// Where a run of numbers lies in one piece, its place; else nullptr.
  const double* place(const Column& column, std::size_t first) const noexcept {
    return whole_ ? column.numbers.data() + first : nullptr;
  }

  void copy(const Column& column, std::size_t first, std::size_t count, double* out) const;

 private:
  std::shared_ptr<const Table> table_;
  std::vector<std::uint32_t> kept_;
  bool whole_ = true;
  std::size_t count_;
};

}  // namespace tarn::formula
