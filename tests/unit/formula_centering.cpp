// Which columns of group terms are centred, and that rows of new data are centred alike.
#define BOOST_TEST_MODULE formula_centering
#include <boost/test/unit_test.hpp>

#include "formula_table.hpp"

namespace {

using tarn::Design;
using tarn::make_design;
using tarn::ParsedDesign;
using tarn::test::table_of;
using Texts = std::vector<std::string>;

std::shared_ptr<tarn::Table> small() {
  return table_of({{"y", std::vector<double>{1, 2, 4, 3, 7, 5, 6, 9}},
                   {"x", std::vector<double>{0.5, 1.5, -1, 2, 3, 8, 4, 6}},
                   {"s", std::vector<double>{1, 2, 1, 2, 1, 2, 4, 4}},
                   {"w", std::vector<double>{1, 2, 3, 0, 5, 1, 1, 1}},
                   {"k", std::vector<double>{10, 9, 10, 9, 100, 100, 9, 10}},
                   {"g", Texts{"b", "a", "b", "B", "a", "B", "a", "b"}},
                   {"h", Texts{"u", "v", "u", "u", "v", "v", "u", "v"}}});
}

std::vector<double> as_vector(const tarn::Vector& v) { return {v.begin(), v.end()}; }

}  // namespace

BOOST_AUTO_TEST_CASE(numbers_in_correlated_group_terms_are_centred) {
  const ParsedDesign parsed = make_design("y ~ x + (1 + x | g)", small());
  const Design& design = parsed.design;
  const tarn::Rows rows = design.all_rows();
  BOOST_TEST(rows.Z[0](0, 0) == 1);
  BOOST_TEST(rows.Z[0](0, 1) == -2.5);
  BOOST_TEST(design.group_column_scale[0][1].mean == 3);
  BOOST_TEST(design.group_column_scale[0][0].sd == 0);
  BOOST_TEST(parsed.state.group_center.at(0) == (std::vector<double>{0, 3}),
             boost::test_tools::per_element());

  const Design population =
      make_design("y ~ x + (1 + x | g)", small(), {.center_groups = false}).design;
  BOOST_TEST(population.all_rows().Z[0](0, 1) == 0.5);
  BOOST_TEST(population.all_rows().X(0, 1) == -2.5);
  const Design as_given = make_design("y ~ x + (1 + x | g)", small(), {.center = false}).design;
  BOOST_TEST(as_given.all_rows().Z[0](0, 1) == 0.5);
}

BOOST_AUTO_TEST_CASE(group_terms_are_centred_where_the_constant_is_in_their_span) {
  struct Term {
    std::string text;
    std::vector<double> mean, constant;  // empty: nothing is moved
  };
  // Means of x 3, of s 2.125; of x in the rows of h = v 18.5 / 8.
  for (const Term& term : std::vector<Term>{{"(x || k)", {}, {}},
                                            {"(0 + x + s | k)", {}, {}},
                                            {"(h | k)", {}, {}},
                                            {"(1 | k)", {}, {}},
                                            {"(center(x) | k)", {}, {}},
                                            {"(0 + h | k)", {}, {}},
                                            {"(1 | k) + (0 + x | k)", {}, {}},
                                            {"(x + s | k)", {0, 3, 2.125}, {1, 0, 0}},
                                            {"(h + x | k)", {0, 0, 3}, {1, 0, 0}},
                                            {"(0 + h + x | k)", {0, 0, 3}, {1, 1, 0}},
                                            {"(h * x | k)", {0, 0, 3, 18.5 / 8}, {1, 0, 0, 0}}}) {
    const Design design = make_design("y ~ 1 + " + term.text, small()).design;
    const tarn::Centering centering = design.term_centering(0);
    BOOST_TEST(centering.moves() == !term.mean.empty(), term.text);
    BOOST_TEST(as_vector(centering.mean) == term.mean, term.text);
    BOOST_TEST(as_vector(centering.constant) == term.constant, term.text);
    BOOST_TEST(design.centering_on(0).size() == (term.mean.empty() ? 0u : 1u), term.text);
    if (term.mean.empty()) continue;
    // What the columns say is the same: z'r = (z - mean)'r'.
    const tarn::Matrix Z = design.all_rows().Z[0];
    tarn::Vector r = tarn::Vector::LinSpaced(Z.cols(), -1, 2);
    const tarn::Vector user = r;
    centering.to_working(r);
    const tarn::Vector raw = (Z.rowwise() + centering.mean.transpose()) * user;
    BOOST_TEST((Z * r - raw).norm() < 1e-13, term.text);
    centering.to_user(r);
    BOOST_TEST((r - user).norm() < 1e-14, term.text);
  }
}

BOOST_AUTO_TEST_CASE(new_rows_are_centred_at_the_means_of_the_fit) {
  const std::string formula = "y ~ x + (x | g) + (s || h)";
  const ParsedDesign fitted = make_design(formula, small());
  const auto table = table_of({{"x", std::vector<double>{10, 20}},
                               {"s", std::vector<double>{5, 6}},
                               {"g", Texts{"a", "b"}},
                               {"h", Texts{"u", "v"}}});
  const auto fresh = tarn::make_new_rows(formula, table, fitted.state);
  tarn::Rows rows;
  fresh.rows->read(0, 2, rows);
  BOOST_TEST(as_vector(rows.Z[0].col(1)) == (std::vector<double>{7, 17}),
             boost::test_tools::per_element());
  BOOST_TEST(as_vector(rows.Z[2].col(0)) == (std::vector<double>{5, 6}),
             boost::test_tools::per_element());

  // A state of a version that left group terms as they were.
  tarn::FormulaState old = fitted.state;
  old.group_center.clear();
  tarn::make_new_rows(formula, table, old).rows->read(0, 2, rows);
  BOOST_TEST(as_vector(rows.Z[0].col(1)) == (std::vector<double>{10, 20}),
             boost::test_tools::per_element());
}
