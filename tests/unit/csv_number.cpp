// Numbers as cells: rounded as the standard library does, recognised as people write them.
#define BOOST_TEST_MODULE csv_number
#include "data/csv/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

namespace {

using tarn::io::csv::Meaning;
using tarn::io::csv::read_cell;
using tarn::io::csv::read_decimal;
using tarn::io::csv::Rules;

double standard(const std::string& text) {
  double value = NAN;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

const Rules rules;

bool same_bits(double a, double b) { return std::memcmp(&a, &b, sizeof a) == 0; }

/// Both roads, where they are open; how often the fast one was.
struct Comparison {
  int fast = 0;

  void check(const std::string& text) {
    const std::string padded = text + ",12345678" + std::string(16, '\0');
    double value;
    const char* const end = read_decimal(padded.data(), value);
    if (end) {
      ++fast;
      BOOST_TEST_REQUIRE(end == padded.data() + text.size(), text);
      BOOST_TEST_REQUIRE(same_bits(value, standard(text)), text);
    }
    const Meaning meaning = read_cell(text, value, rules);
    if (meaning == Meaning::number) {
      BOOST_TEST_REQUIRE(same_bits(value, standard(text)), text);
    } else {
      BOOST_TEST_REQUIRE((meaning == Meaning::long_integer || meaning == Meaning::padded), text);
    }
  }
};

std::string digits(std::mt19937_64& random, std::size_t most) {
  std::string text(random() % (most + 1), '0');
  for (char& c : text) c = static_cast<char>('0' + random() % 10);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(random_decimals_are_rounded_as_from_chars_rounds_them) {
  std::mt19937_64 random(1);
  Comparison comparison;
  constexpr int tries = 200000;
  for (int i = 0; i < tries; ++i) {
    std::string text = random() % 2 ? "-" : "";
    text += digits(random, 12) + static_cast<char>('0' + random() % 10);
    if (random() % 4) text.append(".").append(digits(random, 22));
    if (random() % 4 == 0) {
      text.append("e").append(std::to_string(static_cast<int>(random() % 60) - 30));
    }
    comparison.check(text);
  }
  BOOST_TEST(comparison.fast > tries / 2);  // else the fast road has been closed by mistake
}

BOOST_AUTO_TEST_CASE(every_way_to_print_a_double_is_read_back) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> exponent(-8, 8);
  Comparison comparison;
  constexpr int tries = 100000;
  for (int i = 0; i < tries; ++i) {
    const double value = std::pow(10, exponent(random)) * (random() % 2 ? -1 : 1);
    char text[64];
    const auto shortest = std::to_chars(text, text + sizeof text, value);
    comparison.check({text, shortest.ptr});
    BOOST_TEST_REQUIRE(standard({text, shortest.ptr}) == value);
    const auto long_end =
        std::to_chars(text, text + sizeof text, value, std::chars_format::general, 17);
    comparison.check({text, long_end.ptr});
  }
  // All but 0.0001234... of 17 digits, which have more than 19 behind the point, and the largest.
  BOOST_TEST(comparison.fast > 2 * tries * 3 / 4);
}

BOOST_AUTO_TEST_CASE(halfway_cases_go_to_the_even_neighbour) {
  // 2^53 + 1 and 2^53 + 3 lie halfway between doubles, as tenths and as hundredths.
  Comparison comparison;
  for (const char* text : {"9007199254740993.0", "9007199254740995.0", "9007199254740993.00",
                           "900719925474099.30", "9007199254740992.9", "9007199254740993.1",
                           "0.5000000000000000555", "1.00000000000000011102230246251565e0",
                           "1844674407370955161.5", "9999999999999999999.0", "-0", "-0.0", "0.0"}) {
    comparison.check(text);
  }
}

BOOST_AUTO_TEST_CASE(numbers_as_people_write_them) {
  double value;
  for (const auto& [text, expected] : {std::pair{"12", 12.0},
                                       {"+12", 12.0},
                                       {" -12\t", -12.0},
                                       {"1e5", 1e5},
                                       {"1E+05", 1e5},
                                       {".5", 0.5},
                                       {"5.", 5.0},
                                       {"00.7", 0.7},
                                       {"+.5e1", 5.0},
                                       {"1e-320", 1e-320},
                                       {"0e7", 0.0},
                                       {"Inf", INFINITY},
                                       {"-inf", -INFINITY},
                                       {"+Infinity", INFINITY}}) {
    BOOST_TEST((read_cell(text, value, rules) == Meaning::number), text);
    BOOST_TEST(value == expected, text);
  }
  for (const char* text : {"", " ", "NA", "NaN", "nan", " NA ", "N/A", "."}) {
    BOOST_TEST((read_cell(text, value, rules) == Meaning::missing), text);
    BOOST_TEST(std::isnan(value));
  }
  for (const char* text :
       {"+",      "-",    "..",     "e5",   "1e",    "1e+",  "--1",  "+-1",
        "-+1",    "1 2",  "1,5",    "12kg", "0x10",  "na",   "NAN",  "n.a.",
        "nan(1)", "-nan", "Infant", "info", "1e5.5", "1..2", "TRUE", "1e99999"}) {
    BOOST_TEST((read_cell(text, value, rules) == Meaning::text), text);
  }
  for (const char* text : {"9007199254740993", "-9007199254740993", "123456789012345678901"}) {
    BOOST_TEST((read_cell(text, value, rules) == Meaning::long_integer), text);
  }
  for (const char* text : {"007", "-01", "+00", "0000000000000000000", "00000000000000000012"}) {
    BOOST_TEST((read_cell(text, value, rules) == Meaning::padded), text);
  }
}
