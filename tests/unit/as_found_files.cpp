// Codes of missing values, decimal commas, separators, names of rows, encodings.
#define BOOST_TEST_MODULE as_found_files
#include <boost/test/unit_test.hpp>

#include "as_found.hpp"

namespace {

using tarn::io::Encoding;
using tarn::io::MissingCodes;
using tarn::test::file_of;
using tarn::test::TableOptions;
using tarn::test::Texts;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(as_found_files, tarn::test::DataFolder)

BOOST_AUTO_TEST_CASE(codes_of_missing_values_are_those_of_the_tools_people_use) {
  for (const std::string& code : MissingCodes::standard()) {
    BOOST_TEST(becomes(file_of({"1", "2", code, "5", "3"}), "y ~ x") == "4/5: Intercept x", code);
    BOOST_TEST(
        becomes(file_of({"1", "2", " \"" + code + "\" ", "5", "3"}), "y ~ x") == "4/5: Intercept x",
        code);
    BOOST_TEST(becomes(file_of({"a", "b", code, "a", "b", "a"}), "y ~ (1 | x)") ==
                   "5/6: Intercept; x a|b\nx: '" + code + "' in 1 cell is taken as missing",
               code);
  }
  BOOST_TEST(becomes(file_of({"1", "", "  ", "5", "3", "2", "\u00A0"}), "y ~ x") ==
             "4/7: Intercept x");
  BOOST_TEST(becomes(file_of({"a", "", "\" \u00A0\"", "a", "b", "\u3000"}), "y ~ (1 | x)") ==
             "3/6: Intercept; x a|b");
  // Others are text until --missing says what they are.
  BOOST_TEST(becomes(file_of({"a", "b", "-", "a", "b", "-", "?"}), "y ~ (1 | x)") ==
             "7/7: Intercept; x -|?|a|b");
  BOOST_TEST(becomes(file_of({"a", "b", "-", "a", "b", "-", "?"}), "y ~ (1 | x)",
                     {.missing = {{"-", "?"}}}) ==
             "4/7: Intercept; x a|b\nx: '-' in 2 cells and '?' in 1 cell are taken as missing");
}

BOOST_AUTO_TEST_CASE(missing_adds_codes_or_replaces_them_and_numbers_are_compared_as_numbers) {
  const std::string text = "y,x\n1,2\n4,-999\n3,-999.0\n7,5\n8,1\n9,NA\n";
  BOOST_TEST(becomes(text, "y ~ x", {.missing = {{"-999"}}}) == "3/6: Intercept x");
  BOOST_TEST(becomes(text, "y ~ x", {.missing = {{"-999"}, false}}) ==
             "column 'x' holds numbers and text: line 7 of data.csv says 'NA'; mend the cell, say "
             "--missing 'NA' if it stands for a missing value, or write factor(x) if the column is "
             "a factor");
  BOOST_TEST(becomes(file_of({"None", "a", "None", "a", "b"}), "y ~ (1 | x)",
                     {.missing = {{}, false}}) == "5/5: Intercept; x None|a|b");
  BOOST_TEST(
      becomes(file_of({"-9", "a", "-9.0", "a", "b"}), "y ~ (1 | x)", {.missing = {{"-9"}}}) ==
      "3/5: Intercept; x a|b\nx: '-9' in 1 cell and '-9.0' in 1 cell are taken as missing");
}

BOOST_AUTO_TEST_CASE(a_code_that_is_the_commonest_value_of_a_column_of_text_is_asked_about) {
  for (const std::string code : {"None", "NA", "."}) {
    const Texts cells{code, "a", code, "a", "b", code, "b"};
    BOOST_TEST(becomes(file_of(cells), "y ~ x") ==
               "column 'x': '" + code +
                   "' is its commonest value (3 cells); say what it is: "
                   "--missing " +
                   code +
                   " if it stands for a missing value, --missing = (empty cells "
                   "only) if it is a level");
    BOOST_TEST(
        becomes(file_of(cells), "y ~ x", {.missing = {{code}}}).starts_with("4/7: Intercept xb\n"));
    BOOST_TEST(becomes(file_of(cells), "y ~ (1 | x)", {.missing = {{}, false}})
                   .starts_with("7/7: Intercept; x "));
  }
  // In a balanced design it is as common as the others.
  BOOST_TEST(becomes(file_of({"None", "a", "b", "None", "a", "b"}), "y ~ x")
                 .starts_with("column 'x': 'None' is its commonest value (2 cells)"));
  BOOST_TEST(becomes(file_of({"n/a", "a", "n/a", "n/a", "b", "a"}), "y ~ (1 | x)")
                 .starts_with("3/6: Intercept; x a|b\n"));
}

BOOST_AUTO_TEST_CASE(a_decimal_comma_is_read_by_request) {
  TableOptions comma;
  comma.decimal = ',';
  BOOST_TEST(becomes(file_of({"1,85", "1,86", "-3,03", "6,34e1"}, ';'), "y ~ x", comma) ==
             "4/4: Intercept x");
  const auto table = tarn::io::read_table(
      Texts{write("c.csv", "x;z\n1,5;0,25\n-2;,5\n\"3,25\";1e-2\n").string()}, comma);
  BOOST_TEST(table->at("x").numbers == (std::vector<double>{1.5, -2, 3.25}),
             boost::test_tools::per_element());
  BOOST_TEST(table->at("z").numbers == (std::vector<double>{0.25, 0.5, 0.01}),
             boost::test_tools::per_element());
  // The separator, too: then numbers stand in quotes.
  const auto quoted =
      tarn::io::read_table(Texts{write("q.csv", "x,g\n\"1,5\",a\n2,b\n").string()}, comma);
  BOOST_TEST(quoted->at("x").numbers == (std::vector<double>{1.5, 2}),
             boost::test_tools::per_element());
  // Points that can only be decimal ones are read beside it; a thousand is not guessed at.
  BOOST_TEST(becomes(file_of({"1.85", "23.254", "3.03", "NA", "6"}, ';'), "y ~ x", comma) ==
             "4/5: Intercept x");
  BOOST_TEST(
      becomes(file_of({"1.850", "23.254", "3.031", "6"}, ';'), "y ~ x", comma) ==
      "column 'x' holds numbers with points: line 2 of data.csv says '1.850'; with "
      "--decimal , such a point may separate thousands; write all numbers of the file in one "
      "notation, or write factor(x) if each value is a level");
}

BOOST_AUTO_TEST_CASE(separators_are_found_or_stated) {
  const std::string rows = "1{0}a{0}2\n3{0}b{0}5\n2{0}a{0}1\n7{0}b{0}4\n5{0}b{0}4\n";
  for (const char* sep : {",", ";", "\t", "|"}) {
    const std::string text = fmt::format(fmt::runtime("y{0}g{0}x\n" + rows), sep);
    BOOST_TEST(becomes(text, "y ~ x + (1 | g)") == "5/5: Intercept x; g a|b", sep);
    for (const std::string first : {"sep=", "SEP="}) {
      BOOST_TEST(
          becomes(first + sep + "\r\n" + text, "y ~ x + (1 | g)") == "5/5: Intercept x; g a|b",
          sep);
    }
    BOOST_TEST(becomes("\xEF\xBB\xBF\"sep=" + std::string(sep) + "\"\n" + text,
                       "y ~ x + (1 | g)") == "5/5: Intercept x; g a|b",
               sep);
  }
  BOOST_TEST(becomes("sep=^\ny^x\n1^2\n", "y ~ x") ==
             "the first line of 'data.csv' says that '^' separates the fields; tarn reads fields "
             "that a comma, semicolon, tab or bar separates");
  // A name may hold what separates other files.
  BOOST_TEST(becomes("y;dose, mg\n1;2\n3;4\n2;6\n5;1\n", "y ~ `dose, mg`") ==
             "4/4: Intercept `dose, mg`");
}

BOOST_AUTO_TEST_CASE(columns_without_names_and_values_and_names_of_rows_are_understood) {
  const std::string plain = "4/4: Intercept x";
  BOOST_TEST(becomes("y,x,\n1,2,\n3,4,\n2,6,\n5,1,\n", "y ~ x") == plain);
  BOOST_TEST(becomes("y,x,,,\n1,2,,,\n3,4,,,\n2,6\n5,1,,,\n", "y ~ x") == plain);
  BOOST_TEST(becomes("y,x\n1,2,\n3,4,\n2,6,\n5,1,\n", "y ~ x") == plain);
  BOOST_TEST(becomes("y;x;\n1;2;\n3;4;\n2;6; \n5;1;\n\n\n", "y ~ x") == plain);
  BOOST_TEST(becomes("y,x,\n1,2,\n3,4,7\n2,6,\n", "y ~ x") ==
             "line 3 of 'data.csv' has a value in column 3, which has no name; name it in the "
             "header line");
  BOOST_TEST(becomes("y,,x\n1,2,3\n", "y ~ x") ==
             "column 2 of 'data.csv' has no name; name it in the header line");
  // R: write.csv names no row names, write.table leaves their name out.
  BOOST_TEST(becomes("\"\",\"y\",\"x\"\n\"1\",1,2\n\"2\",3,4\n\"7\",2,6\n\"8\",5,1\n", "y ~ x") ==
             plain);
  BOOST_TEST(becomes("y,x\n1,1,2\n2,3,4\n3,2,6\n4,5,1\n", "y ~ x") == plain);
  BOOST_TEST(becomes("\"y\"\t\"x\"\n\"7\"\t1\t2\n\"5\"\t3\t4\n\"6\"\t2\t6\n\"9\"\t5\t1\n",
                     "y ~ x") == plain);
  BOOST_TEST(becomes("y;x\nRow A;1;2\nRow B;3;4\nRow C;2;6\nRow D;5;1\n", "y ~ x") == plain);
  BOOST_TEST(becomes("\"y\"\n\"1\",1\n\"2\",3\n\"3\",2.5\n", "y ~ 1") == "3/3: Intercept");
  // Decimal commas are no row names.
  BOOST_TEST(becomes("y,x\n1,5,2\n1,7,4\n2,6,6\n", "y ~ x") ==
             "line 2 of 'data.csv' has 3 fields, but the header line has 2; a cell that holds the "
             "separator must stand in quotes");
  BOOST_TEST(becomes("y\n3,14\n2,71\n1,41\n", "y ~ 1") ==
             "line 2 of 'data.csv' has 2 fields, but the header line has 1; a cell that holds the "
             "separator must stand in quotes");
  BOOST_TEST(becomes("y\n3,14\n2,71\n1,41\n", "y ~ 1", {.decimal = ','}) == "3/3: Intercept");
  BOOST_TEST(becomes("y,x\n1,1,2\n2,3,4\n3,2\n4,5,1\n", "y ~ x") ==
             "line 2 of 'data.csv' has 3 fields, but the header line has 2; a cell that holds the "
             "separator must stand in quotes");
  std::string late = "y,x\n";
  for (int i = 1; i <= 70; ++i) late += fmt::format("{},{},{}\n", i, i % 7, i % 5);
  BOOST_TEST(becomes(late + "71,3\n", "y ~ x") ==
             "line 72 of 'data.csv' has 2 fields, but those before it have 3: row names and the 2 "
             "columns that the header line names");
}

BOOST_AUTO_TEST_CASE(lines_are_skipped_by_number_or_by_their_first_character) {
  const std::string data = "y,x\n1,2\n3,4\n2,6\n5,1\n";
  BOOST_TEST(becomes("Exported 2024\r\nby \"hand\r\n" + data, "y ~ x", {.skip = 2}) ==
             "4/4: Intercept x");
  BOOST_TEST(becomes(data, "y ~ x", {.skip = 9}) ==
             "--skip 9 leaves nothing of 'data.csv', which has 5 lines");
  TableOptions marked;
  marked.comment = '#';
  BOOST_TEST(becomes("# \"made, by\n  # hand\ny,x\n1,2\n#3,9\n3,4\n2,6\n5,1\n# end", "y ~ x",
                     marked) == "4/4: Intercept x");
  BOOST_TEST(becomes("y,g\n1,\"a\n#b\"\n3,c\n2,c\n5,\"a\n#b\"\n", "y ~ (1 | g)", marked) ==
             "4/4: Intercept; g a\n#b|c");
  BOOST_TEST(becomes("# note\ny,x\n1,2\n3,oops\n2,6\n", "y ~ x", marked)
                 .starts_with("column 'x' holds numbers and text: line 4 of data.csv says 'oops'"));
}

BOOST_AUTO_TEST_CASE(older_encodings_are_read_by_request) {
  const std::string text = "y,g\n1,Z\xFCrich\n3,Bern\n2,Z\xFCrich\n5,Bern\n";
  BOOST_TEST(becomes(text, "y ~ (1 | g)") ==
             "line 2 of 'data.csv' is not UTF-8 (byte 0xFC); save the file as UTF-8, or say what "
             "it is: --encoding windows-1252 or --encoding latin1");
  for (const Encoding encoding : {Encoding::latin1, Encoding::windows_1252}) {
    BOOST_TEST(becomes(text, "y ~ (1 | g)", {.encoding = encoding}) ==
               "4/4: Intercept; g Bern|Zürich");
  }
  BOOST_TEST(becomes("y,g\n1,\x80 5\n3,\x93q\x94\n2,\x80 5\n", "y ~ (1 | g)",
                     {.encoding = Encoding::windows_1252}) == "3/3: Intercept; g “q”|€ 5");
  BOOST_TEST(becomes("y,g\n1,a\x81\n", "y ~ (1 | g)", {.encoding = Encoding::windows_1252}) ==
             "line 2 of 'data.csv' holds the byte 0x81, which windows-1252 does not have; save the "
             "file as UTF-8");
  BOOST_TEST(becomes("y,g\n1,Zürich\n", "y ~ (1 | g)", {.encoding = Encoding::latin1}) ==
             "'data.csv' is UTF-8 already; leave --encoding latin1 out");
}

BOOST_AUTO_TEST_SUITE_END()
