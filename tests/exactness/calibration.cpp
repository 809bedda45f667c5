// Simulation-based calibration (Talts et al. 2018): parameters drawn from the prior rank uniformly
// among posterior draws given data simulated from them.
#define BOOST_TEST_MODULE calibration
#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "kernel.hpp"
#include "tarn/calibration.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

constexpr std::size_t ranked = 99;  // draws per replicate: ranks 0 .. 99
constexpr std::size_t bins = 20;

/// Ranks of the true values, one row per quantity (those looked at, and the log density), one
/// column per replicate. `spoil` may change the draws, to show that the test sees it.
template <class Spoil>
Eigen::MatrixXi ranks_of(const Pair& pair, const Spoil& spoil) {
  const Design design = design_of(pair.data);
  const ModelType& model = *registry().model(pair.model).type;
  const SamplerType& sampler = *registry().sampler(pair.sampler).type;
  const Priors priors(model.parameters(design), pair.priors);
  const Settings settings(model.settings, {}, pair.model);
  const Settings sampler_settings(sampler.settings, pair.settings, pair.sampler);
  const ModelInput input{design, priors, settings};
  const auto elements = Kernel::looked_at(model.make(input)->layout());
  const Quantities quantities = [&](Model& of, const Design&, ConstVectorRef theta) {
    Vector all(static_cast<Eigen::Index>(elements.size() + 1));
    all.head(all.size() - 1) = theta(elements);
    all[all.size() - 1] = query<LogDensity>(of)->log_density(theta);
    return all;
  };
  // Starts lie far apart, and a sweep of single blocks forgets slowly where an sd is near 0.
  const bool slow = std::ranges::find(pair.settings, "scheme=plain") != pair.settings.end();
  const CalibrationPlan plan{
      .seed = 99, .warmup = (slow ? 100 : 20) * pair.thin, .draws = ranked, .thin = pair.thin};
  Eigen::MatrixXi rank(static_cast<Eigen::Index>(elements.size() + 1),
                       static_cast<Eigen::Index>(pair.replicates));

  const auto fit = [&](std::size_t r) {
    Replicate made = replicate(model, input, sampler, sampler_settings, plan,
                               static_cast<std::uint32_t>(r), quantities);
    spoil(made.draws);
    Rng ties({99, static_cast<std::uint32_t>(r), Purpose::prior, 1});
    const std::vector<std::size_t> below = ranks(made, ranked, ties);
    for (std::size_t q = 0; q < below.size(); ++q) {
      rank(static_cast<Eigen::Index>(q), static_cast<Eigen::Index>(r)) = static_cast<int>(below[q]);
    }
  };
  std::jthread even([&] {
    for (std::size_t r = 0; r < pair.replicates; r += 2) fit(r);
  });
  for (std::size_t r = 1; r < pair.replicates; r += 2) fit(r);
  even.join();
  return rank;
}

/// Chi-square statistic of the ranks' histogram.
double chi_square(const Eigen::MatrixXi& rank, Eigen::Index quantity) {
  std::array<double, bins> count{};
  for (Eigen::Index r = 0; r < rank.cols(); ++r) {
    count[static_cast<std::size_t>(rank(quantity, r)) * bins / (ranked + 1)] += 1;
  }
  const double expected = static_cast<double>(rank.cols()) / bins;
  double sum = 0;
  for (const double c : count) sum += (c - expected) * (c - expected) / expected;
  return sum;
}

/// With about 300 quantities in all, a right program fails with probability 300 x 1e-6; the seeds
/// are fixed, so it does so always or never. The least number of replicates puts 10 into each bin,
/// enough for the statistic's limit.
const double limit = quantile(complement(boost::math::chi_squared(bins - 1), 1e-6));

}  // namespace

BOOST_AUTO_TEST_CASE(draws_that_equal_the_truth_rank_below_it_by_chance) {
  Replicate replicate{Vector{{0.5, 1}}, Matrix(2, 4)};
  replicate.draws << 0.1, 0.2, 0.9, 0.4, 1, 1, 0.3, 1;
  Rng rng({3, 0, Purpose::test});
  std::vector<int> seen(5, 0);
  for (int i = 0; i < 4000; ++i) {
    const std::vector<std::size_t> below = ranks(replicate, 4, rng);
    BOOST_TEST_REQUIRE(below[0] == 3u);
    BOOST_TEST_REQUIRE(below[1] < seen.size());
    ++seen[below[1]];
  }
  // One draw below, three that are equal: 1 to 4 in equal shares, 1000 with a standard error of 27.
  BOOST_TEST(seen[0] == 0);
  for (std::size_t rank = 1; rank < seen.size(); ++rank)
    BOOST_TEST(std::abs(seen[rank] - 1000) < 120);
}

BOOST_DATA_TEST_CASE(true_values_rank_uniformly_among_posterior_draws,
                     boost::unit_test::data::make(pairs()), pair) {
  const Eigen::MatrixXi rank = ranks_of(pair, [](Matrix&) {});
  for (Eigen::Index q = 0; q < rank.rows(); ++q) {
    BOOST_TEST(chi_square(rank, q) < limit, "quantity " << q);
  }
}

BOOST_AUTO_TEST_CASE(a_sigma_that_is_a_fifth_too_small_is_caught) {
  Pair pair = pairs().front();
  const Eigen::MatrixXi rank =
      ranks_of(pair, [](Matrix& draws) { draws.row(draws.rows() - 2) *= 0.8; });
  double worst = 0;
  for (Eigen::Index q = 0; q < rank.rows(); ++q) worst = std::max(worst, chi_square(rank, q));
  BOOST_TEST(worst > limit);
}
