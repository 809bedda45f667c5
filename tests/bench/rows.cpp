// Does a draw cost more with more rows? 1e6 rows against 1e5 rows in the same 1e4 groups.
#include <chrono>

#include <fmt/format.h>

#include "fit.hpp"
#include "million_rows.hpp"

namespace {

using namespace tarn;
using namespace tarn::bench;
using namespace tarn::test;
using Clock = std::chrono::steady_clock;

struct Cost {
  double moments_ms;
  double draw_us;  // of one chain
};

Cost measure(const Design& design) {
  const auto start = Clock::now();
  design.group_moments(0);
  const std::chrono::duration<double, std::milli> moments = Clock::now() - start;
  FitOptions options;
  options.priors = priors;
  options.plan = {.chains = 1, .warmup = 50, .draws = 1000, .seed = 1, .threads = 1};
  const Fitted fitted = fit(design, options);
  return {moments.count(), 1e6 * fitted.outcome.sampling_seconds / 1000};
}

}  // namespace

int main() {
  const Design small = simulate(100'000);
  const Design large = simulate(1'000'000);
  fmt::print("random_intercept, gibbs, 10000 groups, 5 covariates; best of 3\n");
  Cost few{1e300, 1e300};
  Cost many{1e300, 1e300};
  for (int repeat = 0; repeat < 3; ++repeat) {
    const Cost a = measure(small.with_rows(small.rows));
    const Cost b = measure(large.with_rows(large.rows));
    few = {std::min(few.moments_ms, a.moments_ms), std::min(few.draw_us, a.draw_us)};
    many = {std::min(many.moments_ms, b.moments_ms), std::min(many.draw_us, b.draw_us)};
  }
  fmt::print("{:>10} {:>14} {:>14}\n", "rows", "moments, ms", "a draw, us");
  fmt::print("{:>10} {:>14.1f} {:>14.1f}\n", 100'000, few.moments_ms, few.draw_us);
  fmt::print("{:>10} {:>14.1f} {:>14.1f}\n", 1'000'000, many.moments_ms, many.draw_us);
  fmt::print("a draw from ten times the rows costs {:.2f} x\n", many.draw_us / few.draw_us);
}
