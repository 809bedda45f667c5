// What is said of functions: those that other programs have, and arguments that make no sense.
#define BOOST_TEST_MODULE formula_functions
#include <boost/test/unit_test.hpp>

#include "formula_refusal.hpp"

namespace {

using tarn::test::check;
using tarn::test::message_of;
using tarn::test::small;

}  // namespace

BOOST_AUTO_TEST_CASE(functions_of_other_programs_have_a_sentence_of_their_own) {
  const auto table = small();
  const auto starts = [&](const std::string& formula, const std::string& sentence) {
    BOOST_TEST(message_of(formula, table).starts_with(sentence + "\n  " + formula + "\n"),
               formula << ": " << message_of(formula, table));
  };
  starts(
      "y ~ s(x)",
      "there are no smooths yet: s() cannot be read; use bs(x, df = 5) or ns(x, df = 4), splines "
      "with a number of knots that you choose");
  for (const std::string name : {"te", "t2", "ti"}) {
    starts("y ~ " + name + "(x, z)",
           "there are no smooths of several variables yet: " + name +
               "() cannot be read; use poly(x, z, degree = 2), or a product of splines such as "
               "ns(x, df = 3) * ns(z, df = 3)");
  }
  starts("y ~ rw1(x)",
         "there are no random walks yet: rw1() cannot be read; use ns(t, df = 5) for a trend that "
         "bends, or (1 | t) for independent deviations of the times");
  starts(
      "y ~ gp(x)",
      "there are no Gaussian processes yet: gp() cannot be read; use ns(x, df = 5), or bs(x, df = "
      "6), with more df for faster changes");
  starts("y ~ x + ar(z, g)",
         "there are no correlated residuals yet: ar() cannot be read; (1 | g) gives the rows of a "
         "group one correlation, and a column with the value before can be a covariate");
  starts("y ~ mo(k)",
         "there are no monotonic effects yet: mo() cannot be read; use factor(x), which gives each "
         "level a coefficient of its own, or as.numeric(x) for equal steps");
  starts("y ~ me(x, z)",
         "there are no errors in covariates yet: me() cannot be read; use the column as it is, and "
         "expect its coefficient to be nearer 0 than it would be without the errors");
  starts("y ~ mi(x)",
         "missing values are not estimated yet: mi() cannot be read; write the column without it, "
         "and rows that lack a value are dropped and counted");
  starts("y ~ (1 | mm(g, one))",
         "there are no terms of multiple membership yet: mm() cannot be read; use (1 | g) with the "
         "group that a row belongs to most");
  starts("y ~ (1 | gr(g, by = one))",
         "there are no options of groupings yet: gr() cannot be read; write (1 | g), or (1 | g:by) "
         "for groups that differ in the levels of another factor");
  starts("y | cens(k) ~ x",
         "there are no censored responses yet: cens() cannot be read; leave censored rows out only "
         "if nothing else can be done, since that biases what is estimated");
  starts("y | trunc(lb = 0) ~ x",
         "there are no truncated responses yet: trunc() cannot be read after the bar; where few "
         "values lie near the bound, write the response without it");
  starts("y | weights(k) + mi() ~ x",
         "missing responses are not estimated yet: mi() cannot be read; write the response without "
         "it, and rows that lack it are dropped and counted; 'tarn predict' fills them in");
  starts(
      "cbind(y, x) ~ z",
      "one response is fitted at a time: cbind() cannot be read; fit each response with a formula "
      "of its own, and join covariates by +");
  starts("bf(y ~ x)",
         "a formula is taken as it is: write 'y ~ x + (1 | g)' without bf() around it");
  starts(
      "y ~ ordered(k)",
      "no factor is coded by the order of its levels: ordered() cannot be read; use factor(x), or "
      "poly(as.numeric(x), 2) for a trend over the levels");
  // What has such a name and is no call is a column; trunc() on the right is a function.
  BOOST_TEST(message_of("y ~ trunc(x)", table) == "no error");
  BOOST_TEST(message_of("ifelse(x > 2 | trunc(z) > 3, y, 0) ~ x", table) == "no error");
}

BOOST_AUTO_TEST_CASE(arguments_that_make_no_sense_are_refused_at_their_place) {
  check({{"y ~ cut(x)",
          "cut() needs the argument 'breaks'\n"
          "  y ~ cut(x)\n"
          "      ^"},
         {"y ~ cut(x, 1)",
          "cut() needs the breaks, as in c(0, 5, 10), or a number of intervals from 2\n"
          "  y ~ cut(x, 1)\n"
          "             ^"},
         {"y ~ cut(x, c(0, 2, 9), labels = c(\"a\", \"b\", \"c\"))",
          "3 breaks make 2 intervals, but there are 3 labels\n"
          "  y ~ cut(x, c(0, 2, 9), labels = c(\"a\", \"b\", \"c\"))\n"
          "                                  ^"},
         {"y ~ cut(x, c(0, 2, 2))",
          "two of the breaks are equal: 2\n"
          "  y ~ cut(x, c(0, 2, 2))\n"
          "             ^"},
         {"y ~ round(x, z)",
          "a number was expected\n"
          "  y ~ round(x, z)\n"
          "               ^"},
         {"y ~ relevel(g, ref = \"c\")",
          "'c' is not a level of g; the levels are a and b\n"
          "  y ~ relevel(g, ref = \"c\")\n"
          "                       ^"},
         {"y ~ as.numeric(g)",
          "'a' in row 1 of column 'g' is not a number; correct the cell, or say that it is a "
          "missing value with --missing 'a'\n"
          "  y ~ as.numeric(g)\n"
          "                 ^"},
         {"y ~ ifelse(x > 2, \"a\", 1)",
          "one branch of ifelse() is a text, so the other must be one too\n"
          "  y ~ ifelse(x > 2, \"a\", 1)\n"
          "                         ^"},
         {"y ~ ifelse(x > 2, 1)",
          "ifelse() needs the argument 'no'\n"
          "  y ~ ifelse(x > 2, 1)\n"
          "      ^"},
         {"y ~ I(cut(x, 3))",
          "cut() makes a factor; it stands alone in a term\n"
          "  y ~ I(cut(x, 3))\n"
          "        ^"},
         {"y ~ scale(x, scale = 0)",
          "nothing can be divided by 0\n"
          "  y ~ scale(x, scale = 0)\n"
          "      ^"},
         {"y ~ pi",
          "pi is a constant, not a column; a column of that name is written in back quotes: `pi`\n"
          "  y ~ pi\n"
          "      ^"},
         {"y ~ x %/% 2",
          "'%/%' is arithmetic, not a term; write I(...) around it\n"
          "  y ~ x %/% 2\n"
          "        ^"},
         {"y ~ scale(x, centre = FALSE)",
          "scale() has no argument 'centre'; did you mean 'center'? it takes x, center and scale\n"
          "  y ~ scale(x, centre = FALSE)\n"
          "                        ^"},
         {"y ~ cut(x, c(0, 2, 4), 3, 4, 5, 6, 7, 8)",
          "cut() has too many arguments\n"
          "  y ~ cut(x, c(0, 2, 4), 3, 4, 5, 6, 7, 8)\n"
          "                                        ^"}});
}
