// Numbers, tables and verdicts as people read them.
#define BOOST_TEST_MODULE report
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "report/numbers.hpp"
#include "report/progress_line.hpp"
#include "report/summary_table.hpp"
#include "report/text_table.hpp"
#include "tarn/error.hpp"
#include "tarn/figure.hpp"
#include "tarn/text.hpp"

using namespace tarn;

BOOST_AUTO_TEST_CASE(decimals_end_where_the_monte_carlo_error_begins) {
  BOOST_TEST(supported_decimals(0.0024) == 3);
  BOOST_TEST(supported_decimals(0.1) == 1);
  BOOST_TEST(supported_decimals(3.0) == 0);
  BOOST_TEST(supported_decimals(250.0) == 0);
  BOOST_TEST(supported_decimals(1e-9) == -1);
  BOOST_TEST(supported_decimals(0) == -1);
  BOOST_TEST(supported_decimals(std::nan("")) == -1);
}

BOOST_AUTO_TEST_CASE(numbers_are_written_without_a_negative_zero) {
  BOOST_TEST(number_text(-0.0001, 2) == "0.00");
  BOOST_TEST(number_text(-0.006, 2) == "-0.01");
  BOOST_TEST(number_text(1.23456789e-7, -1) == "1.23457e-07");
  BOOST_TEST(number_text(std::nan(""), 2) == "-");
  BOOST_TEST(number_text(std::numeric_limits<double>::infinity(), 2) == "inf");
}

BOOST_AUTO_TEST_CASE(counts_are_grouped_and_nouns_agree) {
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(1000) == "1,000");
  BOOST_TEST(grouped(1234567) == "1,234,567");
  BOOST_TEST(count_of(1, "chain") == "1 chain");
  BOOST_TEST(count_of(4000, "draw") == "4,000 draws");
}

BOOST_AUTO_TEST_CASE(durations_are_written_in_the_units_people_use) {
  BOOST_TEST(duration_text(0.0001) == "under 1 ms");
  BOOST_TEST(duration_text(0.0123) == "12 ms");
  BOOST_TEST(duration_text(0.0999) == "0.1 s");
  BOOST_TEST(duration_text(9.94) == "9.9 s");
  BOOST_TEST(duration_text(59.4) == "59 s");
  BOOST_TEST(duration_text(59.6) == "1 min 0 s");
  BOOST_TEST(duration_text(12000) == "3 h 20 min");
}

BOOST_AUTO_TEST_CASE(decimal_points_are_under_each_other) {
  TextTable table({{"name", TextTable::Align::left}, {"x", TextTable::Align::point}});
  table.add({"a", "1.25"});
  table.add({"bcd", "-10"});
  BOOST_TEST(table.text() ==
             "name       x\n"
             "a       1.25\n"
             "bcd   -10\n");
}

BOOST_AUTO_TEST_CASE(the_first_column_gives_way_to_the_page) {
  TextTable table({{"name", TextTable::Align::left}, {"x", TextTable::Align::right}});
  table.add({"a name much longer than the page is wide", "12345"});
  BOOST_TEST(table.text(24).find("a name ...") != std::string::npos);
  for (std::size_t at = 0, end; (end = table.text(24).find('\n', at)) != std::string::npos;
       at = end + 1) {
    BOOST_TEST(end - at <= 24u);
  }
}

BOOST_AUTO_TEST_CASE(names_that_differ_are_never_cut_until_they_are_equal) {
  TextTable table({{"name", TextTable::Align::left}, {"x", TextTable::Align::right}});
  table.add({"r_county[the first of two,Intercept]", "12345"});
  table.add({"r_county[the other of two,Intercept]", "12345"});
  BOOST_TEST(table.text(24) ==
             "name                                x\n"
             "r_county[the f...wo,Intercept]  12345\n"
             "r_county[the o...wo,Intercept]  12345\n");
  TextTable longer({{"name", TextTable::Align::left}, {"x", TextTable::Align::right}});
  const std::string head(3000, 'a'), tail(3000, 'z');
  longer.add({head + "1" + tail, "1"});
  longer.add({head + "2" + tail, "1"});
  BOOST_TEST(longer.text(24) ==
             "name                   x\n"
             "aaaaaaaaa...zzzzzzzzz  1\n"
             "aaaaaaa...zzzzzzz (2)  1\n");
}

BOOST_AUTO_TEST_CASE(widths_are_counted_in_characters) {
  BOOST_TEST(text_width("größe") == 5u);
  BOOST_TEST(shortened("größere Häuser", 9) == "grö...ser");
  BOOST_TEST(shortened("short", 9) == "short");
}

BOOST_AUTO_TEST_CASE(long_sentences_are_broken_at_blanks) {
  BOOST_TEST(wrapped("one two three", 8, 2) == "one two\n  three");
  BOOST_TEST(wrapped("  indented line here", 12, 4) == "  indented\n    line\n    here");
}

BOOST_AUTO_TEST_CASE(progress_tells_rate_and_time_left) {
  BOOST_TEST(progress_line({.done = 4000, .total = 16000, .divergences = 0, .seconds = 2}) ==
             "25 %, 2,000 transitions/s, 6.0 s left");
  BOOST_TEST(progress_line({.done = 1, .total = 4, .divergences = 3, .seconds = 10}) ==
             "25 %, 0.1 transitions/s, 30 s left, 3 divergences");
}

namespace {

ReportTable parameters() {
  return {"parameters",
          {"mean", "sd", "mcse_mean", "mcse_sd", "q2.5", "q97.5", "mcse_q2.5", "rhat", "ess_bulk",
           "ess_tail"},
          {"b[x]", "sigma"},
          {1.23456,      0.5,         0.0081,       0.01,
           0.25,         2.2,         0.02,         1.00149,
           3812.4,       2900.6,  //
           0.75,         0,           std::nan(""), std::nan(""),
           0.75,         0.75,        std::nan(""), std::nan(""),
           std::nan(""), std::nan("")}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_summary_shows_supported_digits_and_dashes_for_what_cannot_be_said) {
  BOOST_TEST(summary_table(parameters(), {0, 1}).text() ==
             "parameter   mean     sd    mcse   q2.5  q97.5   rhat  ess_bulk  ess_tail\n"
             "b[x]       1.235  0.500  0.0081  0.250  2.200  1.001     3,812     2,901\n"
             "sigma      0.75   0      -       0.75   0.75   -             -         -\n");
}

BOOST_AUTO_TEST_CASE(a_table_without_its_columns_is_the_diagnostic_s_fault) {
  ReportTable table = parameters();
  table.columns[7] = "r_hat";
  BOOST_CHECK_EXCEPTION(summary_table(table, {0}), PluginError, [](const PluginError& error) {
    return std::string(error.what()).find("no column 'rhat'") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(the_worst_finding_is_the_verdict) {
  const Finding good{Finding::Level::good, "all well"};
  const Finding note{Finding::Level::note, "one chain"};
  const Finding bad{Finding::Level::bad, "chains disagree; run longer: --draws 4000"};
  BOOST_TEST(verdict_word({good}) == "good");
  BOOST_TEST(verdict_word({good, note}) == "notes");
  BOOST_TEST(verdict_word({note, bad, good}) == "bad");
  BOOST_TEST(verdict_line(Finding::Level::note, true) ==
             "verdict: the draws can be used as an approximation\n");
  BOOST_TEST(verdict_line(Finding::Level::bad, true) ==
             "verdict: do not use these approximate draws\n");
  BOOST_TEST(verdict_text({note, bad}) ==
             "verdict: do not use these draws yet\n"
             "  bad   chains disagree; run longer: --draws 4000\n"
             "  note  one chain\n");
}

BOOST_AUTO_TEST_CASE(words_of_the_data_are_filled_into_a_template) {
  BOOST_TEST(with_words(R"({"x": "mean of @y@", "y": "@y@"})", {{"y", "a \"b\"\n"}}) ==
             R"({"x": "mean of a \"b\"\u000a", "y": "a \"b\"\u000a"})");
  BOOST_CHECK_THROW(with_words("@y@", {}), PluginError);
  BOOST_CHECK_THROW(with_words("no words", {{"y", "z"}}), PluginError);
  BOOST_CHECK_THROW(with_words("one @", {}), PluginError);
}

BOOST_AUTO_TEST_CASE(control_characters_and_disguised_blanks_are_shown_not_printed) {
  BOOST_TEST(shown("plain, größe 日本 😀") == "plain, größe 日本 😀");
  BOOST_TEST(shown("\x1b[31m\r\n\t\x07\x7f") == "\\u001b[31m\\u000d\\u000a\\u0009\\u0007\\u007f");
  BOOST_TEST(shown("\u009b2J\u2028\u202e\u00a0\u200b\ufeff") ==
             "\\u009b2J\\u2028\\u202e\\u00a0\\u200b\\ufeff");
  BOOST_TEST(printable("a\tb\nc\u00a0d\x1b\r\u202e") == "a\tb\nc\u00a0d\\u001b\\u000d\\u202e");
  // Bytes that are no UTF-8, among them the control characters of eight-bit terminals.
  BOOST_TEST(printable("\x9b\xc3(\xed\xa0\x80\xff") == "\\x9b\\xc3(\\xed\\xa0\\x80\\xff");
  BOOST_TEST(list_of(std::vector<std::string>{"a\n", "b"}) == "a\\u000a and b");
  BOOST_TEST(did_you_mean("x\x1b", std::vector<std::string>{"x\x1b"
                                                            "1"}) == "did you mean 'x\\u001b1'? ");
  TextTable table({{"name", TextTable::Align::left}});
  table.add({"evil\ntwo"});
  BOOST_TEST(table.text() == "name\nevil\\u000atwo\n");
}
