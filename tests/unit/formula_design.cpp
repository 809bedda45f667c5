// From formula and table to the design that models see.
#define BOOST_TEST_MODULE formula_design
#include <boost/test/unit_test.hpp>

#include <filesystem>

#include <fmt/format.h>

#include "formula_table.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using tarn::Design;
using tarn::make_design;
using tarn::ParsedDesign;
using tarn::Rows;
using tarn::test::missing;
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

Texts columns_of_term(const Design& design, std::size_t t) { return design.terms.at(t).columns; }

std::vector<double> as_vector(const tarn::Vector& v) { return {v.begin(), v.end()}; }

}  // namespace

BOOST_AUTO_TEST_CASE(covariates_are_centred_at_their_means_where_there_is_an_intercept) {
  const Design design = make_design("y ~ x + s", small()).design;
  BOOST_TEST(design.coefficients == (Texts{"Intercept", "x", "s"}),
             boost::test_tools::per_element());
  BOOST_TEST(design.has_intercept);
  BOOST_TEST(as_vector(design.center) == (std::vector<double>{0, 3, 2.125}),
             boost::test_tools::per_element());
  const Rows rows = design.all_rows();
  BOOST_TEST(rows.X(0, 0) == 1);
  BOOST_TEST(rows.X(0, 1) == -2.5);
  BOOST_TEST(std::abs(rows.X.col(1).sum()) < 1e-14);  // sums of eight halves are exact
  BOOST_TEST(design.column_scale[1].mean == 3);
  // sqrt(sum of squared deviations / 7), by hand: 60.5 / 7.
  BOOST_TEST(std::abs(design.column_scale[1].sd - std::sqrt(60.5 / 7)) < 1e-14);
  BOOST_TEST(design.response_scale.mean == 4.625);

  const Design as_given = make_design("y ~ x + s", small(), {.center = false}).design;
  BOOST_TEST(as_given.center.isZero());
  BOOST_TEST(as_given.all_rows().X(0, 1) == 0.5);
  const Design without = make_design("y ~ 0 + x", small()).design;
  BOOST_TEST(!without.has_intercept);
  BOOST_TEST(without.all_rows().X(0, 0) == 0.5);
}

BOOST_AUTO_TEST_CASE(levels_of_text_are_in_the_order_of_bytes_and_of_numbers_by_size) {
  const Design design = make_design("y ~ 1 + (1 | g) + (1 | k)", small()).design;
  BOOST_TEST(design.groupings[0].levels == (Texts{"B", "a", "b"}),
             boost::test_tools::per_element());
  BOOST_TEST(design.groupings[1].levels == (Texts{"9", "10", "100"}),
             boost::test_tools::per_element());
  const Rows rows = design.all_rows();
  BOOST_TEST(rows.level[0] == (std::vector<std::int32_t>{2, 1, 2, 0, 1, 0, 1, 2}),
             boost::test_tools::per_element());
  BOOST_TEST(rows.level[1] == (std::vector<std::int32_t>{1, 0, 1, 0, 2, 2, 0, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(levels_of_fractions_are_labelled_as_R_prints_them) {
  const auto table = table_of({{"y", std::vector<double>{1, 2, 4, 3}},
                               {"k", std::vector<double>{0.1 + 0.2, -1.5, 100000, 1e-20}},
                               {"whole", std::vector<double>{100000, 2000000, -3, 100000}}});
  const Design design = make_design("y | se(y) ~ 1 + (1 | k) + (1 | whole)", table).design;
  BOOST_TEST(design.groupings[0].levels == (Texts{"-1.5", "1e-20", "0.3", "1e+05"}),
             boost::test_tools::per_element());
  BOOST_TEST(design.groupings[1].levels == (Texts{"-3", "100000", "2000000"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nested_and_crossed_groupings_have_the_combinations_that_occur) {
  const Design nested = make_design("y ~ 1 + (1 | h/g)", small()).design;
  BOOST_TEST_REQUIRE(nested.groupings.size() == 2u);
  BOOST_TEST(nested.groupings[0].name == "h");
  BOOST_TEST(nested.groupings[1].name == "h:g");
  BOOST_TEST(nested.groupings[1].levels == (Texts{"u:B", "u:a", "u:b", "v:B", "v:a", "v:b"}),
             boost::test_tools::per_element());
  BOOST_TEST(nested.all_rows().level[1] == (std::vector<std::int32_t>{2, 4, 2, 0, 4, 3, 1, 5}),
             boost::test_tools::per_element());
  const Design both = make_design("y ~ (1 | g) + x + (1 | h) + (0 + x | g)", small()).design;
  BOOST_TEST(both.groupings.size() == 2u);
  BOOST_TEST(both.terms.size() == 3u);
  BOOST_TEST(both.terms[2].grouping == 0u);
  BOOST_TEST(both.coefficients == (Texts{"Intercept", "x"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(double_bars_split_into_columns_also_for_factors) {
  const Design slopes = make_design("y ~ x + (x || h)", small()).design;
  BOOST_TEST_REQUIRE(slopes.terms.size() == 2u);
  BOOST_TEST(slopes.terms[0].intercept_only());
  BOOST_TEST(columns_of_term(slopes, 1) == Texts{"x"}, boost::test_tools::per_element());
  BOOST_TEST(!slopes.terms[1].correlated);
  const Design factors = make_design("y ~ x + (0 + g || h)", small()).design;
  BOOST_TEST_REQUIRE(factors.terms.size() == 3u);
  BOOST_TEST(columns_of_term(factors, 0) == Texts{"gB"}, boost::test_tools::per_element());
  BOOST_TEST(columns_of_term(factors, 2) == Texts{"gb"}, boost::test_tools::per_element());
  const Design joint = make_design("y ~ x + (g | h)", small()).design;
  BOOST_TEST(columns_of_term(joint, 0) == (Texts{"Intercept", "ga", "gb"}),
             boost::test_tools::per_element());
  BOOST_TEST(joint.terms[0].correlated);
}

BOOST_AUTO_TEST_CASE(offsets_are_summed_up_beside_the_response) {
  const Design design = make_design("y ~ x + offset(s) + offset(log(k))", small()).design;
  BOOST_TEST(design.response == "y");
  const Rows rows = design.all_rows();
  BOOST_TEST(rows.y(0) == 1);
  BOOST_TEST(std::abs(rows.offset(0) - (1 + std::log(10))) < 1e-15);
  BOOST_TEST(std::abs(rows.less_offset()(0) - (1 - 1 - std::log(10))) < 1e-15);
  BOOST_TEST(design.size() == 2u);
}

BOOST_AUTO_TEST_CASE(weights_and_known_errors_make_frequency_and_weight) {
  const Design plain = make_design("y ~ x", small()).design;
  BOOST_TEST(!plain.known_errors);
  BOOST_TEST(plain.all_rows().weight.isOnes());
  const ParsedDesign parsed = make_design("y | weights(w) + se(s) ~ x", small());
  const Rows rows = parsed.design.all_rows();
  BOOST_TEST(parsed.design.known_errors);
  // Row 4 has weight 0.
  BOOST_TEST(as_vector(rows.frequency) == (std::vector<double>{1, 2, 3, 5, 1, 1, 1}),
             boost::test_tools::per_element());
  BOOST_TEST(as_vector(rows.weight) == (std::vector<double>{1, 0.5, 3, 5, 0.25, 0.0625, 0.0625}),
             boost::test_tools::per_element());
  BOOST_TEST(parsed.summary.dropped == Texts{"weights(w): 1 of weight 0"},
             boost::test_tools::per_element());
  BOOST_TEST(parsed.summary.formula == "y | weights(w) + se(s) ~ x");
}

BOOST_AUTO_TEST_CASE(rows_with_missing_values_in_used_columns_are_dropped_and_counted) {
  const auto table = table_of({{"y", std::vector<double>{1, 2, missing, 4, 5, 7}},
                               {"x", std::vector<double>{1, missing, missing, 5, 4, 2}},
                               {"unused", std::vector<double>(6, missing)},
                               {"g", Texts{"a", "only here", "b", "a", "c", "c"}}});
  const ParsedDesign parsed = make_design("y ~ x + (1 | g)", table);
  BOOST_TEST(parsed.summary.rows_read == 6u);
  BOOST_TEST(parsed.summary.rows_used == 4u);
  BOOST_TEST(parsed.summary.dropped == (Texts{"y: 1 missing", "x: 2 missing"}),
             boost::test_tools::per_element());
  BOOST_TEST(parsed.design.groupings[0].levels == (Texts{"a", "c"}),
             boost::test_tools::per_element());
  const Rows rows = parsed.design.all_rows();
  BOOST_TEST(as_vector(rows.y) == (std::vector<double>{1, 4, 5, 7}),
             boost::test_tools::per_element());
  BOOST_TEST(rows.level[0] == (std::vector<std::int32_t>{0, 0, 1, 1}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dot_stands_for_the_columns_that_are_used_nowhere_else) {
  const ParsedDesign parsed = make_design("y | weights(w) ~ . - s + (1 | g)", small());
  BOOST_TEST(parsed.summary.terms == (Texts{"1", "x", "k", "h"}), boost::test_tools::per_element());
  BOOST_TEST(tarn::formula_columns("y ~ . + (1 | g)").empty());
}

BOOST_AUTO_TEST_CASE(the_columns_that_a_formula_needs_are_known_without_data) {
  const Texts columns = tarn::formula_columns(
      "log(y) | weights(w) ~ bs(x, df = 4) * C(f, sum) + q - q + (z | a/b) + "
      "offset(`my o`)");
  BOOST_TEST(columns == (Texts{"y", "w", "x", "f", "z", "a", "b", "my o"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_summary_tells_terms_levels_codings_and_what_was_learnt) {
  const ParsedDesign parsed =
      make_design("y~x*h+C(g,sum)+(1+x|h:g)+center(s)", small(), {.center = true});
  const tarn::FormulaSummary& summary = parsed.summary;
  BOOST_TEST(summary.formula == "y ~ x * h + C(g, sum) + (1 + x | h:g) + center(s)");
  BOOST_TEST(summary.terms == (Texts{"1", "x", "h", "C(g, sum)", "center(s)", "x:h"}),
             boost::test_tools::per_element());
  BOOST_TEST(summary.columns ==
                 (Texts{"Intercept", "x", "hv", "C(g, sum)1", "C(g, sum)2", "center(s)", "x:hv"}),
             boost::test_tools::per_element());
  BOOST_TEST(summary.group_terms == Texts{"(1 + x | h:g)"}, boost::test_tools::per_element());
  BOOST_TEST(summary.learnt == Texts{"center(s): mean 2.125"}, boost::test_tools::per_element());
  BOOST_TEST_REQUIRE(summary.factors.size() == 3u);
  BOOST_TEST(summary.factors[0].name == "h");
  BOOST_TEST(summary.factors[0].coding == "treatment");
  BOOST_TEST(summary.factors[0].reference == "u");
  BOOST_TEST(summary.factors[1].coding == "sum");
  BOOST_TEST(summary.factors[1].reference == "");
  BOOST_TEST(summary.factors[2].coding == "");
}

BOOST_AUTO_TEST_CASE(what_calls_learn_is_told) {
  const auto learnt = [](const std::string& formula) {
    return make_design(formula, small()).summary.learnt;
  };
  // 0.1 % of the range of 9 beyond its ends.
  BOOST_TEST(learnt("y ~ cut(x, 2)") == Texts{"cut(x, 2): breaks -1.009, 3.5, 8.009"},
             boost::test_tools::per_element());
  BOOST_TEST(learnt("y ~ cut(x, quantile(x, c(0, 0.5, 1)), include.lowest = TRUE)") ==
                 Texts{"quantile(x, c(0, 0.5, 1)): -1, 2.5 and 8"},
             boost::test_tools::per_element());
  BOOST_TEST(learnt("y ~ cut(x, c(-2, 2, 9))").empty());
  BOOST_TEST(learnt("y ~ I(x - mean(x)) + scale(s, center = FALSE)") ==
                 (Texts{"mean(x): 3", "scale(s, center = FALSE): divisor " +
                                          fmt::format("{}", std::sqrt(47.0 / 7))}),
             boost::test_tools::per_element());
  BOOST_TEST(learnt("y ~ I(x - quantile(x, 0.5))") == Texts{"quantile(x, 0.5): 2.5"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_reference_level_can_be_chosen) {
  const ParsedDesign parsed =
      make_design("y ~ C(g, treatment, ref = b) + C(h, ref = v) + C(k, ref = 10):x", small());
  BOOST_TEST(parsed.summary.columns ==
                 (Texts{"Intercept", "C(g, treatment, ref = b)B", "C(g, treatment, ref = b)a",
                        "C(h, ref = v)u", "C(k, ref = 10)9:x", "C(k, ref = 10)10:x",
                        "C(k, ref = 10)100:x"}),
             boost::test_tools::per_element());
  BOOST_TEST(parsed.summary.factors[0].reference == "b");
}

BOOST_AUTO_TEST_CASE(the_hardest_certified_regression_is_not_refused) {
  const std::string file = TARN_SHARED_DIR "/reference/nist/linear/Filip.csv";
  if (!std::filesystem::exists(file)) {
    BOOST_TEST_MESSAGE("skipped: " << file << " is absent");
    return;
  }
  const auto table = tarn::io::read_table(std::vector{file});
  const Design design = make_design("y ~ poly(x, 10, raw = TRUE)", table).design;
  BOOST_TEST(design.size() == 11u);
}

BOOST_AUTO_TEST_CASE(formulas_of_known_posteriors_work_as_typed) {
  const std::string folder = TARN_SHARED_DIR "/reference/posteriordb/";
  if (!std::filesystem::exists(folder)) {
    BOOST_TEST_MESSAGE("skipped: " << folder << " is absent");
    return;
  }
  struct Case {
    std::string name;
    std::string formula;
    Texts columns;
  };
  const std::vector<Case> cases{
      {"earnings-logearn_interaction",
       "log(earn) ~ height * male",
       {"Intercept", "height", "male", "height:male"}},
      {"kidiq_with_mom_work-kidscore_interaction_c",
       "kid_score ~ center(mom_hs) * center(mom_iq)",
       {"Intercept", "center(mom_hs)", "center(mom_iq)", "center(mom_hs):center(mom_iq)"}},
      {"kidiq_with_mom_work-kidscore_mom_work",
       "kid_score ~ factor(mom_work)",
       {"Intercept", "factor(mom_work)2", "factor(mom_work)3", "factor(mom_work)4"}},
      {"mesquite-logmesquite_logvolume",
       "log(weight) ~ log(diam1 * diam2 * canopy_height)",
       {"Intercept", "log(diam1 * diam2 * canopy_height)"}},
      {"nes1972-nes",
       "partyid7 ~ real_ideo + race_adj + factor(age_discrete) + educ1 + gender + income",
       {"Intercept", "real_ideo", "race_adj", "factor(age_discrete)2", "factor(age_discrete)3",
        "factor(age_discrete)4", "educ1", "gender", "income"}},
      {"radon_mn-radon_variable_slope",
       "log_radon ~ floor + (0 + floor | county)",
       {"Intercept", "floor"}},
      {"rats_data-rats_model", "y ~ I(x - 22) + (I(x - 22) || rat)", {"Intercept", "I(x - 22)"}},
      {"sblrc-blr", "y ~ 0 + X1 + X2 + X3 + X4 + X5", {"X1", "X2", "X3", "X4", "X5"}}};
  for (const Case& c : cases) {
    BOOST_TEST_CONTEXT(c.name) {
      const std::string file = folder + c.name + "/data.csv";
      const auto table = tarn::io::read_table(std::vector{file});
      BOOST_TEST(make_design(c.formula, table).design.coefficients == c.columns,
                 boost::test_tools::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(what_only_quotes_tell_apart_stays_apart_when_it_is_printed) {
  std::vector<double> y, x, pi;
  std::vector<std::string> g;
  for (int i = 0; i < 12; ++i) {
    y.push_back(i * i % 7);
    x.push_back(i);
    pi.push_back(i % 5);
    g.push_back(i % 2 == 0 ? "a\"b" : "c'd");
  }
  const auto table = table_of({{"y", y}, {"x", x}, {"pi", pi}, {"a b", x}, {".", pi}, {"g", g}});
  const auto parsed = make_design("y ~ I(pi * x) + I(`pi` * x) + I(g == 'a\"b')", table);
  BOOST_TEST(parsed.summary.formula == "y ~ I(pi * x) + I(`pi` * x) + I(g == 'a\"b')");
  BOOST_TEST(parsed.summary.terms.size() == 4u);
  BOOST_TEST(make_design("y ~ `.` + g", table).summary.formula == "y ~ `.` + g");
  BOOST_TEST(make_design("y ~ `pi` + `a b`:g", table).summary.formula == "y ~ `pi` + `a b`:g");
  // Again from what was printed: the same columns.
  const auto again = make_design(parsed.summary.formula, table);
  BOOST_TEST(again.summary.columns == parsed.summary.columns);
}
