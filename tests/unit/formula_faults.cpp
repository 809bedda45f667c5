// Designs and groups that cannot be fitted, in words.
#define BOOST_TEST_MODULE formula_faults
#include <boost/test/unit_test.hpp>

#include "formula_refusal.hpp"

namespace {

using tarn::test::check;
using tarn::test::message_of;
using tarn::test::table_of;
using Texts = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(designs_that_cannot_be_fitted_are_refused) {
  check({{"flat ~ x", "the response 'flat' is constant: it is 3 in every row used"},
         {"y ~ flat",
          "covariate 'flat' is constant (3), so it cannot be told from the intercept; leave it "
          "out"},
         {"y ~ 0 + flat", "no error"},
         {"y ~ center(flat)", "covariate 'center(flat)' is 0 in every row used; leave it out"},
         {"y ~ scale(flat)",
          "flat is constant, so scale(flat) has no meaning\n"
          "  y ~ scale(flat)\n"
          "      ^"},
         {"y ~ one",
          "factor 'one' has one level, 'a', in the rows used; leave it out\n"
          "  y ~ one\n"
          "      ^"},
         {"y ~ x + I(2 * x)",
          "covariate 'I(2 * x)' is a multiple of 'x', so their coefficients cannot be told apart; "
          "leave one out"},
         {"y ~ x + z + I(x + z)",
          "covariate 'I(x + z)' is a linear combination of 'x' and 'z', so their coefficients "
          "cannot be told apart; leave one out"},
         {"y ~ x + k + z + I(1 - x)",
          "covariate 'I(1 - x)' is a linear combination of the intercept and 'x', so their "
          "coefficients cannot be told apart; leave one out"},
         {"y ~ poly(x, 2) + g + z", "no error"},
         {"y ~ poly(x, 3) + g + z",
          "the formula has as many coefficients as there are rows, 6: they fit any response, and "
          "nothing is left to tell sigma by; leave terms out, or write (1 | g) for a factor g with "
          "many levels"},
         {"y | se(k) ~ poly(x, 3) + g + z", "no error"},
         {"y ~ poly(x, 4) + g + k + z",
          "the formula has 8 coefficients, but only 6 rows can be used; leave terms out"},
         {"y ~ g:factor(k) + x + z",
          "the formula has 9 coefficients, but only 6 rows can be used; leave terms out"},
         {"y ~ poly(k, 3)", "poly(k, 3) needs more than 3 distinct values; there are 3"},
         {"y ~ bs(x, df = 2)", "bs(x, df = 2) needs df of at least 3"}});
}

BOOST_AUTO_TEST_CASE(groups_that_cannot_be_fitted_are_refused) {
  check({{"y ~ 1 + (1 | one)",
          "grouping factor 'one' has one level, 'a', in the rows used; groups need at least two"},
         {"y ~ 1 + (1 | y)",
          "'y' is the response; it cannot be a grouping factor too\n"
          "  y ~ 1 + (1 | y)\n"
          "               ^"},
         {"y ~ 1 + (1 | id)", "no error"},
         {"y | se(k) ~ 1 + (1 | id)", "no error"},
         {"y ~ x + (0 + x | id)", "no error"},
         {"y ~ x + (1 | g) + (x | g)",
          "'Intercept' varies by 'g' twice, in (1 | g) and in (1 + x | g): two such effects add up "
          "to "
          "one, and the data cannot tell their standard deviations apart; write one group term"},
         {"y ~ x + (x || g) + (1 + z | g)",
          "'Intercept' varies by 'g' twice, in (1 | g) and in (1 + z | g): two such effects add up "
          "to "
          "one, and the data cannot tell their standard deviations apart; write one group term"},
         {"y ~ x + (1 | g) + (x || g)", "no error"},
         {"y ~ (0 + I(x > 20):z | g)",
          "I(x > 20) is FALSE in all rows used; leave it out\n"
          "  y ~ (0 + I(x > 20):z | g)\n"
          "           ^"},
         {"y ~ x + (flat | g)",
          "'flat' is constant (3), so it cannot vary by 'g' as a slope; write (1 | g)"},
         {"y ~ x + (1 | log(z))",
          "a grouping column was expected, or several joined by ':' or '/'\n"
          "  y ~ x + (1 | log(z))\n"
          "               ^"},
         {"y ~ x + (0 | g)",
          "this group term has no columns; write for example (1 | g)\n"
          "  y ~ x + (0 | g)\n"
          "             ^"}});
}

BOOST_AUTO_TEST_CASE(an_empty_cell_of_reference_levels_is_named_with_what_mends_it) {
  const auto table = table_of({{"y", std::vector<double>{1, 2, 4, 3, 7, 5, 8, 6}},
                               {"f", Texts{"a", "b", "b", "c", "c", "a", "b", "c"}},
                               {"h", Texts{"u", "u", "v", "u", "v", "u", "v", "v"}}});
  BOOST_TEST(message_of("y ~ f * h", table) ==
             "covariate 'fc:hv' is a linear combination of 'hv' and 'fb:hv', so their coefficients "
             "cannot be told apart; no row has f = a with h = v: take other reference levels, so "
             "that this cell has a column of its own, which is left out: C(f, ref = \"b\")");
  BOOST_TEST(message_of("y ~ C(f, ref = \"b\") * h", table) == "no error");
  BOOST_TEST(message_of("y ~ 0 + f:h", table) == "no error");
}
