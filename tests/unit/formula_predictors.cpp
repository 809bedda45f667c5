// Further formulas: designs, rows, what is learnt, new data, and what is refused.
#define BOOST_TEST_MODULE formula_predictors
#include <boost/test/unit_test.hpp>

#include "formula_table.hpp"

using tarn::Design;
using tarn::make_design;
using tarn::MissingGroup;
using tarn::ParsedDesign;
using tarn::PredictorDesign;
using tarn::Rows;
using tarn::Vector;
using tarn::test::missing;
using tarn::test::table_of;
using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

namespace {

std::shared_ptr<tarn::Table> small() {
  return table_of({{"y", Numbers{1, 3, 2, 5, 4, 6, 7, 3}},
                   {"x", Numbers{1, 2, 3, 4, 5, 6, 7, 8}},
                   {"z", Numbers{2, 1, 4, 3, 6, 5, 8, 9}},
                   {"f", Texts{"a", "b", "c", "a", "b", "c", "a", "b"}},
                   {"g", Texts{"u", "u", "v", "v", "w", "w", "u", "v"}}});
}

std::string refusal(const Texts& formulas, const std::shared_ptr<const tarn::Table>& table) {
  try {
    make_design(formulas, table);
  } catch (const tarn::InputError& error) {
    return error.what();
  }
  return "no error";
}

Rows all(const tarn::NewRows& rows) {
  Rows read;
  rows.rows->read(0, rows.rows->count(), read);
  return read;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_formula_has_columns_of_its_own) {
  const Design design =
      make_design(Texts{"y ~ x", "sigma ~ z + f + offset(x) + (1 + z | g)", "nu ~ 0 + z"}, small())
          .design;
  BOOST_TEST((design.coefficients == Texts{"Intercept", "x"}));
  BOOST_TEST(design.groupings.empty());
  BOOST_TEST_REQUIRE(design.predictors.size() == 2U);
  const PredictorDesign& sigma = design.predictors[0];
  BOOST_TEST(sigma.parameter == "sigma");
  BOOST_TEST((sigma.coefficients == Texts{"Intercept", "z", "fb", "fc"}));
  BOOST_TEST(sigma.has_offset);
  BOOST_TEST(sigma.center[1] == 4.75);
  BOOST_TEST((sigma.groupings[0].levels == Texts{"u", "v", "w"}));
  BOOST_TEST((sigma.terms[0].columns == Texts{"Intercept", "z"}));
  BOOST_TEST(sigma.group_center[0].mean[1] == 4.75);
  BOOST_TEST(design.predictors[1].parameter == "nu");
  BOOST_TEST(!design.predictors[1].has_intercept);
  BOOST_TEST(design.predictor_of("nu") == &design.predictors[1]);
  BOOST_TEST(design.predictor_of("") == &design);
  BOOST_TEST(design.predictor_of("phi") == nullptr);
  BOOST_TEST(design.groupings_in_all() == 1U);
  BOOST_TEST(design.grouping(0).name == "g");

  const Rows rows = design.all_rows();
  BOOST_TEST_REQUIRE(rows.predictors.size() == 2U);
  BOOST_TEST(rows.offset.size() == 0);
  BOOST_TEST((rows.predictors[0].offset == Vector::LinSpaced(8, 1, 8)));
  BOOST_TEST(rows.predictors[0].X(2, 1) == 4 - 4.75);
  BOOST_TEST(rows.predictors[0].Z[0](2, 1) == 4 - 4.75);
  BOOST_TEST(rows.predictors[0].level[0][4] == 2);
  BOOST_TEST(rows.predictors[1].X(3, 0) == 3);
  BOOST_TEST(rows.levels().size() == 1U);
}

BOOST_AUTO_TEST_CASE(rows_keep_the_parts_of_every_predictor) {
  const Design design =
      make_design(Texts{"y ~ x + (1 | g)", "sigma ~ z + offset(x) + (1 | f)"}, small()).design;
  const Rows all = design.all_rows();
  BOOST_TEST(all.levels().size() == 2U);
  const auto same = [](const Rows& some, const std::vector<std::size_t>& numbers,
                       const Rows& whole) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto at = static_cast<Eigen::Index>(i);
      const auto of = static_cast<Eigen::Index>(numbers[i]);
      const tarn::PredictorRows &a = some.predictors[0], &b = whole.predictors[0];
      BOOST_TEST(some.y[at] == whole.y[of]);
      BOOST_TEST((a.X.row(at) == b.X.row(of)));
      BOOST_TEST(a.offset[at] == b.offset[of]);
      BOOST_TEST((a.Z[0].row(at) == b.Z[0].row(of)));
      BOOST_TEST(a.level[0][i] == b.level[0][numbers[i]]);
    }
  };
  same(all.select(std::vector<std::size_t>{5, 0, 3}), {5, 0, 3}, all);
  same(all.middle(2, 4), {2, 3, 4, 5}, all);
  Rows appended = all.middle(6, 2);
  appended.append(all.middle(1, 3));
  same(appended, {6, 7, 1, 2, 3}, all);
  Rows put;
  put.resize(all, 3);
  put.put(1, all.middle(4, 2));
  put.put(0, all.middle(7, 1));
  same(put, {7, 4, 5}, all);
  same(design.with_only({1, 4, 6}).all_rows(), {1, 4, 6}, all);
  Vector y = Vector::LinSpaced(8, 10, 17);
  const Rows other = design.with_response(y).all_rows();
  BOOST_TEST((other.y == y));
  BOOST_TEST((other.predictors[0].X == all.predictors[0].X));
}

BOOST_AUTO_TEST_CASE(a_row_must_have_what_any_formula_needs) {
  const auto table = table_of({{"y", Numbers{1, 3, 2, 5, 4, 6}},
                               {"x", Numbers{1, missing, 3, 4, 5, 6}},
                               {"z", Numbers{2, 1, 4, missing, 6, 5}}});
  const ParsedDesign parsed = make_design(Texts{"y ~ x", "sigma ~ z"}, table);
  BOOST_TEST((parsed.row_numbers == std::vector<std::size_t>{1, 3, 5, 6}));
  BOOST_TEST((parsed.summary.dropped == Texts{"x: 1 missing", "z: 1 missing"}));
  BOOST_TEST(parsed.design.has_gaps);
  BOOST_TEST((parsed.columns == Texts{"y", "x", "z"}));
  BOOST_TEST(parsed.design.all_rows().predictors[0].X.rows() == 4);
  BOOST_TEST((tarn::formula_columns(Texts{"y ~ x", "sigma ~ log(z) + x"}) == Texts{"y", "x", "z"}));
  BOOST_TEST(tarn::formula_columns(Texts{"y ~ x", "sigma ~ ."}).empty());
  // A row of weight 0 is in none of them.
  const auto weighted = table_of(
      {{"y", Numbers{1, 3, 2, 5}}, {"w", Numbers{1, 0, 1, 1}}, {"z", Numbers{2, 1, 4, 6}}});
  const Design design = make_design(Texts{"y | weights(w) ~ 1", "sigma ~ z"}, weighted).design;
  BOOST_TEST(design.all_rows().predictors[0].X.rows() == 3);
  BOOST_TEST(design.predictors[0].column_scale[1].mean == 4);
}

BOOST_AUTO_TEST_CASE(a_summary_says_it_of_each) {
  const ParsedDesign parsed = make_design(Texts{"y~x", "sigma~f*scale(z)+(1|g)"}, small());
  BOOST_TEST_REQUIRE(parsed.summary.predictors.size() == 1U);
  const tarn::FormulaSummary& sigma = parsed.summary.predictors[0];
  BOOST_TEST(sigma.formula == "sigma ~ f * scale(z) + (1 | g)");
  BOOST_TEST((sigma.terms == Texts{"1", "f", "scale(z)", "f:scale(z)"}));
  BOOST_TEST((sigma.group_terms == Texts{"(1 | g)"}));
  BOOST_TEST(sigma.factors.size() == 2U);
  BOOST_TEST(sigma.learnt.size() == 1U);
  BOOST_TEST((parsed.summary.columns == Texts{"Intercept", "x"}));
  BOOST_TEST(parsed.state.predictors[0].numbers.contains("scale(z)"));
}

BOOST_AUTO_TEST_CASE(a_point_stands_for_all_columns_but_the_response) {
  const ParsedDesign parsed = make_design(Texts{"y ~ x", "sigma ~ . - f + (1 | g)"}, small());
  BOOST_TEST((parsed.design.predictors[0].coefficients == Texts{"Intercept", "x", "z"}));
  BOOST_TEST((parsed.state.predictors[0].others == Texts{"x", "z", "f"}));
}

BOOST_AUTO_TEST_CASE(new_rows_are_made_with_what_each_formula_learnt) {
  const Texts formulas{"y ~ center(x) + (1 | g)", "sigma ~ scale(z) + f + (1 | g)"};
  const ParsedDesign fitted = make_design(formulas, small());
  const auto table = table_of({{"x", Numbers{4.5, 1, 1, 2}},
                               {"z", Numbers{4.75, missing, 1, 9}},
                               {"f", Texts{"c", "a", "b", "b"}},
                               {"g", Texts{"v", "u", "new", "w"}}});
  const tarn::NewRows fresh = tarn::make_new_rows(formulas, table, fitted.state);
  BOOST_TEST(!fresh.has_response);
  BOOST_TEST((fresh.row_numbers == std::vector<std::size_t>{1, 3, 4}));
  BOOST_TEST_REQUIRE(fresh.missing.size() == 1U);
  BOOST_TEST(fresh.missing[0].number == 2U);
  BOOST_TEST(fresh.missing[0].reason == "z is missing");
  BOOST_TEST_REQUIRE(fresh.groupings.size() == 2U);
  BOOST_TEST((fresh.known == std::vector<std::size_t>{3, 3}));
  BOOST_TEST((fresh.groupings[1].levels == Texts{"u", "v", "w", "new"}));
  const Rows rows = all(fresh);
  BOOST_TEST(rows.predictors[0].X(0, 1) == 0 - fitted.design.predictors[0].center[1]);
  BOOST_TEST(rows.predictors[0].X(0, 3) == 1 - fitted.design.predictors[0].center[3]);
  BOOST_TEST((*rows.levels()[1] == std::vector<std::int32_t>{1, 3, 2}));
  // The fit's own rows are the fit's.
  const Rows again = all(tarn::make_new_rows(formulas, small(), fitted.state));
  const Rows fit = fitted.design.all_rows();
  BOOST_TEST((again.predictors[0].X == fit.predictors[0].X));
  BOOST_TEST((again.X == fit.X));
  BOOST_TEST((again.y == fit.y));
}

BOOST_AUTO_TEST_CASE(a_column_left_out_of_a_further_formula_is_missed_by_new_rows) {
  const auto table = table_of({{"y", Numbers{1, 2, 4, 3, 5, 7}},
                               {"f", Texts{"a", "a", "b", "b", "c", "c"}},
                               {"h", Texts{"u", "v", "u", "v", "u", "u"}}});
  const Texts formulas{"y ~ 1", "sigma ~ f * h"};
  const ParsedDesign fitted = make_design(formulas, table);
  BOOST_TEST((fitted.summary.notes == Texts{"'fc:hv' is left out: no row has f = c with h = v"}));
  const tarn::NewRows fresh = tarn::make_new_rows(
      formulas, table_of({{"f", Texts{"c", "b"}}, {"h", Texts{"v", "v"}}}), fitted.state);
  BOOST_TEST_REQUIRE(fresh.missing.size() == 1U);
  BOOST_TEST(fresh.missing[0].reason == "no row of the fit has f = c with h = v");
  BOOST_TEST(fresh.rows->count() == 1U);
}

BOOST_AUTO_TEST_CASE(refusals_name_the_formula) {
  const auto table = small();
  BOOST_TEST(refusal({"y ~ x", "log(sigma) ~ x"}, table) ==
             "a further formula has a parameter of the family on its left, as in 'sigma ~ x'; the "
             "formula of the response comes first\n  log(sigma) ~ x\n  ^");
  BOOST_TEST(refusal({"y ~ x", "sigma | weights(z) ~ x"}, table)
                 .starts_with("a further formula has a parameter of the family on its left"));
  BOOST_TEST(refusal({"y ~ x", "sigma ~ x", "sigma ~ z"}, table) ==
             "two formulas are for sigma: 'sigma ~ x' and 'sigma ~ z'; give one");
  BOOST_TEST(refusal({"y ~ x", "sigma ~ y"}, table) ==
             "'y' is the response; it cannot explain its own sigma\n  sigma ~ y\n          ^");
  BOOST_TEST(refusal({"y ~ x", "sigma ~ zz"}, table).find("\n  sigma ~ zz\n          ^") !=
             std::string::npos);
  BOOST_TEST(refusal({"y ~ x", "sigma ~ 0"}, table) ==
             "the formula 'sigma ~ 0' has neither an intercept nor terms: nothing is left to "
             "estimate");
  BOOST_TEST(refusal({"y ~ x", "sigma ~ I(0 * z)"}, table) ==
             "in 'sigma ~ I(0 * z)': covariate 'I(0 * z)' is 0 in every row used; leave it out");
  BOOST_TEST(refusal({"y ~ x", "sigma ~ x + I(2 * x)"}, table) ==
             "in 'sigma ~ x + I(2 * x)': covariate 'I(2 * x)' is a multiple of 'x', so their "
             "coefficients cannot be told apart; leave one out");
}
