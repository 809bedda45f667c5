// Simulation-based calibration (Talts et al. 2018): parameters drawn from the prior rank uniformly
// among posterior draws given data simulated from them.
#define BOOST_TEST_MODULE calibration
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "kernel.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

constexpr std::size_t ranked = 99;  // draws per replicate: ranks 0 .. 99
constexpr std::size_t bins = 20;

/// Ranks of the true values, one row per quantity, one column per replicate. `spoil` may change a
/// draw, to show that the test sees it.
template <class Spoil>
Eigen::MatrixXi ranks(const Pair& pair, const Spoil& spoil) {
  const Design design = design_of(pair.data);
  Kernel prior(pair, design);
  const auto elements = Kernel::looked_at(prior.layout());
  Eigen::MatrixXi rank = Eigen::MatrixXi::Zero(static_cast<Eigen::Index>(elements.size() + 1),
                                               static_cast<Eigen::Index>(pair.replicates));

  const auto replicate = [&](std::size_t r) {
    Rng rng({99, static_cast<std::uint32_t>(r), Purpose::test});
    Kernel own(pair, design);
    const Vector truth = own.draw_prior(rng);
    Kernel kernel(pair, with_response(design, own.predict(truth, rng)));
    const double true_density = kernel.log_density(truth);
    Vector theta = kernel.start(rng);
    kernel.warm_up(theta, rng, 20 * pair.thin);
    auto column = rank.col(static_cast<Eigen::Index>(r));
    for (std::size_t draw = 0; draw < ranked; ++draw) {
      for (std::size_t k = 0; k < pair.thin; ++k) kernel.step(theta, rng);
      Vector seen = theta;
      spoil(seen);
      for (std::size_t e = 0; e < elements.size(); ++e) {
        const auto at = static_cast<Eigen::Index>(elements[e]);
        column[static_cast<Eigen::Index>(e)] += seen[at] < truth[at] ? 1 : 0;
      }
      column[column.size() - 1] += kernel.log_density(seen) < true_density ? 1 : 0;
    }
  };
  std::jthread even([&] {
    for (std::size_t r = 0; r < pair.replicates; r += 2) replicate(r);
  });
  for (std::size_t r = 1; r < pair.replicates; r += 2) replicate(r);
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

BOOST_DATA_TEST_CASE(true_values_rank_uniformly_among_posterior_draws,
                     boost::unit_test::data::make(pairs()), pair) {
  const Eigen::MatrixXi rank = ranks(pair, [](Vector&) {});
  for (Eigen::Index q = 0; q < rank.rows(); ++q) {
    BOOST_TEST(chi_square(rank, q) < limit, "quantity " << q);
  }
}

BOOST_AUTO_TEST_CASE(a_sigma_that_is_a_fifth_too_small_is_caught) {
  Pair pair = pairs().front();
  const Eigen::MatrixXi rank = ranks(pair, [](Vector& theta) { theta.tail(1) *= 0.8; });
  double worst = 0;
  for (Eigen::Index q = 0; q < rank.rows(); ++q) worst = std::max(worst, chi_square(rank, q));
  BOOST_TEST(worst > limit);
}
