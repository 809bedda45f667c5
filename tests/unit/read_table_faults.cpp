// What is wrong with a data file, in words.
#define BOOST_TEST_MODULE read_table_faults
#include <zlib.h>

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tarn/error.hpp"
#include "tarn/io/table_reader.hpp"
#include "temporary_folder.hpp"

namespace {

using tarn::ExitCode;
using tarn::io::read_table;
using tarn::io::TableOptions;
using Texts = std::vector<std::string>;

/// The sentence, with the folder's path taken out.
std::string refusal(const tarn::test::TemporaryFolder& folder, const Texts& files,
                    const TableOptions& options = {}) {
  Texts paths;
  for (const std::string& file : files) {
    paths.push_back(file == "-" ? file : (folder.path() / file).string());
  }
  try {
    read_table(paths, options);
  } catch (const tarn::InputError& error) {
    std::string sentence = error.what();
    const std::string prefix = folder.path().string() + "/";
    for (std::size_t at; (at = sentence.find(prefix)) != std::string::npos;) {
      sentence.erase(at, prefix.size());
    }
    return sentence;
  }
  return "no refusal";
}

struct Case {
  std::string text;
  std::string sentence;
};

using namespace std::string_literals;
const std::vector<Case> cases{
    {"", "'data.csv' is empty; it needs a header line and rows"},
    {"\xEF\xBB\xBF", "'data.csv' holds only blank lines; it needs a header line and rows"},
    {" \n\r\n", "'data.csv' holds only blank lines; it needs a header line and rows"},
    {"x,y\n", "'data.csv' has a header line but no rows"},
    {"x,y", "'data.csv' has a header line but no rows"},
    {"1,2\n3,4\n",
     "the first line of 'data.csv' holds numbers, not column names; add a header line"},
    {"x,y,x\n1,2,3\n", "'data.csv' has two columns named 'x' (columns 1 and 3); rename one"},
    {"x,,z\n1,2,3\n", "column 2 of 'data.csv' has no name; name it in the header line"},
    {"x,y,\n1,2,3\n",
     "line 2 of 'data.csv' has a value in column 3, which has no name; name it in the header line"},
    {"x,y,\n1,2,\n3,4,,\n",
     "line 3 of 'data.csv' has 4 fields, but the header line has 3; a cell that holds the "
     "separator "
     "must stand in quotes"},
    {",row_names\n1,2\n",
     "'data.csv' has two columns named 'row_names' (columns 1 and 2); rename one"},
    {"x,y\n1,2\n\n3\n5,6\n",
     "line 4 of 'data.csv' has 1 field, but the header line has 2; a cell that holds the separator "
     "must stand in quotes"},
    {"x,y\r\n\"a\r\nb\",2\r\n3,4,\"5,6\",7\r\n",
     "line 4 of 'data.csv' has 4 fields, but the header line has 2; a cell that holds the "
     "separator must stand in quotes"},
    {"x,y\r1,2\r3,4,\r",
     "line 3 of 'data.csv' has 3 fields, but the header line has 2; a cell that holds the "
     "separator must stand in quotes"},
    {"x,y\n1,2\n3,4\n5,\"six\n7,8\n9,10\n",
     "line 4 of 'data.csv' opens a quote that is never closed; close it, or write \"\" for a quote "
     "in a cell"},
    {"x,\"y\n1,2\n",
     "line 1 of 'data.csv' opens a quote that is never closed; close it, or write \"\" for a quote "
     "in a cell"},
    {"x,y\n1,\"a\"b\n",
     "line 2 of 'data.csv' has text after a closing quote; write \"\" for a quote in a quoted "
     "cell"},
    {"x,y\n1,a\n2,b\xE9\x62\n",
     "line 3 of 'data.csv' is not UTF-8 (byte 0xE9); save the file as UTF-8, or say what it is: "
     "--encoding windows-1252 or --encoding latin1"},
    {"x,y\n1,\xC0\xAF\n",
     "line 2 of 'data.csv' is not UTF-8 (byte 0xC0); save the file as UTF-8, or say what it is: "
     "--encoding windows-1252 or --encoding latin1"},
    {"x,y\n1,\xED\xA0\x80\n",
     "line 2 of 'data.csv' is not UTF-8 (byte 0xED); save the file as UTF-8, or say what it is: "
     "--encoding windows-1252 or --encoding latin1"},
    {"x,y\xFF\n1,2\n",
     "line 1 of 'data.csv' is not UTF-8 (byte 0xFF); save the file as UTF-8, or say what it is: "
     "--encoding windows-1252 or --encoding latin1"},
    {"x\n1\n\0\n"s,
     "'data.csv' is a binary file (it holds NUL bytes); tarn reads CSV as text in UTF-8"},
    {"x\n"s + std::string(70000, '\n') + "\0\n"s,
     "line 70002 of 'data.csv' holds a NUL byte; tarn reads CSV as text in UTF-8"},
    {"\xFF\xFEx\0\n\0"s, "'data.csv' is not a text file but UTF-16; save it as UTF-8"},
    {"PK\x03\x04...",
     "'data.csv' is not a text file but a zip archive or a spreadsheet; export it as CSV"},
};

std::string gzipped(const tarn::test::TemporaryFolder& folder, const std::string& text) {
  const std::string path = (folder.path() / "written.gz").string();
  const gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(read_table_faults, tarn::test::TemporaryFolder)

BOOST_AUTO_TEST_CASE(each_fault_is_one_sentence_with_its_line) {
  for (const auto& [text, sentence] : cases) {
    write("data.csv", text);
    for (const unsigned threads : {1U, 2U}) {
      for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 19}) {
        const TableOptions options{.columns = {}, .threads = threads, .chunk = chunk};
        BOOST_TEST(refusal(*this, {"data.csv"}, options) == sentence);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(faults_are_found_in_columns_that_are_not_stored) {
  write("data.csv", "x,y\n1,2\n3\n");
  BOOST_TEST(refusal(*this, {"data.csv"}, {.columns = {"x"}}).starts_with("line 3"));
  write("data.csv", "x,y\n1,2\n3,\"4\"5\n");
  BOOST_TEST(refusal(*this, {"data.csv"}, {.columns = {"x"}}).starts_with("line 3"));
}

BOOST_AUTO_TEST_CASE(of_several_faults_the_first_is_reported_for_any_number_of_threads) {
  std::string text = "x,y\n";
  for (int i = 0; i < 20000; ++i) text += i % 5000 == 4999 ? "1\n" : "1,2\n";
  write("data.csv", text);
  for (const unsigned threads : {1U, 2U, 5U}) {
    for (int repeat = 0; repeat < 20; ++repeat) {
      BOOST_TEST(refusal(*this, {"data.csv"}, {.columns = {}, .threads = threads, .chunk = 100})
                     .starts_with("line 5001 of"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_an_input_error_with_the_nearest_name) {
  write("radon.csv", "x\n1\n");
  BOOST_TEST(refusal(*this, {"raddon.csv"}) ==
             "there is no file 'raddon.csv'; did you mean 'radon.csv'?");
  BOOST_TEST(refusal(*this, {"quite_different.txt"}) ==
             "there is no file 'quite_different.txt'; check its name and folder");
  BOOST_TEST(refusal(*this, {"nowhere/radon.csv"}) ==
             "there is no file 'nowhere/radon.csv': there is no folder 'nowhere'");
  try {
    read_table(Texts{"/nowhere/at/all.csv"});
    BOOST_ERROR("no refusal");
  } catch (const tarn::Error& error) {
    BOOST_TEST((error.code() == ExitCode::input));
  }
}

BOOST_AUTO_TEST_CASE(folders_and_doubled_standard_input_are_refused) {
  std::filesystem::create_directory(path() / "data");
  BOOST_TEST(refusal(*this, {"data"}) == "'data' is a folder; name the data file in it");
  BOOST_TEST(refusal(*this, {"-", "-"}) ==
             "standard input (-) is named more than once; it can be read only once");
  BOOST_TEST(refusal(*this, {}) ==
             "no data file is named; name a .csv file, or - for standard input");
}

BOOST_AUTO_TEST_CASE(files_with_different_columns_are_no_table) {
  write("a.csv", "x,y\n1,2\n");
  write("b.csv", "y\n1\n");
  write("c.csv", "y,x,z\n1,2,3\n");
  BOOST_TEST(refusal(*this, {"a.csv", "b.csv"}) ==
             "column 'x' is in 'a.csv' but not in 'b.csv'; files read as one table must have the "
             "same columns");
  BOOST_TEST(refusal(*this, {"a.csv", "c.csv"}) ==
             "column 'z' is in 'c.csv' but not in 'a.csv'; files read as one table must have the "
             "same columns");
  write("d.csv", "y,x\n1,2\n3\n");
  BOOST_TEST(refusal(*this, {"a.csv", "d.csv"}).starts_with("line 3 of 'd.csv' has 1 field"));
}

BOOST_AUTO_TEST_CASE(damaged_gzip_files_are_refused) {
  std::string text = "x\n";
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919 % 10007) + "\n";
  const std::string bytes = gzipped(*this, text);
  for (const std::size_t kept :
       {std::size_t{2}, std::size_t{9}, bytes.size() / 2, bytes.size() - 1}) {
    write("data.csv.gz", bytes.substr(0, kept));
    BOOST_TEST(
        refusal(*this, {"data.csv.gz"}) ==
        "'data.csv.gz' ends in the middle of its compressed data; copy or download it again");
  }
  std::string flipped = bytes;
  flipped[bytes.size() - 6] = static_cast<char>(~flipped[bytes.size() - 6]);  // in the checksum
  write("data.csv.gz", flipped);
  BOOST_TEST(refusal(*this, {"data.csv.gz"}) ==
             "'data.csv.gz' is a damaged gzip file (incorrect data check); copy or download it "
             "again");
  write("data.csv.gz", bytes + "tail");
  BOOST_TEST(refusal(*this, {"data.csv.gz"}) ==
             "'data.csv.gz' is a damaged gzip file: 4 bytes after the compressed data are not "
             "gzip; copy or download it again");
  write("data.csv.gz", gzipped(*this, ""));
  BOOST_TEST(refusal(*this, {"data.csv.gz"}) ==
             "'data.csv.gz' is empty; it needs a header line and rows");
}

BOOST_AUTO_TEST_SUITE_END()
