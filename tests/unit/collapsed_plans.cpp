// How the sampler collapsed chooses its way, and that a chain needs nothing but theta and tuning.
#define BOOST_TEST_MODULE collapsed_plans
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <ostream>

#include "collapsed_toy.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

double normal(ConstVectorRef x) { return -0.5 * x.squaredNorm(); }

/// Neal's funnel: no mixture of few t covers neck and mouth.
double funnel(ConstVectorRef x) {
  const Eigen::Index d = x.size();
  const double log_variance = 3 * x[0];
  return -0.5 * x[0] * x[0] - 0.5 * x.tail(d - 1).squaredNorm() * std::exp(-log_variance) -
         0.5 * static_cast<double>(d - 1) * log_variance;
}

Toy normal_in(Eigen::Index d) { return toy("normal", Support::real, d, normal, 0.5); }
Toy funnel_in(Eigen::Index d) { return toy("funnel", Support::real, d, funnel, 0.1); }

bool begins(const std::string& text, const std::string& with) { return text.rfind(with, 0) == 0; }

}  // namespace

BOOST_AUTO_TEST_CASE(one_and_two_dimensions_get_a_grid) {
  BOOST_TEST(
      begins(plan_of(normal_in(1)), "1 marginal dimension: gridded density, acceptance 0.9"));
  BOOST_TEST(
      begins(plan_of(normal_in(2)), "2 marginal dimensions: gridded density, acceptance 0.9"));
}

BOOST_AUTO_TEST_CASE(a_few_dimensions_get_a_mixture) {
  const std::string plan = plan_of(normal_in(4));
  BOOST_TEST(begins(plan, "4 marginal dimensions: mixture of 1 t (nu "), plan);
  BOOST_TEST(plan.find(", acceptance 0.") != plan.npos, plan);
  BOOST_TEST(plan.find(", k-hat ") != plan.npos, plan);
}

BOOST_AUTO_TEST_CASE(many_dimensions_are_walked) {
  BOOST_TEST(plan_of<AllMarginalSmooth>(normal_in(16)) == "16 marginal dimensions: NUTS");
  BOOST_TEST(plan_of(normal_in(16)) == "16 marginal dimensions: slices");
}

BOOST_AUTO_TEST_CASE(a_density_that_no_mixture_fits_is_walked_and_the_plan_says_why) {
  const std::string smooth = plan_of<AllMarginalSmooth>(funnel_in(6));
  BOOST_TEST(begins(smooth, "6 marginal dimensions: NUTS: mixtures of t have "), smooth);
  const std::string plan = plan_of(funnel_in(6));
  BOOST_TEST(begins(plan, "6 marginal dimensions: slices: mixtures of t have "), plan);
}

namespace {

struct Resumed {
  const char* name;
  Toy toy;
  bool smooth;

  friend std::ostream& operator<<(std::ostream& out, const Resumed& r) { return out << r.name; }
};

const Resumed resumed[] = {{"grid", normal_in(2), false},
                           {"mixture", normal_in(3), false},
                           {"NUTS", normal_in(13), true},
                           {"slices", normal_in(13), false}};

}  // namespace

BOOST_DATA_TEST_CASE(a_sampler_made_anew_goes_on_with_the_same_bits, resumed) {
  AllKept rough(sample.toy);
  AllMarginalSmooth gentle(sample.toy);
  Model& model = sample.smooth ? static_cast<Model&>(gentle) : rough;
  const Settings none({}, {}, "collapsed");
  const auto make = [&] { return registry().sampler("collapsed").type->make(model, none); };
  const auto one = make();
  std::vector<double> stats(one->statistics().size());
  Vector theta = sample.toy.start;
  const std::size_t half = 20;
  for (std::size_t i = 0; i < half; ++i) {
    Rng rng({1, 0, Purpose::warm_up, i});
    one->warm_up(theta, stats, rng, {i, 2 * half});
  }
  const auto other = registry().sampler("collapsed").type->make_like(model, none, *one);
  other->restore(one->tuning());
  Vector copy = theta;
  for (std::size_t i = half; i < 2 * half + 50; ++i) {
    for (const auto& [sampler, at] :
         {std::pair{one.get(), &theta}, std::pair{other.get(), &copy}}) {
      Rng rng({1, 0, i < 2 * half ? Purpose::warm_up : Purpose::draw, i});
      if (i < 2 * half) sampler->warm_up(*at, stats, rng, {i, 2 * half});
      if (i == 2 * half) sampler->end_warm_up();
      if (i >= 2 * half) sampler->step(*at, stats, rng);
    }
    // From here a sampler that has just been made takes every step.
    BOOST_REQUIRE((theta.array() == copy.array()).all());
    if (i < 2 * half) continue;
    const auto fresh = make();
    fresh->restore(one->tuning());
    Vector next = theta;
    Vector expected = theta;
    Rng rng({1, 0, Purpose::test, i});
    Rng same = rng;
    fresh->step(next, stats, rng);
    other->step(expected, stats, same);
    BOOST_REQUIRE((next.array() == expected.array()).all());
  }
}
