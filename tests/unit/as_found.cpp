// Data files as people have them: numbers in another notation, units, dates, identifiers, codes of
// missing values, separators, encodings.
#define BOOST_TEST_MODULE as_found
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/test/unit_test.hpp>

#include "shared_data.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"
#include "temporary_folder.hpp"

namespace {

using tarn::io::Encoding;
using tarn::io::MissingCodes;
using tarn::io::TableOptions;
using Texts = std::vector<std::string>;

/// What a formula becomes over a file, in a line; or the refusal, without the caret.
struct Folder : tarn::test::TemporaryFolder {
  std::string becomes(const std::string& text, const std::string& formula,
                      TableOptions options = {}, std::string_view name = "data.csv") const {
    return becomes_file(write(name, text).string(), formula, std::move(options));
  }

  std::string becomes_file(const std::string& file, const std::string& formula,
                           TableOptions options = {}) const {
    options.columns = tarn::formula_columns(formula);
    try {
      const auto table = tarn::io::read_table(Texts{file}, options);
      const auto summary = tarn::make_design(formula, table).summary;
      std::string line = fmt::format("{}/{}: {}", summary.rows_used, summary.rows_read,
                                     fmt::join(summary.columns, " "));
      for (const auto& factor : summary.factors) {
        if (factor.coding.empty()) {
          line += fmt::format("; {} {}", factor.name, fmt::join(factor.levels, "|"));
        }
      }
      for (const std::string& note : summary.notes) line += "\n" + note;
      return line;
    } catch (const tarn::InputError& error) {
      std::string sentence = error.what();
      sentence.resize(std::min(sentence.find('\n'), sentence.size()));
      for (std::size_t at; (at = sentence.find(file)) != std::string::npos;) {
        sentence.replace(at, file.size(), "data.csv");
      }
      return sentence;
    }
  }
};

/// y and x, y being numbers that vary. `sep` separates.
std::string file_of(const Texts& cells, char sep = ',') {
  std::string text = fmt::format("y{}x\n", sep);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += fmt::format("{}{}{}\n", (i * 7) % 5, sep, cells[i]);
  }
  return text;
}

struct Case {
  Texts cells;
  std::string says;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(as_found, Folder)

BOOST_AUTO_TEST_CASE(a_covariate_of_numbers_in_another_notation_or_dates_is_refused_in_words) {
  const std::string value = "factor(x) if each value is a level";
  const std::string comma = "; read them with --decimal ,, or write " + value;
  const std::string unit = "; write the numbers alone, all in one unit, or write " + value;
  const std::string date =
      "; write a column of numbers, such as days since the first one, or write factor(x) if each "
      "date is a level";
  const std::string time =
      "; write a column of numbers, such as hours since midnight, or write factor(x) if each time "
      "is a level";
  const std::string other = "; write each as a plain number, such as 1234.5, or write " + value;
  const std::vector<Case> cases{
      {{"1,85", "1,86", "3,03", "6,34"}, "decimal commas: line 2 of data.csv says '1,85'" + comma},
      {{"1", "2,5", "3", "4,25"}, "decimal commas: line 3 of data.csv says '2,5'" + comma},
      {{"-0,5", "0,125", "+1,5", "2"}, "decimal commas: line 2 of data.csv says '-0,5'" + comma},
      {{"1,5e3", "2,5E-1", "1", "3"}, "decimal commas: line 2 of data.csv says '1,5e3'" + comma},
      {{"12,345", "1,250", "3,000", "4,500"},
       "commas: line 2 of data.csv says '12,345'; if the comma is a decimal one, read them with "
       "--decimal , and if it separates thousands, take it out, or write " +
           value},
      {{"1,234,567", "2,345,678", "1,000,000", "5"},
       "separators of thousands: line 2 of data.csv says '1,234,567'; take the separators out, or "
       "write " +
           value},
      {{"1 234", "2 345", "10 000", "5"},
       "separators of thousands: line 2 of data.csv says '1 234'; take the separators out, or "
       "write " +
           value},
      {{"1'234.5", "2'345.5", "10'000", "5"},
       "separators of thousands: line 2 of data.csv says '1'234.5'; take the separators out, or "
       "write " +
           value},
      {{"1\u202F234", "2\u00A0345", "10\u2009000", "5"},
       "separators of thousands: line 2 of data.csv says '1\\u202f234'; take the separators out, "
       "or write " +
           value},
      {{"1.234,5", "2.345,5", "10.000,0", "5"},
       "decimal commas and separators of thousands: line 2 of data.csv says '1.234,5'; take the "
       "separators of thousands out, and read the rest with --decimal ,, or write " +
           value},
      {{"1.85%", "1.86%", "3.03%", "6%"}, "a unit: line 2 of data.csv says '1.85%'" + unit},
      {{"12 m", "13 m", "11 m", "1.5 m"}, "a unit: line 2 of data.csv says '12 m'" + unit},
      {{"12m", "0.5km", "3cm", "4m"}, "a unit: line 2 of data.csv says '12m'" + unit},
      {{"1e3 kg", "2e3 kg", "1 kg", "5 kg"}, "a unit: line 2 of data.csv says '1e3 kg'" + unit},
      {{"$5", "$6.50", "$7", "$1,000"}, "a unit: line 2 of data.csv says '$5'" + unit},
      {{"5 €", "6,50 €", "7 €", "8 €"}, "a unit: line 2 of data.csv says '5 €'" + unit},
      {{"USD 5", "USD 6", "USD 7", "-USD 8"}, "a unit: line 2 of data.csv says 'USD 5'" + unit},
      {{"37.5°C", "38.1°C", "36.9°C", "40°C"}, "a unit: line 2 of data.csv says '37.5°C'" + unit},
      {{"3 mg/l", "4 mg/l", "2 mg/l", "9 mg/l"}, "a unit: line 2 of data.csv says '3 mg/l'" + unit},
      {{"<0.5", "0.7", "1.2", ">10"},
       "in another notation: line 2 of data.csv says '<0.5'" + other},
      {{"(5.00)", "3.00", "(1.50)", "2"},
       "in another notation: line 2 of data.csv says '(5.00)'" + other},
      {{"\u22125", "3", "\u22121", "2"}, "points"},  // its words are below
      {{"3x10^4", "2x10^5", "1x10^3", "9x10^3"},
       "in another notation: line 2 of data.csv says '3x10^4'" + other},
      {{"1/2", "3/4", "1/8", "7/8"}, "in another notation: line 2 of data.csv says '1/2'" + other},
      {{"0x1F", "0x20", "0x3A", "0x11"},
       "in another notation: line 2 of data.csv says '0x1F'" + other},
      {{"2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"},
       "@dates: line 2 of data.csv says '2024-01-01'" + date},
      {{"2024-01-01T10:00:00Z", "2024-01-02 11:30", "2024-01-03", "2024-01-04T09:15:00.5+01:00"},
       "@dates: line 2 of data.csv says '2024-01-01T10:00:00Z'" + date},
      {{"01/02/2024", "02/02/2024", "13/02/2024", "3/4/24"},
       "@dates: line 2 of data.csv says '01/02/2024'" + date},
      {{"01.02.2024", "2.2.2024", "13.02.24", "14.02.2024"},
       "@dates: line 2 of data.csv says '01.02.2024'" + date},
      {{"2024/1/5", "2024/2/5", "2024/3/5", "2024/4/5"},
       "@dates: line 2 of data.csv says '2024/1/5'" + date},
      {{"2024-01", "2024-02", "2024-03", "2024-12"},
       "@dates: line 2 of data.csv says '2024-01'" + date},
      {{"2024Q1", "2024Q2", "2024-Q3", "2024 Q4"},
       "@dates: line 2 of data.csv says '2024Q1'" + date},
      {{"5 Jan 2024", "6 February 2024", "7-MAR-2024", "Apr 8, 2024"},
       "@dates: line 2 of data.csv says '5 Jan 2024'" + date},
      {{"5. Januar 2024", "6. März 2024", "7. Mai 2024", "8. Dezember 2024"},
       "@dates: line 2 of data.csv says '5. Januar 2024'" + date},
      {{"Mon Jan 05 10:00:00 2024", "Jan-24", "January 2024", "05JAN2024"}, ""},
      {{"Jan", "Feb", "Mar", "Dec"}, "@dates: line 2 of data.csv says 'Jan'" + date},
      {{"10:30", "11:45", "9:05", "23:59:59.5"}, "@times: line 2 of data.csv says '10:30'" + time},
      {{"5 pm", "6:30 PM", "11 a.m.", "7am"}, "@times: line 2 of data.csv says '5 pm'" + time},
      {{"001", "002", "010", "100"},
       "@whole numbers with leading zeros: line 2 of data.csv says '001'; write as.numeric(x) if "
       "they are numbers, or write " +
           value},
      {{"5", "02134", "10001", "7"},
       "@whole numbers with leading zeros: line 3 of data.csv says '02134'; write as.numeric(x) if "
       "they are numbers, or write " +
           value},
      {{"9007199254740993", "9007199254740992", "9007199254740995", "1"},
       "@whole numbers too long to compute with: line 2 of data.csv says '9007199254740993'; write "
       "factor(x) if each value is a level"},
      {{"1", "2", "abc", "4"},
       "@numbers and text: line 4 of data.csv says 'abc'; mend the cell, say --missing 'abc' if it "
       "stands for a missing value, or write factor(x) if the column is a factor"},
  };
  BOOST_TEST(cases.size() >= 40U);
  for (const Case& c : cases) {
    if (c.says.empty() || c.says == "points") continue;
    BOOST_TEST_CONTEXT(c.cells.front()) {
      std::string says = c.says.front() == '@' ? c.says.substr(1) : "numbers with " + c.says;
      if (c.says.starts_with("in another")) says = "numbers " + c.says;
      BOOST_TEST(becomes(file_of(c.cells, ';'), "y ~ x") == "column 'x' holds " + says);
      // As a grouping, and as a factor by request, they are labels.
      BOOST_TEST(becomes(file_of({c.cells[0], c.cells[1], c.cells[0], c.cells[1], c.cells[2],
                                  c.cells[3], c.cells[2], c.cells[3]},
                                 ';'),
                         "y ~ (1 | x)")
                     .starts_with("8/8: Intercept; x "));
    }
  }
}

BOOST_AUTO_TEST_CASE(labels_that_hold_digits_stay_factors) {
  const std::vector<Texts> columns{{"A1", "A2", "B1"},
                                   {"1A", "1B", "2A"},
                                   {"1st", "2nd", "3rd"},
                                   {"18-24", "25-34", "65+"},
                                   {"1.2.3", "1.2.4", "2.0.1"},
                                   {"placebo", "10 mg", "20 mg"},
                                   {"low", "high", "2024-01-01"},
                                   {"Q1", "Q2", "Q3"},
                                   {"4th", "5th", "6th"},
                                   {"2010/11", "2012/13", "2013/14"},
                                   {"set 1", "set 2", "set 3"},
                                   {"12-AB", "13-CD", "14-EF"},
                                   {"555-1234", "555-2345", "555-9999"},
                                   {"Monday", "Tuesday", "Sunday"},
                                   {"a", "b", "1,5"},
                                   {"p<0.05", "n.s.", "p<0.01"}};
  for (const Texts& c : columns) {
    const Texts cells{c[0], c[1], c[2], c[0], c[1], c[2], c[2], c[1]};
    BOOST_TEST(becomes(file_of(cells, ';'), "y ~ x").starts_with("8/8: Intercept x"), c[0]);
  }
}

BOOST_AUTO_TEST_CASE(most_cells_with_commas_or_dates_are_no_labels_either) {
  BOOST_TEST(becomes(file_of({"1,5", "2,5", "3,5", "4,5", "5,5", "n.d."}, ';'), "y ~ x") ==
             "column 'x' holds numbers with decimal commas: line 2 of data.csv says '1,5', and "
             "among them stands 'n.d.'; read them with --decimal ,, or write factor(x) if each "
             "value is a level");
  BOOST_TEST(becomes(file_of({"2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05",
                              "unknown"}),
                     "y ~ x") ==
             "column 'x' holds dates: line 2 of data.csv says '2024-01-01', and among them stands "
             "'unknown'; write a column of numbers, such as days since the first one, or write "
             "factor(x) if each date is a level");
}

BOOST_AUTO_TEST_CASE(a_response_or_an_expression_needs_numbers_and_says_how_to_get_them) {
  const std::string text = "x;y\n1;2,5\n2;3,5\n3;1,5\n5;9,5\n";
  BOOST_TEST(becomes(text, "y ~ x") ==
             "column 'y' holds numbers with decimal commas: line 2 of data.csv says '2,5'; the "
             "response must be numbers; read them with --decimal ,");
  BOOST_TEST(becomes(text, "x ~ log(y)") ==
             "column 'y' holds numbers with decimal commas: line 2 of data.csv says '2,5'; numbers "
             "are needed here; read them with --decimal ,");
  BOOST_TEST(
      becomes("x,y\n1,007\n2,008\n3,010\n5,100\n", "y ~ x") ==
      "column 'y' holds whole numbers with leading zeros: line 2 of data.csv says '007'; the "
      "response must be numbers; write as.numeric(y) if they are numbers");
  BOOST_TEST(becomes("x,y\n1,a\n2,b\n3,a\n5,b\n", "y ~ x") ==
             "column 'y' holds text: line 2 of data.csv says 'a'; the response must be numbers");
  BOOST_TEST(becomes("x,y\n1,1\n2,?\n3,4\n5,3\n", "y ~ x") ==
             "column 'y' holds numbers and text: line 3 of data.csv says '?'; the response must be "
             "numbers; mend the cell, or say --missing '?' if it stands for a missing value");
}

BOOST_AUTO_TEST_CASE(identifiers_with_leading_zeros_are_labels_of_groups) {
  BOOST_TEST(becomes("y,id\n1,001\n3,01\n2,1\n5,001\n4,002\n6,2\n7,002\n", "y ~ (1 | id)") ==
             "7/7: Intercept; id 001|002|01|1|2");
  BOOST_TEST(becomes("y,id\n1,-01\n3,-1\n2,1\n5,-01\n", "y ~ (1 | id)") ==
             "4/4: Intercept; id -01|-1|1");
  // A fraction's zero is none of these, nor is 0 itself.
  BOOST_TEST(becomes("y,x\n1,0\n3,0.5\n2,00.25\n5,0e1\n", "y ~ x") == "4/4: Intercept x");
}

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
  BOOST_TEST(becomes(file_of({"1", "", "  ", "5", "3", "2"}), "y ~ x") == "4/6: Intercept x");
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

BOOST_AUTO_TEST_CASE(levels_that_look_alike_and_totals_are_noted) {
  const auto notes = [this](const Texts& cells) {
    const std::string line = becomes(file_of(cells), "y ~ (1 | x)");
    return line.substr(std::min(line.find('\n'), line.size() - 1) + 1);
  };
  const std::string alike = "levels of x differ only in case, blanks or Unicode form: ";
  const std::string advice = "; write them alike in the data if they are the same";
  BOOST_TEST(notes({"A", "a", "B", "A", "a", "B"}) == alike + "'A' and 'a'" + advice);
  BOOST_TEST(notes({"A", "\u00A0A", "B", "\"B \"", "A", "B"}) ==
             alike + "'B' and 'B ' (and 1 more)" + advice);
  BOOST_TEST(notes({"St  Ives", "St Ives", "B", "St  Ives", "St Ives"}) ==
             alike + "'St  Ives' and 'St Ives'" + advice);
  BOOST_TEST(notes({"Caf\u00E9", "Cafe\u0301", "B", "Caf\u00E9", "Cafe\u0301"}) ==
             alike + "'Cafe\u0301' and 'Caf\u00E9'" + advice);
  BOOST_TEST(notes({"A\u200B", "A", "B", "A"}) == alike + "'A' and 'A\\u200b'" + advice);
  BOOST_TEST(notes({"Zürich", "Zurich", "Bern", "Zürich", "Zurich"}).empty());
  BOOST_TEST(notes({"1", "2", "3", "1"}).empty());
  BOOST_TEST(notes({"North", "South", "Total", "North", "South"}) ==
             "x has a level 'Total'; if its rows sum up those of the other levels, take them out "
             "of the data");
  BOOST_TEST(notes({"Nord", "Süd", "Gesamt", "Nord"}).starts_with("x has a level 'Gesamt';"));
  BOOST_TEST(notes({"all", "none", "all", "none"}).empty());
}

BOOST_AUTO_TEST_CASE(sentinels_far_outside_are_noted_and_honest_outliers_are_not) {
  const auto notes = [this](const std::vector<double>& values) {
    Texts cells;
    for (const double value : values) cells.push_back(fmt::format("{}", value));
    const std::string line = becomes(file_of(cells), "y ~ x");
    return line.substr(std::min(line.find('\n'), line.size() - 1) + 1);
  };
  BOOST_TEST(notes({1.85, 0.67, -999, 9.9, 5, -999}) ==
             "x is -999 in 2 rows, far outside the others (0.67 to 9.9); if that stands for a "
             "missing value, say --missing=-999");
  BOOST_TEST(
      notes({20, 65, 999, 31, 998, 40}).starts_with("x is 998 in 1 row and 999 in 1 row, far"));
  BOOST_TEST(notes({1.5, 2.5, 9999.9, 3, -99, 2}) ==
             "x is -99 in 1 row and 9999.9 in 1 row, far outside the others (1.5 to 3); if that "
             "stands for a missing value, say --missing=-99,9999.9");
  BOOST_TEST(notes({0.1, 0.7, -1e30, 0.5, 0.2}).starts_with("x is -1e+30 in 1 row"));
  BOOST_TEST(notes({3, 8, 2147483647, 5, 1}).starts_with("x is 2147483647 in 1 row"));
  BOOST_TEST(notes({0, 40, 100, -99, 63, 20}).starts_with("x is -99 in 1 row"));
  for (const std::vector<double>& honest :
       std::vector<std::vector<double>>{{1.2, 0.8, 1.1, 47.3, 0.9},
                                        {-1000, 3, 2, 5},
                                        {55, 80, 99, 62, 71},
                                        {1, 2, 9, 4, 5},
                                        {-99, -45, 12, 60, 110},
                                        {999, 1002, 1010, 985, 1000},
                                        {90, 95, 99, 88, 77},
                                        {1990, 1999, 2005, 2010, 1995}}) {
    BOOST_TEST(notes(honest).empty(), honest.front());
  }
}

BOOST_AUTO_TEST_CASE(groups_smaller_than_the_number_of_their_effects_are_noted) {
  std::string text = "y,x,g\n";
  for (int i = 0; i < 24; ++i) {
    text += fmt::format("{},{},{}\n", (i * 7) % 11, (i * 5) % 13, i < 12 ? 20 + i : i / 4);
  }
  BOOST_TEST(becomes(text, "y ~ x + (1 + x | g)")
                 .ends_with("\n12 of 15 groups of g have fewer rows than effects (2); what is said "
                            "of their Intercept and x comes for the most part from the other "
                            "groups"));
  BOOST_TEST(becomes(text, "y ~ x + (1 | g)").find('\n') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(columns_that_are_not_used_cost_nothing_and_need_no_attention) {
  BOOST_TEST(becomes("y,d,x,none\n1,2024-01-01,2,None\n3,2024-01-02,4,None\n2,n/a,6,None\n"
                     "5,2024-01-04,1,a\n",
                     "y ~ x") == "4/4: Intercept x");
  std::string header = "y", row;
  for (int j = 0; j < 100000; ++j) header += fmt::format(",c{}", j);
  std::string text = header + '\n';
  for (int i = 0; i < 4; ++i) {
    text += std::to_string((i * 7) % 5);
    for (int j = 0; j < 100000; ++j) text += (i + j) % 3 == 0 ? ",1" : ",0";
    text += '\n';
  }
  BOOST_TEST(becomes(text, "y ~ c77777") == "4/4: Intercept c77777");
  BOOST_TEST(becomes(text, "y ~ c7777x")
                 .starts_with("there is no column 'c7777x' in 'data.csv'; did you mean "));
  BOOST_TEST(becomes(text, "y ~ .").starts_with("'.' stands for 100000 columns, and at most "));
}

BOOST_AUTO_TEST_CASE(a_fixed_effect_of_very_many_levels_is_refused_with_its_size) {
  std::string text = "y,x\n";
  for (int i = 0; i < 40000; ++i) text += fmt::format("{},k{}\n", (i * 7) % 11, i / 2);
  BOOST_TEST(becomes(text, "y ~ x") ==
             "'x' has 20000 levels, and as a fixed effect the formula makes 20001 columns, whose "
             "factor alone takes 3.2 GB; at most 10000 can be fitted: write (1 | x), with which "
             "the levels are groups that share what they have in common");
  BOOST_TEST(becomes(text, "y ~ (1 | x)").starts_with("40000/40000: Intercept; x "));
}

BOOST_AUTO_TEST_CASE(the_cases_that_users_met,
                     *boost::unit_test::precondition(tarn::test::reference_is_there)) {
  const std::filesystem::path cases = tarn::test::shared("cases");
  const auto found = [&](const std::string& name, const std::string& formula,
                         const TableOptions& options = {}) {
    return becomes_file((cases / name / "data.csv").string(), formula, options);
  };
  const std::string six = "; g A|B|C|D|E|F";
  TableOptions comma;
  comma.decimal = ',';
  BOOST_TEST(found("H02-decimal-comma-covariate", "y ~ x + (1 | g)") ==
             "column 'x' holds numbers with decimal commas: line 2 of data.csv says '1,85'; read "
             "them with --decimal ,, or write factor(x) if each value is a level");
  BOOST_TEST(found("H02-decimal-comma-covariate", "y ~ x + (1 | g)", comma) ==
             "48/48: Intercept x" + six);
  BOOST_TEST(found("H03-percent-covariate", "y ~ x") ==
             "column 'x' holds numbers with a unit: line 2 of data.csv says '1.85%'; write the "
             "numbers alone, all in one unit, or write factor(x) if each value is a level");
  BOOST_TEST(found("H04-dates-as-covariate", "y ~ day + (1 | school)") ==
             "column 'day' holds dates: line 2 of data.csv says '2024-01-01'; write a column of "
             "numbers, such as days since the first one, or write factor(day) if each date is a "
             "level");
  BOOST_TEST(found("H05-leading-zero-ids", "y ~ x + (1 | id)") ==
             "40/40: Intercept x; id 001|002|01|1|2");
  BOOST_TEST(found("H07-na-codes", "y ~ x + (1 | g)") == "45/48: Intercept x" + six);
  BOOST_TEST(found("H08-na-code-as-group", "y ~ x + (1 | g)")
                 .starts_with("45/48: Intercept x" + six + "\ng: 'n/a' in 3 cells are taken"));
  for (const char* name :
       {"H09-sep-line", "H10-trailing-separators", "H11-row-names-short-header"}) {
    BOOST_TEST(found(name, "y ~ x + cost + (1 | g)") == "48/48: Intercept x cost" + six, name);
  }
  BOOST_TEST(found("H13-sentinel-999", "y ~ x + (1 | g)") ==
             "48/48: Intercept x" + six +
                 "\nx is -999 in 3 rows, far outside the others (0.3 to 9.96); if that stands for "
                 "a missing value, say --missing=-999");
  BOOST_TEST(found("H14-groups-differ-by-blank", "y ~ x + cost + (1 | g)")
                 .ends_with("\nlevels of g differ only in case, blanks or Unicode form: 'A' and "
                            "'A\\u00a0' (and 5 more); write them alike in the data if they are "
                            "the same"));
}

BOOST_AUTO_TEST_SUITE_END()
