// A formula over new data means what it meant over the fit's.
#define BOOST_TEST_MODULE formula_new_rows
#include <boost/test/unit_test.hpp>

#include "formula_table.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"

namespace {

using namespace tarn;
using test::table_of;
using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

const std::string formula = "log(y) ~ scale(x) * f + poly(z, 2) + offset(o) + (1 + x | g:h)";

std::shared_ptr<const Table> fitted() {
  return table_of({{"y", Numbers{1, 2, 3, 4, 5, 6, 7, 9, 8}},
                   {"x", Numbers{2, 7, 1, 8, 2, 8, 1, 8, 3}},
                   {"z", Numbers{3, 1, 4, 1, 5, 9, 2, 6, 7}},
                   {"o", Numbers{0, 1, 0, 1, 0, 1, 0, 1, 0}},
                   {"f", Texts{"a", "b", "c", "a", "b", "c", "a", "b", "c"}},
                   {"g", Texts{"k", "k", "k", "k", "l", "l", "l", "l", "l"}},
                   {"h", Numbers{1, 1, 2, 2, 1, 1, 2, 2, 2}}});
}

Rows all(const NewRows& rows) {
  Rows result;
  rows.rows->read(0, rows.rows->count(), result);
  return result;
}

bool says(const InputError& error, const std::string& words) {
  BOOST_TEST_INFO(error.what());
  return std::string(error.what()).find(words) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_of_the_fit_come_out_as_they_went_in) {
  const auto table = fitted();
  const ParsedDesign parsed = make_design(formula, table);
  const Rows before = parsed.design.all_rows();
  const NewRows rows = make_new_rows(formula, table, parsed.state);
  const Rows after = all(rows);
  BOOST_TEST(rows.has_response);
  BOOST_TEST((after.X == before.X));
  BOOST_TEST((after.y == before.y));
  BOOST_TEST((after.offset == before.offset));
  BOOST_TEST((after.Z.front() == before.Z.front()));
  BOOST_TEST(after.level.front() == before.level.front());
  BOOST_TEST(rows.known.front() == parsed.design.groupings.front().levels.size());
  BOOST_TEST((before.y == parsed.response()));
}

BOOST_AUTO_TEST_CASE(one_row_without_response_has_the_columns_of_that_row) {
  const auto table = fitted();
  const ParsedDesign parsed = make_design(formula, table);
  const NewRows rows = make_new_rows(formula,
                                     table_of({{"x", Numbers{8}},
                                               {"z", Numbers{9}},
                                               {"o", Numbers{1}},
                                               {"f", Texts{"c"}},
                                               {"g", Texts{"l"}},
                                               {"h", Numbers{1}}}),
                                     parsed.state);
  const Rows after = all(rows);
  BOOST_TEST(!rows.has_response);
  BOOST_TEST(std::isnan(after.y[0]));
  BOOST_TEST((after.X.row(0) == parsed.design.all_rows().X.row(5)));
  BOOST_TEST(after.level.front().front() == parsed.design.all_rows().level.front()[5]);
}

BOOST_AUTO_TEST_CASE(groups_that_the_fit_has_not_seen_follow_those_it_knows) {
  const ParsedDesign parsed = make_design(formula, fitted());
  const NewRows rows = make_new_rows(formula,
                                     table_of({{"x", Numbers{1, 2, 3}},
                                               {"z", Numbers{1, 2, 3}},
                                               {"o", Numbers{0, 0, 0}},
                                               {"f", Texts{"a", "a", "b"}},
                                               {"g", Texts{"new", "k", "k"}},
                                               {"h", Numbers{1, 2, 7}}}),
                                     parsed.state);
  BOOST_TEST(rows.known.front() == 4u);
  const Texts levels{"k:1", "k:2", "l:1", "l:2", "k:7", "new:1"};
  BOOST_TEST(rows.groupings.front().levels == levels);
  const std::vector<std::int32_t> codes{5, 1, 4};
  BOOST_TEST(all(rows).level.front() == codes);
}

BOOST_AUTO_TEST_CASE(what_new_data_lack_is_named) {
  const ParsedDesign parsed = make_design("y ~ x + f", fitted());
  const auto rows_of = [&](const std::shared_ptr<const Table>& table) {
    return make_new_rows("y ~ x + f", table, parsed.state);
  };
  BOOST_CHECK_EXCEPTION(rows_of(table_of({{"x", Numbers{1}}})), InputError,
                        [](const auto& error) { return says(error, "no column 'f'"); });
  BOOST_CHECK_EXCEPTION(rows_of(table_of({{"x", Numbers{1}}, {"f", Texts{"d"}}})), InputError,
                        [](const auto& error) { return says(error, "'d' is not a level of f"); });
  BOOST_CHECK_EXCEPTION(rows_of(table_of({{"x", Texts{"1", "u"}}, {"f", Texts{"a", "b"}}})),
                        InputError, [](const auto& error) { return says(error, "text"); });
  BOOST_CHECK_EXCEPTION(
      rows_of(table_of({{"x", Numbers{1}}, {"f", Numbers{1}}})), InputError,
      [](const auto& error) { return says(error, "give it the kind that it had"); });
}

BOOST_AUTO_TEST_CASE(rows_that_lack_a_covariate_are_told_with_the_reason) {
  const ParsedDesign parsed = make_design("y ~ x + z", fitted());
  const NewRows rows = make_new_rows("y ~ x + z",
                                     table_of({{"x", Numbers{1, test::missing, 3, test::missing}},
                                               {"z", Numbers{1, 2, test::missing, test::missing}}}),
                                     parsed.state);
  const std::vector<std::size_t> numbers{1};
  BOOST_TEST(rows.row_numbers == numbers);
  BOOST_TEST_REQUIRE(rows.missing.size() == 3u);
  BOOST_TEST(rows.missing[0].number == 2u);
  BOOST_TEST(rows.missing[0].reason == "x is missing");
  BOOST_TEST(rows.missing[1].reason == "z is missing");
  BOOST_TEST(rows.missing[2].reason == "x and z are missing");
}

BOOST_AUTO_TEST_CASE(no_row_need_be_left) {
  const ParsedDesign parsed = make_design("y ~ f", fitted());
  // A column without any value is read as one of numbers.
  const NewRows rows = make_new_rows(
      "y ~ f", table_of({{"f", Numbers{test::missing, test::missing}}}), parsed.state);
  BOOST_TEST(rows.rows->count() == 0u);
  BOOST_TEST(rows.missing.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_missing_response_and_weights_of_any_kind_drop_no_row) {
  const std::string weighted = "y | weights(z) ~ x";
  const ParsedDesign parsed = make_design(weighted, fitted());
  const NewRows rows = make_new_rows(weighted,
                                     table_of({{"y", Numbers{test::missing, 4}},
                                               {"z", Numbers{0, test::missing}},
                                               {"x", Numbers{1, 2}}}),
                                     parsed.state);
  const Rows after = all(rows);
  BOOST_TEST_REQUIRE(after.count() == 2u);
  BOOST_TEST(std::isnan(after.y[0]));
  BOOST_TEST(after.y[1] == 4);
  BOOST_TEST(after.weight[0] == 1);
}

BOOST_AUTO_TEST_CASE(a_missing_group_is_missing_or_a_new_level_as_the_rule_says) {
  const std::string grouped = "y ~ x + (1 | g) + (1 | g:h)";
  const ParsedDesign parsed = make_design(grouped, fitted());
  const auto table = table_of({{"x", Numbers{1, 2, 3, 4}},
                               {"g", Texts{"k", "", "l", ""}},
                               {"h", Numbers{1, 1, test::missing, 2}}});
  const NewRows left = make_new_rows(grouped, table, parsed.state);
  const std::vector<std::size_t> first{1};
  BOOST_TEST(left.row_numbers == first);
  BOOST_TEST(left.missing[0].reason == "g is missing");
  BOOST_TEST(left.missing[1].reason == "h is missing");

  const NewRows own = make_new_rows(grouped, table, parsed.state, MissingGroup::own);
  BOOST_TEST(own.missing.empty());
  const Texts g{"k", "l", "(missing in row 2)", "(missing in row 4)"};
  BOOST_TEST(own.groupings[0].levels == g, boost::test_tools::per_element());
  const std::vector<std::int32_t> codes{0, 2, 1, 3};
  BOOST_TEST(all(own).level[0] == codes);
  const std::vector<std::int32_t> cells{0, 4, 5, 6};
  BOOST_TEST(all(own).level[1] == cells);
  BOOST_TEST(own.known[1] == 4u);

  const NewRows shared = make_new_rows(grouped, table, parsed.state, MissingGroup::shared);
  const std::vector<std::int32_t> one{0, 2, 1, 2};
  BOOST_TEST(all(shared).level[0] == one);
}

BOOST_AUTO_TEST_CASE(a_row_of_a_cell_that_was_left_out_is_missing_never_the_additive_models) {
  const auto table = table_of({{"y", Numbers{1, 2, 3, 4, 5, 6, 7, 9}},
                               {"x", Numbers{2, 7, 1, 8, 2, 8, 1, 8}},
                               {"f", Texts{"a", "b", "c", "a", "b", "c", "a", "b"}},
                               {"h", Texts{"u", "u", "u", "v", "v", "u", "u", "v"}}});
  const ParsedDesign parsed = make_design("y ~ f * h", table);
  const Texts columns{"Intercept", "fb", "fc", "hv", "fb:hv"};
  BOOST_TEST(parsed.design.coefficients == columns, boost::test_tools::per_element());
  BOOST_TEST(parsed.summary.notes == Texts{"'fc:hv' is left out: no row has f = c with h = v"},
             boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(parsed.state.left_out.size() == 1u);
  BOOST_TEST(parsed.state.left_out.at("fc:hv") == "f = c with h = v");
  const NewRows rows = make_new_rows(
      "y ~ f * h", table_of({{"f", Texts{"c", "c", "b"}}, {"h", Texts{"u", "v", "v"}}}),
      parsed.state);
  const std::vector<std::size_t> numbers{1, 3};
  BOOST_TEST(rows.row_numbers == numbers);
  BOOST_TEST_REQUIRE(rows.missing.size() == 1u);
  BOOST_TEST(rows.missing[0].number == 2u);
  BOOST_TEST(rows.missing[0].reason == "no row of the fit has f = c with h = v");
  BOOST_TEST(all(rows).X(1, 4) + parsed.design.center[4] == 1);
}

BOOST_AUTO_TEST_CASE(values_beyond_the_breaks_are_missing_and_unknown_levels_too) {
  const std::string cut = "y ~ cut(x, c(0, 5, 9)) + factor(f, levels = c(\"b\", \"a\", \"c\"))";
  const ParsedDesign parsed = make_design(cut, fitted());
  const NewRows rows =
      make_new_rows(cut, table_of({{"x", Numbers{1, 0, 8, 9.5}}, {"f", Texts{"a", "a", "d", "b"}}}),
                    parsed.state);
  const std::vector<std::size_t> numbers{1};
  BOOST_TEST(rows.row_numbers == numbers);
  BOOST_TEST(rows.missing[0].reason == "cut(x, c(0, 5, 9)) has no value");
  BOOST_TEST(rows.missing[1].reason == "factor(f, levels = c(\"b\", \"a\", \"c\")) has no value");
  BOOST_TEST(rows.missing[2].reason == "cut(x, c(0, 5, 9)) has no value");
}
