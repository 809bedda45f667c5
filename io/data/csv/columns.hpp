// Pieces to the columns of a table.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "data/csv/dictionary.hpp"
#include "data/csv/piece.hpp"
#include "data/csv/stream.hpp"
#include "tarn/table.hpp"

namespace tarn::io::csv {

/// Grows by whole pieces, in order.
class Columns {
 public:
  Columns(const std::vector<std::string>& names, std::span<const Shard> shards, const Rules& rules);

  void append(const Piece& piece);

  /// Forgets the columns that were read as numbers and are not, and says what must be read again:
  /// these as text, the others not at all. Empty if all is well.
  std::vector<Kind> spoiled();

  std::vector<Column> finish() &&;

 private:
  struct Growing {
    Column column;
    Dictionary<std::string> levels;
    std::vector<char> level_is_number = {};
    bool spoiled = false;
    struct Place {
      const char* at = nullptr;
      std::size_t source = 0;
    };
    Place first_text, first_label;
  };

  void append_numbers(const PieceColumn& cells, const Piece& piece, Growing& to) const;
  void append_codes(const PieceColumn& cells, const Piece& piece, Growing& to) const;
  void count_codes(const PieceColumn& cells, Column& column) const;

  /// Rows of all shards together, if all are like this piece.
  std::size_t expected_rows(const Piece& piece) const noexcept;

  std::span<const Shard> shards_;
  const Rules& rules_;
  std::size_t bytes_ = 0;
  std::vector<Growing> columns_;
};

}  // namespace tarn::io::csv
