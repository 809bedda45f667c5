// The plugins that ship, in chains side by side: same bits as one after the other, and no races
// where this runs under the thread sanitizer.
#define BOOST_TEST_MODULE runtime_plugins
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

#include "fit.hpp"
#include "tarn/formula.hpp"

namespace {

using namespace tarn;

/// y = 1 + x + group effect + noise; 40 rows in 5 groups.
std::shared_ptr<const Table> data() {
  Rng rng(Stream{.seed = 11, .purpose = Purpose::test});
  auto table = std::make_shared<Table>();
  Column y, x, g;
  y.name = "y";
  x.name = "x";
  g.name = "g";
  g.is_text = true;
  g.levels = {"a", "b", "c", "d", "e"};
  for (std::int32_t i = 0; i < 40; ++i) {
    x.numbers.push_back(rng.normal());
    y.numbers.push_back(1 + x.numbers.back() + 0.5 * (i % 5) + rng.normal());
    g.codes.push_back(i % 5);
  }
  table->columns = {y, x, g};
  table->rows = 40;
  return table;
}

struct Pair {
  const char* model;
  const char* sampler;
  const char* formula;
};

std::ostream& operator<<(std::ostream& out, const Pair& pair) {
  return out << pair.model << " by " << pair.sampler;
}

const Pair pairs[] = {{"pooled", "gibbs", "y ~ x"},
                      {"random_intercept", "gibbs", "y ~ x + (1 | g)"},
                      {"random_intercept", "collapsed", "y ~ x + (1 | g)"},
                      {"random_intercept", "nuts", "y ~ x + (1 | g)"},
                      {"random_intercept", "slice", "y ~ x + (1 | g)"},
                      {"random_intercept", "metropolis", "y ~ x + (1 | g)"}};

}  // namespace

BOOST_DATA_TEST_CASE(chains_side_by_side_draw_what_they_draw_one_by_one, pairs) {
  const ParsedDesign parsed = make_design(sample.formula, data());
  test::FitOptions options;
  options.model = sample.model;
  options.sampler = sample.sampler;
  options.plan = {.chains = 4, .warmup = 200, .draws = 300, .seed = 5, .threads = 1};
  const test::Fitted one = test::fit(parsed.design, options);
  options.plan.threads = 4;
  const test::Fitted four = test::fit(parsed.design, options);
  BOOST_TEST(one.outcome.failures.empty());
  BOOST_TEST(four.outcome.failures.empty());
  BOOST_TEST((one.draws.values().array() == four.draws.values().array()).all());
}
