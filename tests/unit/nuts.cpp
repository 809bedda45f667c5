// The kernel of the No-U-Turn sampler on targets that are understood.
#define BOOST_TEST_MODULE nuts
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "kernel/nuts_kernel.hpp"
#include "kernel/windows.hpp"
#include "tarn/distributions.hpp"

namespace {

using namespace tarn;
using nuts::NutsKernel;
using nuts::Transition;

Layout real_numbers(Eigen::Index count) {
  Axis axis{"i", {}};
  for (Eigen::Index i = 0; i < count; ++i) axis.labels.push_back(std::to_string(i));
  Layout layout;
  layout.add({"x", {axis}});
  return layout;
}

/// N(0, diag(sd)^2).
Target normal(const Vector& sd) {
  const auto density = [sd](ConstVectorRef x) { return -0.5 * x.cwiseQuotient(sd).squaredNorm(); };
  return {real_numbers(sd.size()), density, [=](ConstVectorRef x, VectorRef gradient) {
            gradient = -x.cwiseQuotient(sd.cwiseAbs2());
            return density(x);
          }};
}

/// Transitions first .. first + count - 1 of a chain.
template <class Advance>
std::vector<Transition> chain(Vector& z, std::size_t count, Purpose purpose,
                              const Advance& advance) {
  std::vector<Transition> all;
  for (std::size_t i = 0; i < count; ++i) {
    Rng rng({8, 0, purpose, i});
    all.push_back(advance(z, rng, i));
    z = all.back().to.z;
  }
  return all;
}

struct Run {
  std::vector<Transition> warm_up;
  std::vector<Transition> draws;
};

Run run(const Target& target, const nuts::Options& options, const Vector& start, std::size_t warmup,
        std::size_t draws) {
  NutsKernel kernel(target, options);
  Vector z = start;
  Run run;
  run.warm_up = chain(z, warmup, Purpose::warm_up, [&](const Vector& at, Rng& rng, std::size_t i) {
    return kernel.adapt(at, rng, {i, warmup});
  });
  run.draws = chain(z, draws, Purpose::draw,
                    [&](const Vector& at, Rng& rng, std::size_t) { return kernel.move(at, rng); });
  return run;
}

template <class Of>
double mean(const std::vector<Transition>& transitions, const Of& of) {
  double sum = 0;
  for (const Transition& t : transitions) sum += of(t);
  return sum / static_cast<double>(transitions.size());
}

std::vector<std::size_t> closings(std::size_t total) {
  std::vector<std::size_t> all;
  const nuts::Windows windows(total);
  for (std::size_t i = 0; i < total; ++i) {
    if (windows.closes(i)) all.push_back(i + 1);
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(windows_are_those_of_stan) {
  using Ends = std::vector<std::size_t>;
  BOOST_TEST((closings(1000) == Ends{100, 150, 250, 450, 950}));
  BOOST_TEST((closings(500) == Ends{100, 150, 250, 450}));
  BOOST_TEST((closings(150) == Ends{100}));
  BOOST_TEST((closings(100) == Ends{90}));
  BOOST_TEST(closings(19).empty());
  const nuts::Windows windows(1000);
  BOOST_TEST(!windows.inside(74));
  BOOST_TEST(windows.inside(75));
  BOOST_TEST(windows.inside(949));
  BOOST_TEST(!windows.inside(950));
}

BOOST_AUTO_TEST_CASE(the_mean_acceptance_is_the_one_asked_for) {
  const Target target = normal(Vector::Ones(10));
  for (const double asked : {0.8, 0.9, 0.95}) {
    const Run now = run(target, {.target_accept = asked}, Vector::Ones(10), 1000, 2000);
    const double got = mean(now.draws, [](const Transition& t) { return t.acceptance; });
    // What dual averaging leaves of the noise of 50 draws: five times 0.1 / sqrt(50). (Below 0.8
    // the acceptance falls so steeply with the step that the averaged step is accepted more often.)
    BOOST_TEST(std::abs(got - asked) < 0.07, got << " for " << asked);
  }
}

BOOST_AUTO_TEST_CASE(scales_are_learnt_even_where_they_are_far_apart) {
  const Vector sd{{1e-4, 1, 1e3, 1, 1, 10}};
  for (const bool dense : {false, true}) {
    const Run now = run(normal(sd), {.dense = dense}, Vector::Zero(6), 1000, 4000);
    // With the right metric a trajectory of half a period has 3 or 7 steps.
    BOOST_TEST(mean(now.draws, [](const Transition& t) { return t.steps; }) < 8);
    for (Eigen::Index i = 0; i < 6; ++i) {
      const double variance =
          mean(now.draws, [&](const Transition& t) { return std::pow(t.to.z[i] / sd[i], 2); });
      // Draws are antithetic, their squares are not: an effective size of at least a quarter, so a
      // standard error of sqrt(2 / 1000); four of those.
      BOOST_TEST(std::abs(variance - 1) < 0.18, "coordinate " << i << ": " << variance);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_cliff_is_reported_as_a_divergence) {
  // Beyond 1 the density drops by e^-5000 at once.
  const auto density = [](ConstVectorRef x) {
    return -0.5 * x.squaredNorm() - (x[0] > 1 ? 5000 : 0);
  };
  const Target target(real_numbers(1), density, [&](ConstVectorRef x, VectorRef gradient) {
    gradient = -x;
    return density(x);
  });
  const Run now = run(target, {}, Vector::Zero(1), 200, 500);
  int diverging = 0;
  for (const Transition& t : now.draws) {
    diverging += t.diverging;
    BOOST_TEST(t.to.z[0] <= 1);
  }
  BOOST_TEST(diverging > 0);
}

BOOST_AUTO_TEST_CASE(a_density_that_ends_in_nan_is_a_divergence_too) {
  const auto density = [](ConstVectorRef x) { return std::log(x[0]); };
  const Target target(real_numbers(1), density, [&](ConstVectorRef x, VectorRef gradient) {
    gradient[0] = 1 / x[0];
    return density(x) - x[0] * x[0] / 2 + 0 * (gradient[0] -= x[0]);
  });
  const Run now = run(target, {}, Vector::Ones(1), 200, 500);
  for (const Transition& t : now.draws) BOOST_TEST(t.to.z[0] > 0);
}

BOOST_AUTO_TEST_CASE(no_trajectory_is_longer_than_allowed) {
  const Target target = normal(Vector{{1e-3, 1}});
  NutsKernel kernel(target, {.max_depth = 3});
  Vector z = Vector::Zero(2);
  const auto draws = chain(z, 200, Purpose::draw, [&](const Vector& at, Rng& rng, std::size_t) {
    return kernel.move(at, rng);
  });
  int longest = 0;
  for (const Transition& t : draws) {
    BOOST_TEST(t.depth <= 3);
    longest = std::max(longest, t.steps);
  }
  BOOST_TEST(longest == 7);
}

BOOST_AUTO_TEST_CASE(a_trajectory_is_cut_off_where_it_has_not_turned_at_the_greatest_depth) {
  // Steps of 1e-3 along a coordinate of scale 1: seven of them never turn.
  const Target target = normal(Vector{{1e-3, 1}});
  NutsKernel kernel(target, {.max_depth = 3});
  Vector z = Vector::Zero(2);
  const auto draws = chain(z, 200, Purpose::draw, [&](const Vector& at, Rng& rng, std::size_t) {
    return kernel.move(at, rng);
  });
  std::size_t cut = 0;
  for (const Transition& t : draws) {
    if (t.cut_off) BOOST_TEST(t.depth == 3);
    if (t.depth < 3) BOOST_TEST(!t.cut_off);
    cut += t.cut_off ? 1 : 0;
  }
  BOOST_TEST(cut > 100u);
  for (const Transition& t : run(normal(Vector::Ones(2)), {}, Vector::Zero(2), 200, 500).draws) {
    BOOST_TEST(!t.cut_off);
  }
}

BOOST_AUTO_TEST_CASE(the_reported_energy_is_that_of_the_draw) {
  const Target target = normal(Vector::Ones(5));
  const Run now = run(target, {}, Vector::Zero(5), 300, 4000);
  // Kinetic energy of the draws ~ chi-square(5) / 2: mean 2.5, standard error 1.6 / sqrt(1000) or
  // less; four of those.
  const double kinetic =
      mean(now.draws, [](const Transition& t) { return t.energy + t.to.log_density; });
  BOOST_TEST(std::abs(kinetic - 2.5) < 0.2);
}
