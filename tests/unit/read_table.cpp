// What a data file means: cells, columns, dialects, several files.
#define BOOST_TEST_MODULE read_table
#include "tarn/io/table_reader.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tarn/error.hpp"
#include "temporary_folder.hpp"

namespace {

using tarn::Column;
using tarn::Table;
using tarn::io::read_table;
using tarn::io::TableOptions;
using Texts = std::vector<std::string>;

constexpr double inf = std::numeric_limits<double>::infinity();

struct Folder : tarn::test::TemporaryFolder {
  Table read(std::string_view text, const TableOptions& options = {},
             std::string_view name = "data.csv") const {
    return *read_table(Texts{write(name, text).string()}, options);
  }
};

/// The cells as text; missing ones as "-".
Texts cells(const Column& column) {
  Texts result;
  for (const std::int32_t code : column.codes) {
    result.push_back(code < 0 ? "-" : column.levels[static_cast<std::size_t>(code)]);
  }
  return result;
}

Texts names(const Table& table) {
  Texts result;
  for (const Column& column : table.columns) result.push_back(column.name);
  return result;
}

void check_equal(const std::vector<double>& found, const std::vector<double>& expected) {
  BOOST_TEST_REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i])) {
      BOOST_TEST(std::isnan(found[i]));
    } else {
      BOOST_TEST(found[i] == expected[i]);
    }
  }
}

std::string gzipped(const std::string& text) {
  z_stream stream = {};
  BOOST_REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) ==
                Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(read_table_tests, Folder)

BOOST_AUTO_TEST_CASE(numbers_become_numbers_and_texts_become_levels_in_order_of_appearance) {
  const Table table = read("y,g\n1.5,b\n-2,a\n3e2,b\n");
  BOOST_TEST(table.rows == 3);
  BOOST_TEST(names(table) == (Texts{"y", "g"}), boost::test_tools::per_element());
  check_equal(table.at("y").numbers, {1.5, -2, 300});
  BOOST_TEST(!table.at("y").is_text);
  BOOST_TEST(table.at("g").is_text);
  BOOST_TEST(table.at("g").levels == (Texts{"b", "a"}), boost::test_tools::per_element());
  BOOST_TEST(cells(table.at("g")) == (Texts{"b", "a", "b"}), boost::test_tools::per_element());
  BOOST_TEST(table.at("g").numbers.empty());
  BOOST_TEST(table.at("y").codes.empty());
}

BOOST_AUTO_TEST_CASE(quotes_may_hold_commas_quotes_and_line_ends) {
  const Table table = read(
      "\"a,1\",b\n\"x,y\",1\n\"say \"\"hi\"\"\",2\n\"two\nlines\",3\n"
      "\"\"\"\",4\n  \"padded\"  ,5\n5\" pipe,6\n");
  BOOST_TEST(cells(table.at("a,1")) ==
                 (Texts{"x,y", "say \"hi\"", "two\nlines", "\"", "padded", "5\" pipe"}),
             boost::test_tools::per_element());
  check_equal(table.at("b").numbers, {1, 2, 3, 4, 5, 6});
}

BOOST_AUTO_TEST_CASE(quoted_numbers_are_numbers) {
  const Table table = read("x,y\n\"12\",\" 1.5 \"\n\"-3\",\"\"\n");
  check_equal(table.at("x").numbers, {12, -3});
  check_equal(table.at("y").numbers, {1.5, NAN});
}

BOOST_AUTO_TEST_CASE(every_line_end_is_understood_even_mixed) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    for (const std::string& last : {std::string(), end}) {
      const Table table = read("x,g" + end + "1,a" + end + "2,b" + last);
      check_equal(table.at("x").numbers, {1, 2});
      BOOST_TEST(cells(table.at("g")) == (Texts{"a", "b"}), boost::test_tools::per_element());
    }
  }
  check_equal(read("x\r1\n2\r\n3\r").at("x").numbers, {1, 2, 3});
}

BOOST_AUTO_TEST_CASE(blank_lines_are_skipped) {
  const Table table = read("\n  \nx,y\n\n1,2\n \t \n\r\n3,4\n\n\n   ");
  check_equal(table.at("x").numbers, {1, 3});
  check_equal(table.at("y").numbers, {2, 4});
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_no_part_of_the_first_name) {
  BOOST_TEST(read("\xEF\xBB\xBFx,y\n1,2\n").find("x") != nullptr);
  BOOST_TEST(read("\xEF\xBB\xBF\"x\",y\n1,2\n").find("x") != nullptr);
}

BOOST_AUTO_TEST_CASE(utf8_passes_through) {
  const Table table = read("größe,g\n1,Zürich\n2,日本語\n3,😀\n");
  BOOST_TEST(table.find("größe") != nullptr);
  BOOST_TEST(cells(table.at("g")) == (Texts{"Zürich", "日本語", "😀"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(missing_cells_are_empty_NA_NaN_or_nan_in_quotes_or_not) {
  const Table table = read("x,g\n,\nNA,NA\nNaN,NaN\nnan,\"NA\"\n \"\" , \n4,na\n");
  check_equal(table.at("x").numbers, {NAN, NAN, NAN, NAN, NAN, 4});
  BOOST_TEST(table.at("x").missing == 5);
  BOOST_TEST(cells(table.at("g")) == (Texts{"-", "-", "-", "-", "-", "na"}),
             boost::test_tools::per_element());
  BOOST_TEST(table.at("g").missing == 5);
}

BOOST_AUTO_TEST_CASE(a_column_without_any_value_is_numeric) {
  const Table table = read("x,y\nNA,1\n,2\n");
  BOOST_TEST(!table.at("x").is_text);
  check_equal(table.at("x").numbers, {NAN, NAN});
  BOOST_TEST(table.at("x").missing == 2);
}

BOOST_AUTO_TEST_CASE(infinite_values_are_kept_as_numbers) {
  check_equal(read("x\nInf\n-Inf\n+inf\nInfinity\n1e999\n-1e999\n1e-999\n").at("x").numbers,
              {inf, -inf, inf, inf, inf, -inf, 0});
}

BOOST_AUTO_TEST_CASE(a_spoiled_column_of_numbers_says_where_its_first_text_stands) {
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{1} << 19}) {
    const Table table = read("x,y\n\"two\nlines\",1\na,2\nb,NA\nc,12kg\nd,3\ne,oops\n",
                             {.columns = {"y"}, .threads = 2, .chunk = chunk});
    const Column& y = table.at("y");
    BOOST_TEST(y.is_text);
    BOOST_TEST(y.number_cells == 3);
    BOOST_TEST(y.missing == 1);
    BOOST_TEST(y.first_text_line == 6);
    BOOST_TEST(y.first_text == "12kg");
    BOOST_TEST(y.first_text_file == (path() / "data.csv").string());
    BOOST_TEST(cells(y) == (Texts{"1", "2", "-", "12kg", "3", "oops"}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(a_text_far_behind_the_first_rows_keeps_every_cell_as_written) {
  std::string text = "x,y\r\n";
  Texts expected;
  for (int i = 0; i < 40000; ++i) {
    expected.push_back(i == 30000 ? "odd" : std::to_string(i % 7) + ".50");
    text += "1," + expected.back() + "\r\n";
  }
  for (const unsigned threads : {1U, 3U}) {
    const Table table = read(text, {.threads = threads, .chunk = 10000});
    BOOST_TEST(cells(table.at("y")) == expected, boost::test_tools::per_element());
    BOOST_TEST(table.at("y").first_text_line == 30002);
    BOOST_TEST(table.at("y").number_cells == 39999);
    BOOST_TEST(table.at("y").levels.size() == 8);
    BOOST_TEST(!table.at("x").is_text);
  }
}

BOOST_AUTO_TEST_CASE(long_identifiers_do_not_collapse) {
  const Table table = read(
      "id,n,x\n9007199254740993,9007199254740992,12345678901234567.0\n"
      "9007199254740992,100000000000000000000,0.12345678901234567\n");
  BOOST_TEST(table.at("id").is_text);
  BOOST_TEST(table.at("id").levels.size() == 2);
  BOOST_TEST(table.at("id").first_text_line == 2);
  BOOST_TEST(table.at("id").first_text == "9007199254740993");
  BOOST_TEST(table.at("id").number_cells == 2);
  check_equal(table.at("n").numbers, {9007199254740992.0, 1e20});
  check_equal(table.at("x").numbers, {12345678901234567.0, 0.12345678901234567});
}

BOOST_AUTO_TEST_CASE(semicolons_and_tabs_separate_where_the_header_says_so) {
  BOOST_TEST(cells(read("g;x\n\"a;b\";1\nc, d;2\n").at("g")) == (Texts{"a;b", "c, d"}),
             boost::test_tools::per_element());
  BOOST_TEST(cells(read("g\tx\na b\t1\n\t2\n").at("g")) == (Texts{"a b", "-"}),
             boost::test_tools::per_element());
  BOOST_TEST(names(read("a\tb,c\n1\t2\n", {}, "data.tsv")) == (Texts{"a", "b,c"}),
             boost::test_tools::per_element());
  BOOST_TEST(names(read("\"a;b;c\",d\n1,2\n")) == (Texts{"a;b;c", "d"}),
             boost::test_tools::per_element());
  check_equal(read("a,b\n1,2\n", {}, "comma.tsv").at("b").numbers, {2});
}

BOOST_AUTO_TEST_CASE(row_names_as_R_writes_them_get_a_name) {
  const Table table = read("\"\",\"x\"\n\"1\",2.5\n\"2\",3.5\n");
  BOOST_TEST(names(table) == (Texts{"row_names", "x"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(only_the_columns_asked_for_are_stored) {
  const Table table = read("a,b,c\n1,\"x\n,y\",3\n4,\"\"\"\",6\n", {.columns = {"c", "a", "c"}});
  BOOST_TEST(names(table) == (Texts{"a", "c"}), boost::test_tools::per_element());
  check_equal(table.at("a").numbers, {1, 4});
  check_equal(table.at("c").numbers, {3, 6});
}

BOOST_AUTO_TEST_CASE(gzip_is_recognised_by_content_and_may_have_several_members) {
  const std::string bytes = gzipped("x,g\n1,a\n2,") + gzipped("b\n") + std::string(512, '\0');
  for (const char* name : {"data.csv.gz", "data.csv"}) {
    const Table table = read(bytes, {}, name);
    check_equal(table.at("x").numbers, {1, 2});
    BOOST_TEST(cells(table.at("g")) == (Texts{"a", "b"}), boost::test_tools::per_element());
  }
  check_equal(read("x\n1\n", {}, "plain.csv.gz").at("x").numbers, {1});
}

BOOST_AUTO_TEST_CASE(standard_input_is_read_from_a_pipe_or_a_file_compressed_or_not) {
  const int kept = dup(STDIN_FILENO);
  const std::string text = "x\n1\n2\n";
  for (const std::string& bytes : {text, gzipped(text)}) {
    int ends[2];
    BOOST_REQUIRE(pipe(ends) == 0);
    BOOST_REQUIRE(::write(ends[1], bytes.data(), bytes.size()) ==
                  static_cast<ssize_t>(bytes.size()));
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    const auto table = read_table(Texts{"-"});
    check_equal(table->at("x").numbers, {1, 2});
    BOOST_TEST(table->source == "standard input");
  }
  const int file = open(TemporaryFolder::write("in.csv", text).c_str(), O_RDONLY);
  dup2(file, STDIN_FILENO);
  close(file);
  check_equal(read_table(Texts{"-"})->at("x").numbers, {1, 2});
  dup2(kept, STDIN_FILENO);
  close(kept);
}

BOOST_AUTO_TEST_CASE(several_files_are_one_table_whatever_the_order_of_their_columns) {
  const Texts files{TemporaryFolder::write("1.csv", "x,g\n1,a\n").string(),
                    TemporaryFolder::write("2.csv", "g;x\n\nb;2\na;3\n").string(),
                    TemporaryFolder::write("3.csv.gz", gzipped("g,x\nc,four\n")).string(),
                    TemporaryFolder::write("4.csv", "x,g").string()};
  const auto table = read_table(files);
  BOOST_TEST(table->rows == 4);
  BOOST_TEST(table->source == "4 files");
  BOOST_TEST(cells(table->at("g")) == (Texts{"a", "b", "a", "c"}),
             boost::test_tools::per_element());
  BOOST_TEST(cells(table->at("x")) == (Texts{"1", "2", "3", "four"}),
             boost::test_tools::per_element());
  BOOST_TEST(table->at("x").first_text_file == files[2]);
  BOOST_TEST(table->at("x").first_text_line == 2);
}

BOOST_AUTO_TEST_CASE(the_digest_is_of_the_bytes_on_disk_in_order) {
  // printf 'x\n1\n' | sha256sum, and the same for 'x\n1\nx\n1\n'.
  const std::string file = TemporaryFolder::write("x.csv", "x\n1\n").string();
  BOOST_TEST(read_table(Texts{file})->sha256 ==
             "daff832f802000e645771a60983c76c963f6ee602a6230e45237bd360e91cc1a");
  BOOST_TEST(read_table(Texts{file, file})->sha256 ==
             "872b50668e37d1805a48da2fbd44eeb63fddf4479ae1e374d241d46dcf34097c");
}

BOOST_AUTO_TEST_CASE(a_file_that_fills_its_last_page_is_read_to_its_end) {
  for (const std::size_t size : {4095U, 4096U, 4097U, 8192U}) {
    std::string text = "x\n";
    while (text.size() + 8 < size) text += "1234567\n";
    text += std::string(size - text.size(), '8');
    const Table table = read(text);
    BOOST_TEST(table.at("x").numbers.back() == std::stod(text.substr(text.rfind('\n'))));
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_column_is_an_error_that_names_the_nearest) {
  const Table table = read("age,weight\n1,2\n");
  BOOST_CHECK_EXCEPTION(table.at("wieght"), tarn::InputError, [](const tarn::InputError& error) {
    return std::string(error.what())
               .find("did you mean 'weight'? its columns are age and weight") != std::string::npos;
  });
  BOOST_CHECK_THROW(read("age,weight\n1,2\n", {.columns = {"height"}}), tarn::InputError);
}

BOOST_AUTO_TEST_SUITE_END()
