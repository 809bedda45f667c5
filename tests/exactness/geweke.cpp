// Geweke's (2004) joint distribution test: parameters drawn from the prior, and parameters of the
// chain that alternates y | theta and the sampler's transition theta | y, have the same moments.
#define BOOST_TEST_MODULE geweke
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstdlib>

#include "family_pairs.hpp"
#include "kernel.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Bounded functions of the parameters: priors with heavy tails have no moments of their own.
Vector looked_at(const std::vector<std::size_t>& elements, const Vector& theta) {
  const auto n = static_cast<Eigen::Index>(elements.size());
  Vector g(3 * n);
  for (Eigen::Index e = 0; e < n; ++e) {
    const double x = theta[static_cast<Eigen::Index>(elements[static_cast<std::size_t>(e)])];
    g[3 * e] = std::tanh(x);
    g[3 * e + 1] = std::tanh(x) * std::tanh(x);
    g[3 * e + 2] = std::atan(x * theta[0]);  // and how it goes with the first coefficient
  }
  return g;
}

/// Those of other families are set up anew for each step: three of the pivot, or with
/// TARN_SOAK=1 in the environment every one, alone.
std::vector<Pair> all_pairs() {
  if (std::getenv("TARN_SOAK") != nullptr) return family_pairs(false);
  std::vector<Pair> all = pairs();
  for (const Pair& pair : family_pairs(true)) {
    const bool one = pair.family == "binomial(logit)" || pair.family == "student" ||
                     pair.family == "cumulative(probit)";
    if (one) all.push_back(pair);
  }
  return all;
}

}  // namespace

BOOST_DATA_TEST_CASE(the_joint_distribution_is_the_same_from_both_sides,
                     boost::unit_test::data::make(all_pairs()), pair) {
  const Design design = design_of(pair);
  Kernel prior(pair, design);
  const auto elements = Kernel::looked_at(prior.layout());

  Rng rng({7, 0, Purpose::test});
  Vector sum;
  Vector squares;
  constexpr std::size_t from_prior = 40'000;
  for (std::size_t i = 0; i < from_prior; ++i) {
    const Vector g = looked_at(elements, prior.draw_prior(rng));
    if (i == 0) sum = squares = Vector::Zero(g.size());
    sum += g;
    squares += g.cwiseAbs2();
  }
  const double n = static_cast<double>(from_prior);
  const Vector expected = sum / n;
  const Vector variance = (squares / n - expected.cwiseAbs2()) / n;

  // Samplers that learn do so once, from data of the prior: the tuning must not follow the chain.
  const std::vector<double> tuning = [&] {
    Kernel kernel(pair, with_response(design, prior.predict(prior.draw_prior(rng), rng)));
    Vector theta = kernel.start(rng);
    kernel.warm_up(theta, rng, 300);
    return kernel.tuning();
  }();

  const bool slow = pair.iterations <= 10'000 &&
                    std::ranges::find(pair.settings, "scheme=plain") != pair.settings.end();
  Vector theta = prior.draw_prior(rng);
  Matrix chain(static_cast<Eigen::Index>(pair.iterations), expected.size());
  for (Eigen::Index i = 0; i < chain.rows(); ++i) {
    // A short chain begins anew from the prior, which is where it should stay: its length need not
    // make up for how slowly parameters and data follow each other.
    // The same where single blocks take long to come back from the tails of a prior.
    if (pair.iterations <= 1'000 && i % 4 == 0) theta = prior.draw_prior(rng);
    if (slow && i % 10 == 0) theta = prior.draw_prior(rng);
    // From far out effects and data that follow each other do not come back within a chain: one
    // such start in thousands is no longer than this.
    if (i % 100 == 0) theta = prior.draw_prior(rng);
    Kernel kernel(pair, with_response(design, prior.predict(theta, rng)));
    // The proposals of collapsed are fitted to the data before the first draw.
    if (pair.sampler != "collapsed") kernel.restore(tuning);
    kernel.step(theta, rng);
    chain.row(i) = looked_at(elements, theta).transpose();
  }
  std::vector<std::string> names(static_cast<std::size_t>(chain.cols()), "g");
  const ReportTable table = summarise(chain, names, 1);
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(table.columns, name) - table.columns.begin());
  };
  const std::size_t mean = column("mean");
  const std::size_t mcse = column("mcse_mean");
  for (Eigen::Index g = 0; g < expected.size(); ++g) {
    const auto row = static_cast<std::size_t>(g);
    const double error = std::sqrt(variance[g] + table.at(row, mcse) * table.at(row, mcse));
    // Five standard errors of both sides: 6e-7 each for about 900 functions.
    BOOST_TEST(std::abs(table.at(row, mean) - expected[g]) < 5 * error,
               "function " << g << ": " << table.at(row, mean) << " against " << expected[g]
                           << ", error " << error);
  }
}
