// The way back from a formula's left side to its column.
#define BOOST_TEST_MODULE response
#include "tarn/response.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <ostream>

namespace {

using namespace tarn;

struct Case {
  const char* formula;
  double column;
  double response;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.formula; }
};

const Case cases[] = {{"y ~ x", 2.5, 2.5},
                      {"log(y) ~ x", 2.5, std::log(2.5)},
                      {"log2(y / 3) ~ x", 2.5, std::log2(2.5 / 3)},
                      {"log10(2 * y) ~ x", 2.5, std::log10(5)},
                      {"log1p(y) ~ x", 2.5, std::log1p(2.5)},
                      {"exp(y) ~ x", 2.5, std::exp(2.5)},
                      {"expm1(y) ~ x", 2.5, std::expm1(2.5)},
                      {"sqrt(y) ~ x", 2.5, std::sqrt(2.5)},
                      {"I(y^3) ~ x", 2.5, 2.5 * 2.5 * 2.5},
                      {"(10 - y) ~ x", 2.5, 7.5},
                      {"I(1 / y) ~ x", 2.5, 0.4},
                      {"I(-(log(y) + 1)) ~ x", 2.5, -std::log(2.5) - 1},
                      {"log(y - -2) ~ x", 2.5, std::log(4.5)},
                      {"log(y) | weights(w) ~ x", 2.5, std::log(2.5)}};

}  // namespace

BOOST_DATA_TEST_CASE(a_response_is_taken_back_to_its_column, boost::unit_test::data::make(cases),
                     c) {
  const Response response = response_of(c.formula);
  BOOST_TEST(response.columns == std::vector<std::string>{"y"});
  BOOST_REQUIRE(response.column);
  BOOST_TEST(response.column(c.response) == c.column, boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(values_that_no_column_gives_have_none) {
  BOOST_TEST(std::isnan(response_of("sqrt(y) ~ x").column(-0.1)));
  BOOST_TEST(std::isnan(response_of("exp(y) ~ x").column(0)));
  BOOST_TEST(std::isnan(response_of("expm1(y) ~ x").column(-1)));
  BOOST_TEST(std::isnan(response_of("I(y^2) ~ x").column(-1)));
  BOOST_TEST(std::isnan(response_of("I(1 / y) ~ x").column(0)));
}

BOOST_AUTO_TEST_CASE(some_left_sides_have_no_way_back) {
  for (const char* formula : {"scale(y) ~ x", "sin(y) ~ x", "abs(y) ~ x", "log(y / z) ~ x"}) {
    BOOST_TEST(!response_of(formula).column, formula);
  }
  BOOST_TEST(response_of("log(y / z) ~ x").columns == (std::vector<std::string>{"y", "z"}));
  BOOST_TEST(response_of("log( y/z ) ~ x").text == "log(y/z)");
}
