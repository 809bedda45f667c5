// Numbers in another notation, units, dates and identifiers where a formula needs numbers or
// labels.
#define BOOST_TEST_MODULE as_found_notation
#include <boost/test/unit_test.hpp>

#include "as_found.hpp"

namespace {

using tarn::test::file_of;
using tarn::test::Texts;

struct Case {
  Texts cells;
  std::string says;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(as_found_notation, tarn::test::DataFolder)

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
      {{"\u22125", "3", "\u22121", "2"},
       "in another notation: line 2 of data.csv says '\u22125'" + other},
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
      {{"Mon Jan 05 10:00:00 2024", "Jan-24", "January 2024", "05JAN2024"},
       "@dates: line 2 of data.csv says 'Mon Jan 05 10:00:00 2024'" + date},
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
             "column 'y' holds text: line 2 of data.csv says 'a'; the response must be numbers; "
             "--family bernoulli takes its two values as they are");
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

BOOST_AUTO_TEST_SUITE_END()
