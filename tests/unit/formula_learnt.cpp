// What transforms and factors learn from some rows is applied to others as it is.
#define BOOST_TEST_MODULE formula_learnt
#include <boost/test/unit_test.hpp>

#include "data/formula/language/parser.hpp"
#include "data/formula/values/variable.hpp"
#include "formula_table.hpp"

namespace {

using namespace tarn::formula;
using tarn::FormulaState;
using tarn::test::table_of;
using Texts = std::vector<std::string>;

/// The variable `text` over a table, by what `learnt` holds.
Variable over(const std::string& text, const std::shared_ptr<const tarn::Table>& table,
              FormulaState& learnt) {
  const Parsed formula = parse("y ~ " + text);
  const Frame frame(table);
  Scope scope{formula.text, frame, learnt, {}};
  return variable_of(formula.terms, scope);
}

tarn::Matrix values(const Variable& variable, const std::shared_ptr<const tarn::Table>& table) {
  tarn::Matrix result(table->rows, variable.columns());
  evaluate(variable, Frame(table), 0, table->rows, result.data(), table->rows);
  return result;
}

std::vector<double> sequence(double first, double last, int n) {
  std::vector<double> x;
  for (int i = 0; i < n; ++i) x.push_back(first + (last - first) * i / (n - 1));
  return x;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_few_rows_of_the_same_data_have_the_same_values) {
  const std::vector<double> x{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8.5};
  const auto whole = table_of({{"x", x}});
  const auto part = table_of({{"x", std::vector<double>(x.begin() + 4, x.begin() + 7)}});
  for (const std::string text :
       {"center(x)", "scale(log(x))", "poly(x, 3)", "poly(x, 2, raw = TRUE)", "bs(x, df = 6)",
        "bs(x, knots = c(2, 5), degree = 2)", "ns(x, df = 3)", "I(center(x)^2 + scale(x))"}) {
    BOOST_TEST_CONTEXT(text) {
      FormulaState learnt;
      const tarn::Matrix all = values(over(text, whole, learnt), whole);
      const FormulaState before = learnt;
      const tarn::Matrix some = values(over(text, part, learnt), part);
      BOOST_TEST((some.array() == all.middleRows(4, 3).array()).all());
      BOOST_TEST((learnt.numbers == before.numbers));
    }
  }
}

BOOST_AUTO_TEST_CASE(splines_go_on_beyond_their_boundary_as_polynomials_and_straight_lines) {
  const auto inside = table_of({{"x", sequence(0, 10, 41)}});
  const auto beyond = table_of({{"x", sequence(10, 14, 5)}});
  FormulaState learnt;
  over("bs(x, df = 5)", inside, learnt);
  over("ns(x, df = 4)", inside, learnt);
  const tarn::Matrix cubic = values(over("bs(x, df = 5)", beyond, learnt), beyond);
  const tarn::Matrix straight = values(over("ns(x, df = 4)", beyond, learnt), beyond);
  // Fourth differences of a cubic and second differences of a line are 0; values are below 1e3.
  for (Eigen::Index j = 0; j < cubic.cols(); ++j) {
    const auto c = cubic.col(j);
    BOOST_TEST(std::abs(c(0) - 4 * c(1) + 6 * c(2) - 4 * c(3) + c(4)) < 1e-11);
  }
  for (Eigen::Index j = 0; j < straight.cols(); ++j) {
    const auto s = straight.col(j);
    BOOST_TEST(std::abs(s(0) - 2 * s(1) + s(2)) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(levels_stay_those_of_the_first_data) {
  const auto whole = table_of({{"g", Texts{"b", "c", "a"}}, {"k", std::vector<double>{5, 7, 11}}});
  const auto part = table_of({{"g", Texts{"c", "a"}}, {"k", std::vector<double>{11, 5}}});
  const auto other = table_of({{"g", Texts{"d", "a"}}, {"k", std::vector<double>{12, 5}}});
  FormulaState learnt;
  over("g", whole, learnt);
  over("factor(k)", whole, learnt);
  const Variable text = over("g", part, learnt);
  BOOST_TEST(text.factor->levels == (Texts{"a", "b", "c"}), boost::test_tools::per_element());
  BOOST_TEST(text.factor->codes == (std::vector<std::int32_t>{2, 0}),
             boost::test_tools::per_element());
  const Variable numbers = over("factor(k)", part, learnt);
  BOOST_TEST(numbers.factor->codes == (std::vector<std::int32_t>{2, 0}),
             boost::test_tools::per_element());
  const auto says = [](const std::string& message) {
    return [message](const tarn::InputError& error) { return error.what() == message; };
  };
  BOOST_CHECK_EXCEPTION(over("g", other, learnt), tarn::InputError,
                        says("'d' is not a level of g; the levels are a, b and "
                             "c"));
  BOOST_CHECK_EXCEPTION(over("factor(k)", other, learnt), tarn::InputError,
                        says("'12' is not a level of factor(k); did you mean '11'? the levels are "
                             "5, 7 and 11"));
}
