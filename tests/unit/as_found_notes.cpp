// What people are told of their data, very large data, and inputs that users met.
#define BOOST_TEST_MODULE as_found_notes
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include "as_found.hpp"

#include "shared_data.hpp"

namespace {

using tarn::test::file_of;
using tarn::test::TableOptions;
using tarn::test::Texts;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(as_found_notes, tarn::test::DataFolder)

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
  BOOST_TEST(notes({0.1, 0.7, 9.96921e36, 0.5}).starts_with("x is 9.96921e+36 in 1 row"));
  BOOST_TEST(notes({0.1, 0.7, 3.4e38, 0.5}).starts_with("x is 3.4e+38 in 1 row"));
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

BOOST_AUTO_TEST_CASE(dates_written_as_one_number_are_noted_unless_they_group) {
  const Texts days{"20240105", "20240131", "20240201", "20240215", "20240305", "20240105"};
  BOOST_TEST(becomes(file_of(days), "y ~ x") ==
             "6/6: Intercept x\nx holds whole numbers such as 20240105, which look like dates: "
             "their differences are no days; write days since the first date");
  BOOST_TEST(becomes(file_of(days), "y ~ (1 | x)").find('\n') == std::string::npos);
  const Texts people{"20240105", "20240131", "20240201", "20241515", "20240305", "20240105"};
  BOOST_TEST(becomes(file_of(people), "y ~ x") == "6/6: Intercept x");
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
