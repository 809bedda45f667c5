// The variates that chains are made of: 1e8 of each, and the streams they come from.
//
// Seeds are fixed, so a test passes or fails for ever; each limit is what a right generator would
// exceed by chance about once in a million times.
#define BOOST_TEST_MODULE random_numbers
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <boost/math/distributions/uniform.hpp>
#include <boost/test/unit_test.hpp>

#include "tarn/rng.hpp"

namespace {

using tarn::Purpose;
using tarn::Rng;
using tarn::Stream;

constexpr std::size_t per_thread = 50'000'000;
constexpr std::size_t threads = 2;
constexpr std::size_t block = 1000;
constexpr std::size_t cells = 200;
constexpr double rare = 1e-6;
constexpr double most_errors = 5;  // Monte Carlo errors: 6e-7 of a normal lie beyond

/// Both tails are counted beyond what these standard deviations of a normal leave; the ziggurat's
/// last layer ends at 3.65.
constexpr std::array<double, 4> deviations{3.7, 4, 4.5, 5};

double tail_probability(double deviation) {
  return cdf(complement(boost::math::normal(), deviation));
}

/// A distribution as the test needs it: E z^k of the standardised variate for k <= 8, and values
/// that cut off known probabilities.
struct Truth {
  double mean;
  double sd;
  std::array<double, 9> moment;
  std::array<double, 255> edges;  // of the cells, infinite after the last one
  std::array<double, deviations.size()> low, high;
};

/// `central`: E (x - mean)^k for k <= 8.
template <class Distribution>
Truth truth(const Distribution& distribution, const std::array<double, 9>& central) {
  Truth t{};
  t.mean = mean(distribution);
  t.sd = standard_deviation(distribution);
  for (std::size_t k = 0; k < central.size(); ++k) {
    t.moment[k] = central[k] / std::pow(t.sd, static_cast<double>(k));
  }
  t.edges.fill(INFINITY);
  for (std::size_t i = 1; i < cells; ++i) {
    t.edges[i - 1] = quantile(distribution, static_cast<double>(i) / cells);
  }
  for (std::size_t i = 0; i < deviations.size(); ++i) {
    const double p = tail_probability(deviations[i]);
    t.low[i] = quantile(distribution, p);
    t.high[i] = quantile(complement(distribution, p));
  }
  return t;
}

Truth normal_truth() { return truth(boost::math::normal(), {1, 0, 1, 0, 3, 0, 15, 0, 105}); }

Truth uniform_truth() {
  return truth(boost::math::uniform(), {1, 0, 1.0 / 12, 0, 1.0 / 80, 0, 1.0 / 448, 0, 1.0 / 2304});
}

Truth gamma_truth(double shape) {
  std::array<double, 9> central{1, 0};
  for (std::size_t k = 1; k + 1 < central.size(); ++k) {
    central[k + 1] = static_cast<double>(k) * (central[k] + shape * central[k - 1]);
  }
  return truth(boost::math::gamma_distribution<>(shape), central);
}

/// What is counted of the draws of one thread, or of all.
struct Counts {
  std::array<double, 5> sum{};  // of z^k
  double neighbours = 0;        // of z times the next z
  std::array<double, 256> cell{};
  std::array<double, deviations.size()> low{}, high{};

  void add(const Truth& truth, const std::array<double, block>& draws) {
    std::array<double, 5> part{};
    double products = 0;
    double before = 0;
    const double scale = 1 / truth.sd;
    for (const double x : draws) {
      const double z = (x - truth.mean) * scale;
      const double z2 = z * z;
      part[1] += z;
      part[2] += z2;
      part[3] += z2 * z;
      part[4] += z2 * z2;
      products += z * before;
      before = z;
    }
    for (std::size_t k = 1; k < sum.size(); ++k) sum[k] += part[k];
    neighbours += products;
    for (const double x : draws) {
      std::size_t c = 0;  // binary search without branches
      for (std::size_t step = 128; step > 0; step /= 2) {
        c += step * static_cast<std::size_t>(truth.edges[c + step - 1] <= x);
      }
      ++cell[c];
      if (c == 0 || c == cells - 1) add_tails(truth, x);
    }
  }

  void add_tails(const Truth& truth, double x) {
    for (std::size_t i = 0; i < deviations.size(); ++i) {
      low[i] += x < truth.low[i] ? 1 : 0;
      high[i] += x > truth.high[i] ? 1 : 0;
    }
  }

  Counts& operator+=(const Counts& other) {
    const auto plus = [](auto& a, const auto& b) {
      std::ranges::transform(a, b, a.begin(), std::plus<>());
    };
    plus(sum, other.sum);
    plus(cell, other.cell);
    plus(low, other.low);
    plus(high, other.high);
    neighbours += other.neighbours;
    return *this;
  }
};

/// `fill(rng, draws)` draws a block.
template <class Fill>
Counts count(const Truth& truth, std::uint64_t seed, const Fill& fill) {
  std::array<Counts, threads> counts;
  std::vector<std::jthread> running;
  for (std::uint32_t thread = 0; thread < threads; ++thread) {
    running.emplace_back([&, thread] {
      Rng rng({seed, thread, Purpose::test});
      std::array<double, block> draws;
      Counts mine;
      for (std::size_t done = 0; done < per_thread; done += block) {
        fill(rng, draws);
        mine.add(truth, draws);
      }
      counts[thread] = mine;
    });
  }
  running.clear();
  for (std::size_t thread = 1; thread < threads; ++thread) counts[0] += counts[thread];
  return counts[0];
}

double chi_square_limit(std::size_t count) {
  return quantile(complement(boost::math::chi_squared(static_cast<double>(count - 1)), rare));
}

double chi_square(std::span<const double> observed, double expected) {
  double sum = 0;
  for (const double o : observed) sum += (o - expected) * (o - expected) / expected;
  return sum;
}

void check_tail(double count, double expected, const std::string& where) {
  const boost::math::poisson poisson(expected);  // a rare event among many draws
  BOOST_TEST(cdf(poisson, count) > rare, where << ": " << count << ", not " << expected);
  if (count == 0) return;
  BOOST_TEST(cdf(complement(poisson, count - 1)) > rare,
             where << ": " << count << ", not " << expected);
}

void check(const Truth& truth, const Counts& counts) {
  constexpr double n = per_thread * threads;
  for (std::size_t k = 1; k <= 4; ++k) {
    // The variance of z^k is E z^2k - (E z^k)^2.
    const double error = std::sqrt((truth.moment[2 * k] - truth.moment[k] * truth.moment[k]) / n);
    BOOST_TEST(std::abs(counts.sum[k] / n - truth.moment[k]) < most_errors * error,
               "moment " << k << ": " << counts.sum[k] / n << ", not " << truth.moment[k]);
  }
  // Products of two independent standardised variates have variance 1.
  BOOST_TEST(std::abs(counts.neighbours / n) < most_errors / std::sqrt(n));
  BOOST_TEST(chi_square({counts.cell.data(), cells}, n / cells) < chi_square_limit(cells));
  for (std::size_t i = 0; i < deviations.size(); ++i) {
    const double expected = n * tail_probability(deviations[i]);
    const std::string beyond = "beyond " + std::to_string(deviations[i]) + " sd";
    check_tail(counts.low[i], expected, beyond + " below");
    check_tail(counts.high[i], expected, beyond + " above");
  }
}

/// Correlations of z and of z^2 between 1e5 pairs of streams, 100 numbers of each.
void check_pairs(const std::string& kind, Stream (*name)(std::uint64_t)) {
  constexpr std::size_t streams = 100'000;
  constexpr std::size_t numbers = 100;
  std::array<double, numbers> before{}, here{};
  double products = 0;
  double shifted = 0;
  double squares = 0;
  Rng(name(0)).normal(before);
  for (std::uint64_t k = 1; k <= streams; ++k) {
    Rng(name(k)).normal(here);
    for (std::size_t i = 0; i < numbers; ++i) {
      products += before[i] * here[i];
      shifted += before[(i + 1) % numbers] * here[i];
      squares += (before[i] * before[i] - 1) * (here[i] * here[i] - 1) / 2;
    }
    before = here;
  }
  // Each product has mean 0 and variance 1.
  const double limit = most_errors * std::sqrt(static_cast<double>(streams * numbers));
  BOOST_TEST(std::abs(products) < limit, kind);
  BOOST_TEST(std::abs(shifted) < limit, kind << ", shifted by one");
  BOOST_TEST(std::abs(squares) < limit, kind << ", squares");
}

}  // namespace

BOOST_AUTO_TEST_CASE(uniforms_are_uniform) {
  const Truth t = uniform_truth();
  check(t, count(t, 1, [](Rng& rng, auto& draws) {
          for (double& x : draws) x = rng.uniform();
        }));
}

BOOST_AUTO_TEST_CASE(normals_filled_in_blocks_are_normal) {
  const Truth t = normal_truth();
  check(t, count(t, 2, [](Rng& rng, auto& draws) { rng.normal(draws); }));
}

BOOST_AUTO_TEST_CASE(a_block_of_normals_is_what_single_normals_are) {
  Rng one({3, 0, Purpose::test});
  Rng other({3, 0, Purpose::test});
  std::array<double, block> draws{};
  for (std::size_t done = 0; done < 1'000'000; done += block) {
    other.normal(draws);
    for (const double x : draws) BOOST_REQUIRE(x == one.normal());
  }
  BOOST_TEST(one.bits() == other.bits());
}

BOOST_AUTO_TEST_CASE(exponentials_are_exponential) {
  const Truth t = gamma_truth(1);
  check(t, count(t, 4, [](Rng& rng, auto& draws) {
          for (double& x : draws) x = rng.exponential();
        }));
}

BOOST_AUTO_TEST_CASE(gammas_follow_their_distribution_for_every_kind_of_shape) {
  for (const double shape : {0.1, 0.5, 1.0, 2.5, 50.0}) {
    BOOST_TEST_CONTEXT("shape " << shape) {
      const Truth t = gamma_truth(shape);
      check(t, count(t, 5 + static_cast<std::uint64_t>(10 * shape), [&](Rng& rng, auto& draws) {
              for (double& x : draws) x = rng.gamma(shape);
            }));
    }
  }
}

BOOST_AUTO_TEST_CASE(streams_with_neighbouring_names_are_uncorrelated) {
  check_pairs("seeds", [](std::uint64_t k) { return Stream{k}; });
  check_pairs("chains", [](std::uint64_t k) { return Stream{7, static_cast<std::uint32_t>(k)}; });
  check_pairs("draws", [](std::uint64_t k) { return Stream{7, 1, Purpose::draw, k}; });
  check_pairs("pieces", [](std::uint64_t k) { return Stream{7, 1, Purpose::draw, 9, k}; });
  check_pairs("warm-up and draws", [](std::uint64_t k) {
    return Stream{7, 1, k % 2 == 0 ? Purpose::warm_up : Purpose::draw, k / 2};
  });
}

BOOST_AUTO_TEST_CASE(the_first_numbers_of_successive_draws_fill_the_square_evenly) {
  // What a small model takes from each stream: its first few numbers.
  constexpr std::size_t side = 64;
  constexpr std::size_t streams = 10'000'000;
  std::vector<double> square(side * side);
  for (std::uint64_t draw = 0; draw < streams; ++draw) {
    Rng rng({11, 0, Purpose::draw, draw});
    const auto row = static_cast<std::size_t>(rng.uniform() * side);
    const auto column = static_cast<std::size_t>(rng.uniform() * side);
    ++square[row * side + column];
  }
  const double expected = static_cast<double>(streams) / (side * side);
  BOOST_TEST(chi_square(square, expected) < chi_square_limit(side * side));
}
