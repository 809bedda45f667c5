// What is refused, and in which words.
#define BOOST_TEST_MODULE formula_messages
#include <boost/test/unit_test.hpp>

#include "formula_refusal.hpp"

namespace {

using tarn::test::check;
using tarn::test::message_of;
using tarn::test::missing;
using tarn::test::small;
using tarn::test::table_of;

}  // namespace

BOOST_AUTO_TEST_CASE(errors_of_syntax_show_the_place_and_what_was_expected) {
  check({{"", "the formula is empty; write for example 'y ~ x + (1 | g)'"},
         {"y",
          "a '~' was expected between the response and the terms, as in 'y ~ x'\n"
          "  y\n"
          "   ^"},
         {"~ x",
          "the response is missing before '~'; write for example 'y ~ x'\n"
          "  ~ x\n"
          "  ^"},
         {"y ~",
          "the formula ends where a term was expected\n"
          "  y ~\n"
          "     ^"},
         {"y ~ x + ",
          "the formula ends where a term was expected\n"
          "  y ~ x + \n"
          "          ^"},
         {"y ~ (x + z",
          "the '(' that opens here is never closed\n"
          "  y ~ (x + z\n"
          "      ^"},
         {"y ~ x)",
          "this ')' closes nothing\n"
          "  y ~ x)\n"
          "       ^"},
         {"y ~ x z",
          "an operator was expected\n"
          "  y ~ x z\n"
          "        ^"},
         {"y ~ x + (1 | )",
          "a column, a number, a function or '(' was expected\n"
          "  y ~ x + (1 | )\n"
          "               ^"},
         {"y ~ x + 1 | g",
          "a group term stands in parentheses, as in (1 | g)\n"
          "  y ~ x + 1 | g\n"
          "            ^"},
         {"y ~ x ~ z",
          "a formula has one '~' only\n"
          "  y ~ x ~ z\n"
          "        ^"},
         {"y ~ 2x",
          "an operator was expected after the number 2; the name of a column that starts with a "
          "digit is written in back quotes\n"
          "  y ~ 2x\n"
          "       ^"},
         {"y ~ `x",
          "the quote ` that opens here is never closed\n"
          "  y ~ `x\n"
          "      ^"},
         {"y ~ x @ z",
          "'@' has no meaning in a formula\n"
          "  y ~ x @ z\n"
          "        ^"},
         {"y ~ log(x = 2)",
          "log() takes one column or expression\n"
          "  y ~ log(x = 2)\n"
          "      ^"},
         {"y ~ log()",
          "log() needs an argument\n"
          "  y ~ log()\n"
          "          ^"},
         {"y ~ I(0 < x < 3)",
          "comparisons cannot be chained; use '&'\n"
          "  y ~ I(0 < x < 3)\n"
          "              ^"}});
}

BOOST_AUTO_TEST_CASE(the_caret_counts_characters_not_bytes) {
  BOOST_TEST(message_of("`größe` ~ ", small()) ==
             "the formula ends where a term was expected\n"
             "  `größe` ~ \n"
             "            ^");
}

BOOST_AUTO_TEST_CASE(deep_and_endless_formulas_are_refused_not_crashed_on) {
  BOOST_TEST(message_of("y ~ " + std::string(100000, '('), small())
                 .starts_with("the formula has 100003 tokens; at most 8192 are read"));
  BOOST_TEST(message_of("y ~ " + std::string(500, '(') + "x", small())
                 .starts_with("the formula is nested too deeply"));
  std::string sum = "y ~ x";
  for (int i = 0; i < 4000; ++i) sum += " + x";
  BOOST_TEST(message_of(sum, small()) == "no error");
}

BOOST_AUTO_TEST_CASE(what_is_not_a_term_is_refused_with_advice) {
  check({{"y ~ 2 * x",
          "a number other than 0 and 1 is not a term; arithmetic is written inside I(...)\n"
          "  y ~ 2 * x\n"
          "      ^"},
         {"y ~ x > 2",
          "'>' is arithmetic, not a term; write I(...) around it\n"
          "  y ~ x > 2\n"
          "        ^"},
         {"y ~ x^z",
          "'^' crosses terms and needs a whole number; for the power of a column write I(x^2)\n"
          "  y ~ x^z\n"
          "        ^"},
         {"y ~ \"x\"",
          "a text is not a term; a column was expected\n"
          "  y ~ \"x\"\n"
          "      ^"},
         {"y ~ (1 | g) * x",
          "a group term can only be added to the other terms\n"
          "  y ~ (1 | g) * x\n"
          "      ^"},
         {"y ~ x - (1 | g)",
          "a group term can only be added to the other terms\n"
          "  y ~ x - (1 | g)\n"
          "          ^"},
         {"y ~ ((1 | g) | k)",
          "a group term cannot stand inside another one\n"
          "  y ~ ((1 | g) | k)\n"
          "          ^"},
         {"y ~ x:offset(z)",
          "offset() can only be added to the other terms\n"
          "  y ~ x:offset(z)\n"
          "        ^"},
         {"y ~ x + y",
          "'y' is the response; it cannot explain itself\n"
          "  y ~ x + y\n"
          "          ^"},
         {"y ~ 0",
          "the formula 'y ~ 0' has neither an intercept nor terms: nothing is left to "
          "estimate"},
         {"y | weigths(k) ~ x",
          "weights(w), se(s) or trials(n) was expected after the response's '|'\n"
          "  y | weigths(k) ~ x\n"
          "      ^"},
         {"y | se(k) + se(k) ~ x",
          "se() stands twice\n"
          "  y | se(k) + se(k) ~ x\n"
          "              ^"}});
}

BOOST_AUTO_TEST_CASE(unknown_names_come_with_the_nearest) {
  check({{"y ~ xx",
          "there is no column 'xx' in data.csv; did you mean 'x'? its columns are y, x, z, k, g, "
          "one, id and flat\n"
          "  y ~ xx\n"
          "      ^"},
         {"y ~ lgo(x)",
          "unknown function 'lgo'; did you mean 'log'? the functions are log, log2, log10, log1p, "
          "exp, expm1, sqrt, abs, sign, floor, ceiling, trunc, sin, cos, tan, asin, acos, atan, "
          "sinh, cosh, tanh, asinh, acosh, atanh, plogis, qlogis, gamma, lgamma, factorial, round, "
          "I, "
          "mean, sd, var, median, min, max, sum, signif, pmin, pmax, atan2, ifelse, as.numeric, "
          "as.integer, as.double, as.character, center, scale, poly, bs, ns, cut, factor, C, "
          "as.factor, relevel, droplevels, interaction, quantile, seq, c and offset\n"
          "  y ~ lgo(x)\n"
          "      ^"},
         {"y ~ C(g, smu)",
          "unknown coding 'smu'; did you mean 'sum'? the codings are treatment, sum and helmert\n"
          "  y ~ C(g, smu)\n"
          "           ^"},
         {"y ~ C(k, ref = 11)",
          "'11' is not a level of k; did you mean '1'? the levels are 1, 2 and 3\n"
          "  y ~ C(k, ref = 11)\n"
          "                 ^"},
         {"y ~ bs(x, dff = 4)",
          "bs() has no argument 'dff'; did you mean 'df'? it takes x, df, knots, degree and "
          "intercept\n"
          "  y ~ bs(x, dff = 4)\n"
          "                  ^"},
         {"y ~ I(g == \"c\")",
          "column 'g' never says 'c'; it says a and b\n"
          "  y ~ I(g == \"c\")\n"
          "             ^"}});
}

BOOST_AUTO_TEST_CASE(text_where_numbers_are_needed_is_named_by_line_and_value) {
  check(
      {{"g ~ x",
        "column 'g' holds text: line 2 says 'a'; the response must be numbers; --family bernoulli "
        "takes its two values as they are\n"
        "  g ~ x\n"
        "  ^"},
       {"y ~ log(g)",
        "column 'g' holds text: line 2 says 'a'; numbers are needed here\n"
        "  y ~ log(g)\n"
        "          ^"},
       {"y ~ x + offset(g)",
        "column 'g' holds text: line 2 says 'a'; numbers are needed here\n"
        "  y ~ x + offset(g)\n"
        "                 ^"}});
  auto table = small();
  tarn::Column& spoiled = table->columns[4];
  spoiled.number_cells = 5;
  spoiled.first_text_line = 17;
  spoiled.first_text_file = "b.csv";
  spoiled.first_text = "n/a";
  BOOST_TEST(
      message_of("y ~ g", table) ==
      "column 'g' holds numbers and text: line 17 of b.csv says 'n/a'; mend the cell, say "
      "--missing 'n/a' if it stands for a missing value, or write factor(g) if the column is "
      "a factor\n"
      "  y ~ g\n"
      "      ^");
  BOOST_TEST(message_of("y ~ factor(g)", table) == "no error");
  BOOST_TEST(message_of("y ~ 1 + (1 | g)", table) == "no error");
}

BOOST_AUTO_TEST_CASE(values_that_are_not_finite_are_named_by_row) {
  check({{"log(x) ~ z",
          "log(x) is not a finite number in row 3, where x is -1; log() needs a positive number"},
         {"y ~ sqrt(x * 2)",
          "sqrt(x * 2) is not a finite number in row 3, where x * 2 is -2; sqrt() needs a number "
          "that is not negative"},
         {"y ~ I(1/(k - 2))", "I(1/(k - 2)) is not a finite number in row 3, where (k - 2) is 0"},
         {"y ~ center(log(x))",
          "log(x) is not a finite number in row 3, where x is -1; log() needs a positive number"}});
  auto table = small();
  table->columns[1].numbers[4] = std::numeric_limits<double>::infinity();
  BOOST_TEST(message_of("y ~ x", table) ==
             "column 'x' is infinite in row 5; correct or remove the row");
  BOOST_TEST(message_of("x ~ y", table) ==
             "column 'x' is infinite in row 5; correct or remove the row");
  BOOST_TEST(message_of("y ~ 1 + (x | g)", table) ==
             "column 'x' is infinite in row 5; correct or remove the row");
  BOOST_TEST(message_of("y ~ z", table) == "no error");
}

BOOST_AUTO_TEST_CASE(weights_and_standard_errors_must_make_sense) {
  check({{"y | weights(x) ~ z", "weights(x) must not be negative; in row 3 it is -1"},
         {"y | se(k - 1) ~ z", "se(k - 1) must be positive; in row 1 it is 0"},
         {"y | weights(0 * k) ~ z", "all weights are 0: no rows are left"}});
}

BOOST_AUTO_TEST_CASE(missing_values_that_leave_nothing_are_refused) {
  const auto table = table_of({{"y", std::vector<double>{1, missing, 3}},
                               {"x", std::vector<double>{missing, 2, missing}},
                               {"none", std::vector<double>{missing, missing, missing}},
                               {"g", std::vector<std::string>{"a", "", "b"}}});
  BOOST_TEST(message_of("y ~ x", table) ==
             "no rows are left: each has a missing value (y: 1 missing and x: 2 missing)");
  BOOST_TEST(message_of("y ~ none", table) ==
             "column 'none' has no values: all 3 cells are missing\n"
             "  y ~ none\n"
             "      ^");
  const tarn::FormulaOptions refuse{.center = true, .drop_missing = false};
  BOOST_TEST(message_of("y ~ 1 + (1 | g)", table, refuse) ==
             "column 'y' has 1 missing value, the first in row 2; fill or remove them, or let such "
             "rows be dropped with --na drop");
  auto empty = std::make_shared<tarn::Table>(*table);
  for (tarn::Column& column : empty->columns) {
    column.numbers.clear();
    column.codes.clear();
    column.missing = 0;
  }
  empty->rows = 0;
  BOOST_TEST(message_of("y ~ x", empty) == "data.csv has no rows");
}
