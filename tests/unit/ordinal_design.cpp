// Designs of ordered responses: categories, centred covariates without an intercept, new rows.
#define BOOST_TEST_MODULE ordinal_design
#include <boost/test/unit_test.hpp>

#include "formula_table.hpp"
#include "tarn/response.hpp"

namespace {

using namespace tarn;
using tarn::test::table_of;
using Texts = std::vector<std::string>;

const FormulaOptions ordinal{.response = ResponseKind::category, .intercept = false};

std::shared_ptr<Table> small() {
  return table_of({{"y", std::vector<double>{1, 2, 4, 2, 1, 4, 2, 1}},
                   {"t", Texts{"low", "mid", "high", "mid", "low", "high", "mid", "low"}},
                   {"x", std::vector<double>{0.5, 1.5, -1, 2, 3, 8, 4, 6}},
                   {"f", Texts{"b", "a", "b", "c", "a", "c", "a", "b"}},
                   {"g", Texts{"u", "v", "u", "u", "v", "v", "u", "v"}}});
}

std::vector<double> as_vector(const Vector& v) { return {v.begin(), v.end()}; }

}  // namespace

BOOST_AUTO_TEST_CASE(covariates_are_coded_and_centred_as_if_the_intercept_were_there) {
  for (const char* formula : {"y ~ x + f + (1 | g)", "y ~ 1 + x + f + (1 | g)"}) {
    const Design design = make_design(formula, small(), ordinal).design;
    const Design with_one = make_design("y ~ x + f + (1 | g)", small()).design;
    BOOST_TEST(design.coefficients == (Texts{"x", "fb", "fc"}), boost::test_tools::per_element());
    BOOST_TEST(!design.has_intercept);
    BOOST_TEST(as_vector(design.center) == as_vector(Vector(with_one.center.tail(3))),
               boost::test_tools::per_element());
    BOOST_TEST(design.center[0] == 3);
    BOOST_TEST((design.all_rows().X == with_one.all_rows().X.rightCols(3)));
    BOOST_TEST(design.column_scale.size() == 3);
    BOOST_TEST(design.column_scale[0].mean == 3);
    BOOST_TEST(design.terms.size() == 1);
    // Of the columns that are left.
    BOOST_TEST(design.moments().factor.cols() == 4);
    BOOST_TEST(!design.coefficient_centering().moves());
    Vector b = Vector::LinSpaced(3, 1, 3);
    design.to_user(b);
    BOOST_TEST(as_vector(b) == (std::vector<double>{1, 2, 3}), boost::test_tools::per_element());
  }
  FormulaOptions raw = ordinal;
  raw.center = false;
  const Design as_given = make_design("y ~ 0 + x", small(), raw).design;
  BOOST_TEST(as_given.center.isZero());
  BOOST_TEST(as_given.all_rows().X(0, 0) == 0.5);
  BOOST_TEST(make_design("y ~ 1", small(), ordinal).design.size() == 0);
}

BOOST_AUTO_TEST_CASE(dependent_columns_are_refused_though_the_intercept_is_left_out) {
  const auto table = small();
  table->columns.push_back({"one", false, std::vector<double>(8, 3)});
  BOOST_CHECK_THROW(make_design("y ~ one", table, ordinal), InputError);
  for (const bool center : {true, false}) {
    FormulaOptions options = ordinal;
    options.center = center;
    BOOST_CHECK_THROW(make_design("y ~ x + I(2 - x)", table, options), InputError);
  }
}

BOOST_AUTO_TEST_CASE(categories_are_numbers_up_to_the_largest_or_levels_as_said) {
  const auto categories = [](const char* formula) {
    return make_design(formula, small(), ordinal).design.categories;
  };
  BOOST_TEST(categories("y ~ x") == (Texts{"1", "2", "3", "4"}), boost::test_tools::per_element());
  const char* levels = "factor(t, levels = c(\"low\", \"mid\", \"high\", \"top\")) ~ x";
  BOOST_TEST(categories(levels) == (Texts{"low", "mid", "high", "top"}),
             boost::test_tools::per_element());
  const Rows rows = make_design(levels, small(), ordinal).design.all_rows();
  BOOST_TEST(as_vector(rows.y) == (std::vector<double>{1, 2, 3, 2, 1, 3, 2, 1}),
             boost::test_tools::per_element());
  BOOST_TEST(categories("factor(y, levels = c(4, 2, 1), labels = c(\"a\", \"b\", \"c\")) ~ x") ==
                 (Texts{"a", "b", "c"}),
             boost::test_tools::per_element());
  BOOST_TEST(categories("cut(x, c(-2, 1, 9)) ~ f") == (Texts{"(-2,1]", "(1,9]"}),
             boost::test_tools::per_element());
  BOOST_TEST(make_design("y ~ x", small()).design.categories.empty());
}

BOOST_AUTO_TEST_CASE(rows_without_a_level_are_left_out_and_rows_of_weight_0_first) {
  const auto table = small();
  table->columns.push_back({"w", false, {1, 0, 1, 1, 1, 1, 1, 1}});
  const ParsedDesign parsed =
      make_design("factor(t, levels = c(\"low\", \"high\")) | weights(w) ~ x", table, ordinal);
  BOOST_TEST(parsed.row_numbers == (std::vector<std::size_t>{1, 3, 5, 6, 8}),
             boost::test_tools::per_element());
  BOOST_TEST(as_vector(parsed.design.all_rows().y) == (std::vector<double>{1, 2, 1, 2, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(new_rows_have_the_fit_s_columns_centres_and_levels) {
  const std::string formula = "factor(t, levels = c(\"low\", \"mid\", \"high\")) ~ 0 + x + (1 | g)";
  const ParsedDesign parsed = make_design(formula, small(), ordinal);
  BOOST_TEST(!parsed.state.intercept);
  const auto fresh = table_of({{"t", Texts{"high", "odd", "low"}},
                               {"x", std::vector<double>{4, 1, 3}},
                               {"g", Texts{"u", "u", "v"}}});
  const NewRows rows = make_new_rows(formula, fresh, parsed.state);
  Rows read;
  rows.rows->read(0, 3, read);
  BOOST_TEST(read.X.cols() == 1);
  BOOST_TEST(as_vector(Vector(read.X.col(0))) == (std::vector<double>{1, -2, 0}),
             boost::test_tools::per_element());
  BOOST_TEST(read.y[0] == 3);
  BOOST_TEST(std::isnan(read.y[1]));
  BOOST_TEST(read.y[2] == 1);
  const auto alone = table_of({{"x", std::vector<double>{4}}, {"g", Texts{"u"}}});
  const NewRows without = make_new_rows(formula, alone, parsed.state);
  BOOST_TEST(!without.has_response);
  without.rows->read(0, 1, read);
  BOOST_TEST(std::isnan(read.y[0]));
}

BOOST_AUTO_TEST_CASE(a_response_s_levels_lead_back_to_its_column) {
  const Response texts = response_of("factor(t, levels = c(\"low\", \"high\")) ~ x");
  BOOST_TEST(texts.levels == (Texts{"low", "high"}), boost::test_tools::per_element());
  BOOST_TEST(!texts.levels_are_numbers);
  BOOST_TEST(!texts.column);
  const Response numbers = response_of("factor(y, c(-5, 0.5, 70)) ~ x");
  BOOST_TEST(numbers.levels == (Texts{"-5", "0.5", "70"}), boost::test_tools::per_element());
  BOOST_TEST(numbers.levels_are_numbers);
  for (const char* none : {"factor(t) ~ x", "factor(y + 1, levels = c(2, 3)) ~ x", "y ~ x",
                           "factor(y, levels = seq(1, 3)) ~ x"}) {
    BOOST_TEST(response_of(none).levels.empty(), none);
  }
}
