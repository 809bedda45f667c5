// Families where numbers end: refusals word by word, counts of 1e9, no trials and a million, shapes
// at both ends of their range.
#define BOOST_TEST_MODULE families_edges
#include <cmath>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "family_cases.hpp"
#include "matrix_rows.hpp"
#include "tarn/dual.hpp"
#include "tarn/family_of.hpp"

using namespace tarn;
using namespace tarn::test;

namespace {

struct Refusal {
  std::string family;
  double y;
  double trials;
  std::string words;  // empty: taken
};

std::ostream& operator<<(std::ostream& out, const Refusal& r) {
  return out << r.family << ' ' << r.y << " of " << r.trials;
}

const std::vector<Refusal> refusals = {
    {"bernoulli", 2, 1, "bernoulli needs 0 or 1, or a text column with two values"},
    {"bernoulli", 0.5, 1, "bernoulli needs 0 or 1, or a text column with two values"},
    {"bernoulli", 1, 1, ""},
    {"binomial", 2, 1,
     "binomial needs 0 or 1 where there is one trial; more are given by y | trials(n)"},
    {"binomial", 8, 7, "binomial needs whole numbers from 0 to the row's trials, 7"},
    {"binomial", 2.5, 7, "binomial needs whole numbers from 0 to the row's trials, 7"},
    {"binomial", -1, 7, "binomial needs whole numbers from 0 to the row's trials, 7"},
    {"binomial", 0, 0, ""},
    {"binomial", 1, 0, "binomial needs whole numbers from 0 to the row's trials, 0"},
    {"poisson", 2.5, 1, "poisson needs whole numbers from 0"},
    {"poisson", -1, 1, "poisson needs whole numbers from 0"},
    {"poisson", 1e9, 1, ""},
    {"poisson", INFINITY, 1, "poisson needs whole numbers from 0"},
    {"negbinomial", 0.5, 1, "negbinomial needs whole numbers from 0"},
    {"zero_inflated_poisson", -2, 1, "zero_inflated_poisson needs whole numbers from 0"},
    {"zero_inflated_negbinomial", 1.5, 1, "zero_inflated_negbinomial needs whole numbers from 0"},
    {"hurdle_poisson", 1.5, 1, "hurdle_poisson needs whole numbers from 0"},
    {"hurdle_negbinomial", 1.5, 1, "hurdle_negbinomial needs whole numbers from 0"},
    {"hurdle_gamma", -0.5, 1, "hurdle_gamma needs numbers from 0"},
    {"hurdle_gamma", 0, 1, ""},
    {"hurdle_lognormal", -0.5, 1, "hurdle_lognormal needs numbers from 0"},
    {"cumulative", 0, 1, "cumulative needs whole numbers from 1"},
    {"cumulative", 2.5, 1, "cumulative needs whole numbers from 1"},
    {"cumulative", 1, 1, ""},
    {"student", NAN, 1, "student needs finite numbers"},
    {"gamma", 0, 1, "gamma needs numbers above 0"},
    {"lognormal", -3, 1, "lognormal needs numbers above 0"},
    {"beta", 0, 1, "beta needs numbers between 0 and 1, neither of them included"},
    {"beta", 1, 1, "beta needs numbers between 0 and 1, neither of them included"},
    {"beta", 0.5, 1, ""}};

/// Of a family over these responses, with offsets where there are some.
ColumnScale scale_over(const std::string& family, const std::vector<double>& y,
                       const std::vector<double>& offset = {}, double trials = 1) {
  Design design;
  Rows rows = rows_of({family, {}, trials}, y);
  rows.offset = Eigen::Map<const Vector>(offset.data(), std::ssize(offset));
  design.response_scale = scale_of(rows.y);
  design.rows = std::make_shared<MatrixRows>(rows);
  design.family = make_family(registry(), family);
  return predictor_scale(design);
}

double log_likelihood(const FamilyCase& c, double y, double at) {
  Vector l(1);
  c.make()->log_likelihood(rows_of(c, {y}), Vector::Constant(1, at), psi_of(c), l);
  return l[0];
}

}  // namespace

BOOST_DATA_TEST_CASE(a_response_of_another_kind_is_refused_in_words,
                     boost::unit_test::data::make(refusals), r) {
  const auto reason = make_family(registry(), r.family)->refuses(r.y, r.trials);
  BOOST_TEST(reason.value_or("") == r.words);
}

BOOST_AUTO_TEST_CASE(the_prior_s_centre_is_finite_and_in_the_units_of_the_response) {
  const auto close = [](double a, double b) { return std::abs(a - b) < 1e-12; };
  BOOST_TEST(close(scale_over("poisson", {0, 0, 0, 0}).mean, std::log(0.5 / 4)));
  BOOST_TEST(close(scale_over("poisson", {1, 4}, {0, std::log(3)}).mean, std::log(5.5 / 4)));
  BOOST_TEST(close(scale_over("bernoulli", {1, 1, 1}).mean, std::log(3.5 / 0.5)));
  BOOST_TEST(close(scale_over("binomial", {2, 6}, {1, 1}, 6).mean, std::log(8.5 / 4.5) - 1));
  BOOST_TEST(close(scale_over("binomial(probit)", {3, 3}, {}, 6).mean, 0));
  BOOST_TEST(scale_over("binomial(probit)", {3, 3}, {}, 6).sd == 0.625);
  BOOST_TEST(
      close(scale_over("binomial(cloglog)", {0, 0}, {}, 6).mean, std::log(-std::log1p(-0.5 / 13))));
  for (const double unit : {1e-9, 1.0, 1e12}) {
    BOOST_TEST(close(scale_over("gamma", {unit, 3 * unit}).mean, std::log(2 * unit)));
    BOOST_TEST(close(scale_over("hurdle_gamma", {0, unit, 3 * unit}).mean, std::log(2 * unit)));
    for (const std::vector<double>& y : std::vector<std::vector<double>>{
             {unit, unit * std::exp(2)}, {0, unit, unit * std::exp(2)}}) {
      const ColumnScale scale = scale_over(y[0] == 0 ? "hurdle_lognormal" : "lognormal", y);
      BOOST_TEST(close(scale.mean, std::log(unit) + 1));
      BOOST_TEST(close(scale.sd, std::sqrt(2)));
    }
    BOOST_TEST(close(scale_over("student", {unit, 3 * unit}).mean / unit, 2));
  }
  BOOST_TEST(scale_over("hurdle_gamma", {0, 0}).mean == 0);
  BOOST_TEST(scale_over("cumulative", {1, 3, 3}).mean == 0);
  BOOST_TEST(scale_over("cumulative", {1, 3, 3}).sd == 1);
  BOOST_TEST(scale_over("cumulative(probit)", {1, 3, 3}).sd == 0.625);
  BOOST_TEST(close(scale_over("hurdle_poisson", {0, 0, 2}).mean, std::log(2.5)));
}

BOOST_AUTO_TEST_CASE(counts_of_a_thousand_million_keep_their_digits) {
  // Near its mode log p is about -11: nine digits are left of terms of 2e10.
  const double y = 1e9;
  for (const double z : {-3.0, 0.0, 1.5}) {
    const double at = std::log(y + z * std::sqrt(y));
    const Big expected = reference_log_density({"poisson"}, y, at, {});
    BOOST_TEST(std::abs(static_cast<double>(log_likelihood({"poisson"}, y, at) - expected)) < 1e-5);
    const FamilyCase overdispersed{"negbinomial", {2}};
    BOOST_TEST(std::abs(static_cast<double>(log_likelihood(overdispersed, y, at) -
                                            reference_log_density(overdispersed, y, at, {2}))) <
               1e-5);
  }
}

BOOST_AUTO_TEST_CASE(no_trials_say_nothing_and_a_million_keep_their_digits) {
  for (const std::string link : {"logit", "probit", "cloglog"}) {
    const FamilyCase none{"binomial(" + link + ")", {}, 0};
    for (const double at : {-700.0, 0.0, 700.0}) BOOST_TEST(log_likelihood(none, 0, at) == 0);
    const FamilyCase million{"binomial(" + link + ")", {}, 1e6};
    for (const double y : {0.0, 1.0, 4e5, 1e6}) {
      const Big expected = reference_log_density(million, y, 0.3, {});
      // Rounding errors of terms of the size of a million.
      BOOST_TEST(std::abs(static_cast<double>(log_likelihood(million, y, 0.3) - expected)) < 1e-8);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_negative_binomial_of_a_huge_shape_is_poisson) {
  for (const double y : {0.0, 3.0, 80.0, 3000.0}) {
    for (const double shape : {1e8, 1e12}) {
      const double at = std::log(y + 0.5);
      // They differ by about (y - mu)^2 / (2 shape); rounding by y log(shape).
      BOOST_TEST(std::abs(log_likelihood({"negbinomial", {shape}}, y, at) -
                          log_likelihood({"poisson"}, y, at)) < 1e-6 * (1 + y / 100));
    }
  }
}

BOOST_AUTO_TEST_CASE(two_categories_are_a_coin_whose_intercept_is_minus_the_cut) {
  for (const std::string link : {"logit", "probit"}) {
    for (const double cut : {-300.0, -2.0, 0.7}) {
      for (const double at : {-700.0, -3.0, 0.0, 1.5, 40.0}) {
        for (const double y : {0.0, 1.0}) {
          const double coin = log_likelihood({"bernoulli(" + link + ")"}, y, at - cut);
          // The same number, by other operations.
          BOOST_TEST(std::abs(log_likelihood({"cumulative(" + link + ")", {cut}}, y + 1, at) -
                              coin) <= 1e-15 * std::abs(coin),
                     link << " " << cut << " " << at << " " << y);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_category_beyond_the_cuts_or_between_equal_ones_has_no_density) {
  for (const std::string link : {"logit", "probit", "cloglog"}) {
    const FamilyCase c{"cumulative(" + link + ")", {-1, 0.5, 0.5}};
    for (const double y : {0.0, 3.0, 5.0, double(NAN)}) {
      BOOST_TEST(log_likelihood(c, y, 0.2) == -INFINITY, link << " " << y);
    }
    BOOST_TEST(std::isfinite(log_likelihood(c, 4, 0.2)));
  }
}

BOOST_AUTO_TEST_CASE(a_response_of_twelve_categories_has_eleven_cuts) {
  // More than a kit's numbers without memory of their own.
  FamilyCase c{"cumulative(probit)", {}};
  for (int k = 0; k < 11; ++k) c.psi.push_back(0.4 * k - 2);
  double sum = 0;
  for (double y = 1; y <= 12; ++y) sum += std::exp(log_likelihood(c, y, 0.3));
  BOOST_TEST(std::abs(sum - 1) < 1e-14);
}

BOOST_AUTO_TEST_CASE(a_student_of_many_degrees_of_freedom_is_normal) {
  const double z = 1.3;
  BOOST_TEST(std::abs(log_likelihood({"student", {2, 1e12}}, 2 * z, 0) -
                      (-0.5 * z * z - std::log(2) - 0.5 * std::log(2 * M_PI))) < 1e-11);
}

BOOST_AUTO_TEST_CASE(draws_of_tiny_and_huge_means_are_what_the_family_can_have) {
  struct Case {
    FamilyCase c;
    double at;
  };
  for (const auto& [c, at] : std::vector<Case>{{{"poisson"}, -700},
                                               {{"poisson"}, 25},
                                               {{"poisson"}, 45},
                                               {{"negbinomial", {1e-3}}, 3},
                                               {{"negbinomial", {1e9}}, 20},
                                               {{"beta", {1e-3}}, 4},
                                               {{"beta", {1e-3}}, -700},
                                               {{"beta", {1e6}}, 30},
                                               {{"gamma", {1e-3}}, -30},
                                               {{"lognormal", {50}}, -300},
                                               {{"hurdle_poisson", {0.5}}, -700},
                                               {{"hurdle_negbinomial", {1e-3, 0.5}}, -30},
                                               {{"hurdle_negbinomial", {1e-3, 0.5}}, 12},
                                               {{"binomial", {}, 1e6}, 30},
                                               {{"binomial", {}, 1e6}, -30}}) {
    const auto family = c.make();
    Vector y(200);
    Rng rng({3, 0, Purpose::test, 1});
    family->draw(rows_of(c, std::vector<double>(200, 1)), Vector::Constant(200, at), psi_of(c), y,
                 rng);
    for (const double drawn : y) {
      const auto reason = family->refuses(drawn, c.trials);
      BOOST_TEST(!reason, c << " at " << at << " drew " << drawn);
    }
  }
}

BOOST_AUTO_TEST_CASE(forward_numbers_have_the_derivatives_of_their_functions) {
  const auto check = [](auto f, double at) {
    const auto of = f(Dual<2>::variable(at));
    BOOST_TEST(f(Dual<1>::variable(at)).d[0] == of.d[0]);
    const double h = 1e-4;
    const double above = f(at + h), here = f(at), below = f(at - h);
    BOOST_TEST(of.value == here);
    // Steps of 1e-4: errors of 1e-8 from the step, and in second differences from rounding.
    BOOST_TEST(std::abs(of.d[0] - (above - below) / (2 * h)) < 1e-6 * (1 + std::abs(of.d[0])));
    BOOST_TEST(std::abs(of.d[1] - (above - 2 * here + below) / (h * h)) <
               1e-5 * (1 + std::abs(of.d[1])));
  };
  for (const double at : {0.3, 1.0, 2.7}) {
    check([](auto x) { return exp(x) / (1 + x); }, at);
    check([](auto x) { return expm1(x) * log(x) - 2 / x; }, at);
    check([](auto x) { return log1p(x) * sqrt(x) + pow(x, 2.5); }, at);
    check([](auto x) { return logistic(x) - softplus(3 * x); }, at);
    check([](auto x) { return log1m_exp(x) + log_cloglog(x - 1.0); }, at);
    check([](auto x) { return normal_log_cdf(x - 2.0) + square(x); }, at);
    check([](auto x) { return log_gamma(x) + log_rising(x, 2.5) / 4.0; }, at);
    check([](auto x) { return log_sum_exp(x * x, 1.0 - x); }, at);
  }
}
