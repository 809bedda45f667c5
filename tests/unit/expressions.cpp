// Expressions of parameters: values, names as the summary prints them, and every complaint.
#define BOOST_TEST_MODULE expressions
#include "expressions/evaluate.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

#include "run/draws_view.hpp"
#include "tarn/error.hpp"

namespace {

using namespace tarn;
using namespace tarn::launcher::expressions;

/// b, sigma and the effects of three subjects, two draws of one chain.
struct Posterior {
  Posterior() {
    const Axis subject{"Subject", {"308", "309", "a, b"}};
    const Axis term{"Subject_term", {"Intercept", "Days", "z"}};
    layout.add({.name = "b", .axes = {{"coefficient", {"Intercept", "Days", "log(x)", "x:w"}}}});
    layout.add({.name = "sigma", .support = Support::positive});
    layout.add({.name = "sd_Subject", .axes = {term}, .support = Support::positive});
    layout.add({.name = "cor_Subject",
                .axes = {term, {"Subject_term_2", term.labels}},
                .support = Support::correlation});
    layout.add({.name = "r_Subject", .axes = {subject, term}});
    layout.add({.name = "r_one", .axes = {{"one", {"u", "v"}}, {"one_term", {"w"}}}});
    values.resize(static_cast<Eigen::Index>(layout.size()), 2);
    for (Eigen::Index i = 0; i < values.rows(); ++i) {
      values(i, 0) = 1 + 0.25 * static_cast<double>(i);
      values(i, 1) = 2 - 0.5 * static_cast<double>(i);
    }
  }

  double of(const std::string& block, std::size_t element, int draw) const {
    return values(static_cast<Eigen::Index>(layout.offset(*layout.find(block)) + element), draw);
  }

  Vector evaluate(const std::string& text) const {
    const DrawsView draws(layout, {{values.data(), values.rows(), values.cols()}});
    return Expression(text, Names(layout)).values(draws);
  }

  std::string complaint(const std::string& text) const {
    try {
      evaluate(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }

  Layout layout;
  Matrix values;
};

const Posterior posterior;

void equal(const std::string& text, double first, double second) {
  BOOST_TEST_INFO(text);
  const Vector values = posterior.evaluate(text);
  BOOST_TEST_INFO(values.transpose());
  BOOST_TEST(std::abs(values[0] - first) <= 1e-14 * std::abs(first));
  BOOST_TEST(std::abs(values[1] - second) <= 1e-14 * std::abs(second));
}

BOOST_AUTO_TEST_CASE(arithmetic_has_its_usual_precedence) {
  equal("1 + 2 * 3 ^ 2", 19, 19);
  equal("-2 ^ 2", -4, -4);
  equal("2 ^ 3 ^ 2", 512, 512);
  equal("2 ** -1", 0.5, 0.5);
  equal("(1 + 2) * 3 - 4 / 8", 8.5, 8.5);
  equal("8 - 4 - 2", 2, 2);
  equal("1e-3 + .5", 0.501, 0.501);
}

BOOST_AUTO_TEST_CASE(functions_are_those_of_their_names) {
  equal("exp(0.5) + log(2) * sqrt(2)", std::exp(0.5) + std::log(2) * std::sqrt(2),
        std::exp(0.5) + std::log(2) * std::sqrt(2));
  equal("abs(-3)", 3, 3);
  equal("inv_logit(-2)", 1 / (1 + std::exp(2)), 1 / (1 + std::exp(2)));
  equal("logit(0.25)", std::log(1.0 / 3), std::log(1.0 / 3));
  equal("pnorm(1.5)", 0.93319279873114191, 0.93319279873114191);  // R: pnorm(1.5)
  equal("min(3, 1, 2) + max(3, 1, 2)", 4, 4);
}

BOOST_AUTO_TEST_CASE(comparisons_and_words_give_truth_by_draw) {
  equal("b[Days] > 1.3", 0, 1);
  equal("b[Days] <= 1.25 or 1 > 2", 1, 0);
  equal("not b[Days] > 1.3 and sigma > 0", 1, 0);
  equal("b[Days] > 1.3 and 1 >= 1", 0, 1);
  equal("1 < 2 or 1 < 2 and 2 < 1", 1, 1);
}

BOOST_AUTO_TEST_CASE(names_are_those_of_the_summary) {
  equal("b[Days] - b[Intercept]", 0.25, -0.5);
  equal("b[log(x)]", posterior.of("b", 2, 0), posterior.of("b", 2, 1));
  equal("cor_Subject[Intercept,Days]", posterior.of("cor_Subject", 1, 0),
        posterior.of("cor_Subject", 1, 1));
  equal("r_Subject[308,Days]", posterior.of("r_Subject", 1, 0), posterior.of("r_Subject", 1, 1));
  equal("r_Subject[a, b,z]", posterior.of("r_Subject", 8, 0), posterior.of("r_Subject", 8, 1));
  equal("`r_Subject[a, b,z]`", posterior.of("r_Subject", 8, 0), posterior.of("r_Subject", 8, 1));
}

BOOST_AUTO_TEST_CASE(what_is_the_only_one_may_be_left_out) {
  equal("r_Subject[308, Days]", posterior.of("r_Subject", 1, 0), posterior.of("r_Subject", 1, 1));
  equal("r_one[v]", posterior.of("r_one", 1, 0), posterior.of("r_one", 1, 1));
  equal("x:w", posterior.of("b", 3, 0), posterior.of("b", 3, 1));
  equal("`log(x)`", posterior.of("b", 2, 0), posterior.of("b", 2, 1));
  equal("z", posterior.of("sd_Subject", 2, 0), posterior.of("sd_Subject", 2, 1));
}

BOOST_AUTO_TEST_CASE(coefficients_of_a_group_are_effects_and_the_population_s) {
  for (int draw = 0; draw < 2; ++draw) {
    const Vector values = posterior.evaluate("coef_Subject[309,Days]");
    BOOST_TEST(values[draw] == posterior.of("r_Subject", 4, draw) + posterior.of("b", 1, draw));
  }
  const Names names(posterior.layout);
  BOOST_TEST(names.of_variable("coef_Subject").size() == 6);  // not those of z, which b has not
  BOOST_TEST(names.of_variable("coef_one").empty());
  BOOST_TEST(posterior.complaint("coef_Subject[309,z]") ==
             "coef_Subject has the columns alone that b has, too: write 'r_Subject[309,z]'\n"
             "  coef_Subject[309,z]\n  ^");
}

BOOST_AUTO_TEST_CASE(a_wrong_name_gets_the_nearest) {
  BOOST_TEST(
      posterior.complaint("1 + b[Dayz]") ==
      "no parameter is called 'b[Dayz]'; did you mean 'b[Days]'? the variables are b, sigma, "
      "sd_Subject, cor_Subject, r_Subject, r_one and coef_Subject\n"
      "  1 + b[Dayz]\n      ^");
  BOOST_TEST(posterior.complaint("b_Days").find("did you mean 'b[Days]'?") != std::string::npos);
  BOOST_TEST(
      posterior.complaint("log(x)") ==
      "no parameter is called 'x'; it occurs in 'b[log(x)]' and 'b[x:w]'; the variables are b, "
      "sigma, sd_Subject, cor_Subject, r_Subject, r_one and coef_Subject\n  log(x)\n      ^");
  BOOST_TEST(posterior.complaint("sqr(2)") ==
             "there is no function 'sqr'; did you mean 'sqrt'? the functions are exp, log, sqrt, "
             "abs, inv_logit, logit, pnorm, min and max\n  sqr(2)\n  ^");
}

BOOST_AUTO_TEST_CASE(an_ambiguous_name_gets_the_candidates) {
  BOOST_TEST(posterior.complaint("2 * Days") ==
             "'Days' may be b[Days] and sd_Subject[Days]: write one of these\n  2 * Days\n      ^");
  BOOST_TEST(posterior.complaint("r_Subject[308]") ==
             "'r_Subject[308]' may be r_Subject[308,Intercept], r_Subject[308,Days] and "
             "r_Subject[308,z]: write one of these\n  r_Subject[308]\n  ^");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_pointed_at) {
  const std::pair<std::string, std::string> complaints[]{
      {"", "there is no expression\n  \n  ^"},
      {"sigma +",
       "the expression ends where a name or a number was expected\n  sigma +\n         ^"},
      {"sigma sigma", "an operator was expected before 'sigma'\n  sigma sigma\n        ^"},
      {"(sigma", "this parenthesis is never closed\n  (sigma\n  ^"},
      {"sigma)", "there is no parenthesis that this one closes\n  sigma)\n       ^"},
      {"b[Days",
       "the bracket [ that opens here is never closed; a name with an odd bracket in it is "
       "written in back quotes\n  b[Days\n   ^"},
      {"2x",
       "an operator was expected after the number 2; a name that begins with a digit is "
       "written in back quotes\n  2x\n   ^"},
      {"0 < sigma < 1",
       "a comparison has two sides: write 0 < x and x < 1\n  0 < sigma < 1\n            ^"},
      {"sigma > 0 & sigma < 1",
       "'and' is written as a word\n  sigma > 0 & sigma < 1\n            ^"},
      {"sigma != 0",
       "'!=' is true in every draw: two continuous quantities are never equal; ask for "
       "< or >\n  sigma != 0\n        ^"},
      {"sigma = 0",
       "a continuous quantity equals no number in any draw, and tarn computes no Bayes factor at a "
       "point; ask for the difference (a - b) and its interval, or how probably it is small "
       "(abs(a - b) < 0.1)\n  sigma = 0\n        ^"},
      {"sigma and sigma > 1",
       "'and' joins comparisons, such as a > 0, and this is a number\n"
       "  sigma and sigma > 1\n  ^"},
      {"1 + (sigma > 1)",
       "'+' takes numbers, and this is true or false\n  1 + (sigma > 1)\n             ^"},
      {"exp(1, 2)", "exp() takes one number\n  exp(1, 2)\n  ^"},
      {"max(1)", "max() takes two numbers or more\n  max(1)\n  ^"},
      {"log(b[Days] - 1.3)",
       "'log' is no finite number in 1 of 2 draws\n  log(b[Days] - 1.3)\n  ^"},
      {"1 $ 2", "'$' has no meaning in an expression\n  1 $ 2\n    ^"},
  };
  for (const auto& [text, complaint] : complaints) {
    BOOST_TEST(posterior.complaint(text) == complaint);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_too_deep_for_the_stack) {
  const auto begins = [](const std::string& text, const std::string& complaint) {
    BOOST_TEST(posterior.complaint(text).starts_with(complaint));
  };
  begins(std::string(4'000, '('), "the expression is nested too deeply");
  begins(std::string(4'000, '-'), "the expression is nested too deeply");
  begins(std::string(100'000, '-'), "the expression is too long");
}

BOOST_AUTO_TEST_CASE(the_difference_of_a_comparison_is_named) {
  const Names names(posterior.layout);
  BOOST_TEST(Expression("b[Days] > 0", names).difference_text() == "b[Days]");
  BOOST_TEST(Expression("sigma < b[Days]", names).difference_text() == "sigma - b[Days]");
  BOOST_TEST(Expression("(sigma) > 1 + sigma", names).difference_text() == "sigma - (1 + sigma)");
}

}  // namespace
