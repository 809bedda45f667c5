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
  return table_of({{"y", Numbers{1, 2, 3, 4, 5, 6, 7, 9}},
                   {"x", Numbers{2, 7, 1, 8, 2, 8, 1, 8}},
                   {"z", Numbers{3, 1, 4, 1, 5, 9, 2, 6}},
                   {"o", Numbers{0, 1, 0, 1, 0, 1, 0, 1}},
                   {"f", Texts{"a", "b", "c", "a", "b", "c", "a", "b"}},
                   {"g", Texts{"k", "k", "k", "k", "l", "l", "l", "l"}},
                   {"h", Numbers{1, 1, 2, 2, 1, 1, 2, 2}}});
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
  BOOST_TEST((before.y + before.offset == parsed.response()));
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

BOOST_AUTO_TEST_CASE(rows_with_missing_covariates_are_dropped_and_counted) {
  const ParsedDesign parsed = make_design("y ~ x", fitted());

  const NewRows rows =
      make_new_rows("y ~ x", table_of({{"x", Numbers{1, test::missing, 3}}}), parsed.state);
  const std::vector<std::size_t> numbers{1, 3};
  BOOST_TEST(rows.row_numbers == numbers);
  BOOST_TEST(rows.dropped.front() == "x: 1 missing");
}
