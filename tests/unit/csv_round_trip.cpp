// Random tables, written in random dialects, are read back equal, however they are cut.
#define BOOST_TEST_MODULE csv_round_trip
#include <array>
#include <charconv>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tarn/io/table_reader.hpp"
#include "temporary_folder.hpp"

namespace {

using Random = std::mt19937_64;
using Texts = std::vector<std::string>;

struct Written {
  Texts names;
  std::vector<std::vector<double>> numbers;  // one column each; empty for texts
  std::vector<Texts> texts;                  // empty for numbers; "" is missing
  std::string csv;
};

std::size_t up_to(Random& random, std::size_t most) { return random() % (most + 1); }

std::string random_text(Random& random) {
  static const std::array<std::string, 16> parts = {"a", "b",  "Z", "\"", ",", "\n", "\r\n", "\r",
                                                    ";", "\t", "ü", "日", "😀", "12", ".5",   " "};
  std::string text = "x";  // never a number, never missing, no blank at the ends
  for (std::size_t i = up_to(random, 12); i > 0; --i) text += parts[up_to(random, 15)];
  return text + "y";
}

std::string in_quotes(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) result += c == '"' ? "\"\"" : std::string(1, c);
  return result + "\"";
}

std::string printed(double value, Random& random) {
  if (std::isnan(value)) return std::array<std::string, 3>{"", "NA", "nan"}[up_to(random, 2)];
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

Written random_table(Random& random) {
  static const std::array<std::string, 3> line_ends = {"\n", "\r\n", "\r"};
  const std::string separator(1, ",;\t"[up_to(random, 2)]);
  const std::size_t columns = 1 + up_to(random, 4), rows = 1 + up_to(random, 60);
  Written table;
  table.numbers.resize(columns);
  table.texts.resize(columns);
  if (random() % 2) table.csv += "\xEF\xBB\xBF";
  const std::string header_end = line_ends[up_to(random, 2)];
  for (std::size_t j = 0; j < columns; ++j) {
    table.names.push_back("column_" + std::to_string(j));
    table.csv += (j ? separator : "") + table.names.back();
  }
  table.csv += header_end;
  std::vector<bool> is_text;
  for (std::size_t j = 0; j < columns; ++j) is_text.push_back(random() % 2);
  const bool mixed = random() % 2;
  std::normal_distribution<double> normal(0, 100);
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      if (j) table.csv += separator;
      std::string cell;
      if (is_text[j]) {
        // The last row is a text, late enough to spoil what looked like numbers.
        const bool number = i + 1 < rows && random() % 8 != 0 && random() % 2;
        std::string text = number ? std::to_string(up_to(random, 20)) : random_text(random);
        table.texts[j].push_back(text);
        cell = in_quotes(text);
      } else {
        table.numbers[j].push_back(random() % 6 ? normal(random) : NAN);
        cell = printed(table.numbers[j].back(), random);
        if (cell.empty() && columns == 1) cell = "NA";  // else a blank line
        if (random() % 4 == 0) cell = in_quotes(cell);
        if (random() % 8 == 0) cell = " " + cell + " ";
      }
      table.csv += cell;
    }
    if (i + 1 < rows || random() % 2) {
      table.csv += mixed ? line_ends[up_to(random, 2)] : header_end;
    }
    if (random() % 8 == 0) table.csv += header_end;
  }
  return table;
}

void check(const Written& written, const tarn::Table& read, const std::string& context) {
  BOOST_TEST_REQUIRE(read.columns.size() == written.names.size(), context);
  for (std::size_t j = 0; j < written.names.size(); ++j) {
    const tarn::Column& column = read.columns[j];
    BOOST_TEST_REQUIRE(column.name == written.names[j]);
    BOOST_TEST_REQUIRE(column.is_text == !written.texts[j].empty(), context);
    if (column.is_text) {
      Texts found;
      for (const std::int32_t code : column.codes) {
        found.push_back(column.levels[static_cast<std::size_t>(code)]);
      }
      BOOST_TEST_REQUIRE((found == written.texts[j]), context);
      continue;
    }
    BOOST_TEST_REQUIRE(column.numbers.size() == written.numbers[j].size(), context);
    for (std::size_t i = 0; i < column.numbers.size(); ++i) {
      const double expected = written.numbers[j][i], found = column.numbers[i];
      BOOST_TEST_REQUIRE((std::isnan(expected) ? std::isnan(found) : found == expected), context);
    }
  }
}

void check_equal(const tarn::Table& a, const tarn::Table& b, const std::string& context) {
  for (std::size_t j = 0; j < a.columns.size(); ++j) {
    const tarn::Column &x = a.columns[j], &y = b.columns[j];
    BOOST_TEST_REQUIRE((x.codes == y.codes && x.levels == y.levels && x.missing == y.missing &&
                        x.number_cells == y.number_cells &&
                        x.first_text_line == y.first_text_line && x.first_text == y.first_text),
                       context);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_tables_are_read_back_equal_for_any_threads_and_chunks) {
  const tarn::test::TemporaryFolder folder;
  Random random(3);
  for (int repeat = 0; repeat < 400; ++repeat) {
    const Written written = random_table(random);
    const Texts file{folder.write("data.csv", written.csv).string()};
    const auto whole = tarn::io::read_table(file, {.columns = {}, .threads = 1, .chunk = 1 << 20});
    check(written, *whole, written.csv);
    for (const unsigned threads : {1U, 2U, 4U}) {
      for (const std::size_t chunk : {1U, 2U, 5U, 16U, 64U, 300U}) {
        const auto cut =
            tarn::io::read_table(file, {.columns = {}, .threads = threads, .chunk = chunk});
        check(written, *cut, written.csv);
        check_equal(*whole, *cut, written.csv);
      }
    }
  }
}
