// Pieces to the columns of a table.
#include "data/csv/columns.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "data/csv/number.hpp"
#include "data/csv/record.hpp"
#include "tarn/index.hpp"

namespace tarn::io::csv {

Columns::Columns(const std::vector<std::string>& names, std::span<const Shard> shards,
                 const Rules& rules)
    : shards_(shards), rules_(rules), columns_(names.size()) {
  for (std::size_t i = 0; i < names.size(); ++i) columns_[i].column.name = names[i];
  for (const Shard& shard : shards) bytes_ += shard.body.size();
}

void Columns::append(const Piece& piece) {
  if (piece.rows == 0) return;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const PieceColumn& cells = piece.columns[i];
    Growing& to = columns_[i];
    if (cells.kind == Kind::skipped) continue;
    to.column.missing += cells.missing;
    if (cells.first_text && !to.first_text.at) to.first_text = {cells.first_text, piece.source};
    if (cells.first_label && !to.first_label.at) to.first_label = {cells.first_label, piece.source};
    to.spoiled |= cells.spoiled;
    if (cells.kind == Kind::number) append_numbers(cells, piece, to);
    if (cells.kind == Kind::text) append_codes(cells, piece, to);
  }
}

void Columns::append_numbers(const PieceColumn& cells, const Piece& piece, Growing& to) const {
  std::vector<double>& numbers = to.column.numbers;
  if (to.spoiled) return;
  if (numbers.empty()) numbers.reserve(expected_rows(piece));
  numbers.insert(numbers.end(), cells.numbers.begin(), cells.numbers.begin() + piece.rows);
  if (!rules_.missing.has_numbers()) return;
  for (auto value = numbers.end() - as_index(piece.rows); value != numbers.end(); ++value) {
    if (!rules_.missing.contains(*value)) continue;
    *value = std::numeric_limits<double>::quiet_NaN();
    ++to.column.missing;
  }
}

void Columns::append_codes(const PieceColumn& cells, const Piece& piece, Growing& to) const {
  std::vector<std::int32_t> global(cells.levels.size());  // codes of the piece's levels
  bool any_number = false;
  constexpr std::size_t ahead = 8;
  for (std::size_t i = 0; i < global.size(); ++i) {
    if (i + ahead < global.size()) to.levels.prefetch(cells.levels.level_hash(i + ahead));
    const std::string_view level = cells.levels.level(i);
    global[i] = to.levels.code(level, cells.levels.level_hash(i));
    if (to.level_is_number.size() < to.levels.size()) {
      double number;
      to.level_is_number.push_back(read_cell(level, number, rules_) != Meaning::text);
    }
    any_number |= to.level_is_number[as_size(global[i])] != 0;
  }
  to.column.is_text = true;
  count_codes(cells, to.column);
  std::vector<std::int32_t>& codes = to.column.codes;
  if (codes.empty()) codes.reserve(expected_rows(piece));
  const auto first = cells.codes.begin(), last = first + piece.rows;
  std::transform(first, last, std::back_inserter(codes),
                 [&global](std::int32_t local) { return local < 0 ? -1 : global[as_size(local)]; });
  if (!any_number) return;
  to.column.number_cells += std::count_if(codes.end() - piece.rows, codes.end(), [&](auto code) {
    return code >= 0 && to.level_is_number[as_size(code)];
  });
}

void Columns::count_codes(const PieceColumn& cells, Column& column) const {
  for (const auto& [code, count] : cells.missing_codes) {
    const auto known = std::ranges::find(column.missing_codes, code, &Column::MissingCode::code);
    if (known != column.missing_codes.end()) {
      known->cells += count;
    } else {
      column.missing_codes.push_back({code, count, rules_.missing.states(code)});
    }
  }
}

std::size_t Columns::expected_rows(const Piece& piece) const noexcept {
  const double by_byte = static_cast<double>(piece.rows) / static_cast<double>(piece.bytes);
  return piece.rows + static_cast<std::size_t>(1.02 * by_byte * static_cast<double>(bytes_));
}

std::vector<Kind> Columns::spoiled() {
  std::vector<Kind> again(columns_.size(), Kind::skipped);
  bool any = false;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (!columns_[i].spoiled) continue;
    Growing fresh;
    fresh.column.name = std::move(columns_[i].column.name);
    columns_[i] = std::move(fresh);
    again[i] = Kind::text;
    any = true;
  }
  if (!any) again.clear();
  return again;
}

std::vector<Column> Columns::finish() && {
  std::vector<Column> finished;
  for (Growing& growing : columns_) {
    Column& column = finished.emplace_back(std::move(growing.column));
    column.levels = std::move(growing.levels).take_levels();
    const Growing::Place& first = growing.first_text.at ? growing.first_text : growing.first_label;
    if (!column.is_text || !first.at) continue;
    const Shard& shard = shards_[first.source];
    std::string scratch;
    const char* const end = shard.body.data() + shard.body.size();
    column.first_text = undoubled(read_field(first.at, end, shard.format.separator), scratch);
    column.first_text_line = line_of(shard.source->text.view(), first.at);
    column.first_text_file = shard.source->path;
  }
  return finished;
}

}  // namespace tarn::io::csv
