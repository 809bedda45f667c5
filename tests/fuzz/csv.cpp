// Any bytes as a data file: refused in words, or a table that neither threads nor the pieces that
// are read at a time change. The first two bytes are the options.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "fuzzing.hpp"
#include "tarn/error.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

struct Outcome {
  std::shared_ptr<const tarn::Table> table;
  std::string refusal;
};

Outcome read(const std::string& path, tarn::io::TableOptions options, unsigned threads,
             std::size_t chunk) {
  options.threads = threads;
  options.chunk = chunk;
  const std::string files[] = {path};
  try {
    return {tarn::io::read_table(files, options), ""};
  } catch (const tarn::InputError& error) {
    return {nullptr, error.what()};
  }
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0);
}

bool same(const tarn::Column& a, const tarn::Column& b) {
  const auto same_code = [](const auto& x, const auto& y) {
    return x.code == y.code && x.cells == y.cells && x.stated == y.stated;
  };
  return a.name == b.name && a.is_text == b.is_text && same_bits(a.numbers, b.numbers) &&
         a.codes == b.codes && a.levels == b.levels && a.missing == b.missing &&
         a.number_cells == b.number_cells && a.first_text_line == b.first_text_line &&
         a.first_text == b.first_text &&
         std::ranges::equal(a.missing_codes, b.missing_codes, same_code);
}

/// Each cell has a value or is counted as missing.
bool is_whole(const tarn::Column& column, std::size_t rows) {
  std::size_t missing = 0;
  for (const double number : column.numbers) missing += number != number ? 1 : 0;
  for (const std::int32_t code : column.codes) {
    if (code >= static_cast<std::int32_t>(column.levels.size())) return false;
    missing += code < 0 ? 1 : 0;
  }
  return missing == column.missing &&
         (column.is_text ? column.codes.size() : column.numbers.size()) == rows;
}

void require_same(const tarn::Table& a, const tarn::Table& b, std::string_view property) {
  tarn::fuzz::require(a.rows == b.rows && std::ranges::equal(a.columns, b.columns, same), property);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tarn::fuzz::require;
  if (size < 2) return 0;
  tarn::io::TableOptions options;
  options.decimal = (data[0] & 1) != 0 ? ',' : '.';
  options.comment = (data[0] & 2) != 0 ? '#' : '\0';
  options.skip = data[0] >> 2 & 3;
  options.encoding = static_cast<tarn::io::Encoding>((data[0] >> 4 & 3) % 3);
  if ((data[0] & 64) != 0) options.missing = {{"-999", "none"}, (data[0] & 128) != 0};
  const std::size_t chunk = data[1] + std::size_t{1};

  const tarn::fuzz::File file(tarn::fuzz::text_of(data + 2, size - 2));
  const Outcome whole = read(file.path(), options, 1, std::size_t{1} << 19);
  const Outcome pieces = read(file.path(), options, 1, chunk);
  const Outcome threads = read(file.path(), options, 3, chunk);
  tarn::fuzz::require_equal(pieces.refusal, threads.refusal, "threads refuse in the same words");
  // Of two faults in one piece, that of its characters or quotes is told, not the first.
  require(!whole.table == !pieces.table, "pieces are refused as the whole is");
  if (!whole.table) return 0;
  require_same(*whole.table, *pieces.table, "pieces are read as the whole");
  require_same(*pieces.table, *threads.table, "threads read the same");
  for (const tarn::Column& column : whole.table->columns) {
    require(is_whole(column, whole.table->rows), "each cell is there or missing");
  }
  return 0;
}
