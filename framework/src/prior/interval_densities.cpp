// Densities of a number between two ends, as in Gelman et al. (2013), Bayesian Data Analysis,
// table A.1.
#include <cmath>

#include "prior/density_table.hpp"
#include "prior/dirichlet.hpp"
#include "tarn/distributions.hpp"

namespace tarn {
namespace {

DensityType interval_uniform() {
  return {.name = "uniform",
          .arguments = {{"lower"}, {"upper"}},
          .wrong = [](DensityArguments a) -> const char* {
            return a[0] < a[1] ? nullptr : "its lower end must be below its upper end";
          },
          .log_density = [](double, DensityArguments a) { return -std::log(a[1] - a[0]); },
          .score = [](double, DensityArguments) { return 0.0; },
          .draw = [](DensityArguments a, Rng& rng) { return a[0] + (a[1] - a[0]) * rng.uniform(); },
          .ends =
              [](DensityArguments a) {
                return std::array{a[0], a[1]};
              }};
}

DensityType interval_beta() {
  return {
      .name = "beta",
      .arguments = {{"a", true}, {"b", true}},
      .support = Support::unit_interval,
      .log_density = [](double x, DensityArguments a) { return beta_log_density(x, a[0], a[1]); },
      .score = [](double x, DensityArguments a) { return (a[0] - 1) / x - (a[1] - 1) / (1 - x); },
      .draw =
          [](DensityArguments a, Rng& rng) {
            const double up = log_gamma_draw(a[0], rng);
            const double down = log_gamma_draw(a[1], rng);
            return 1 / (1 + std::exp(down - up));
          }};
}

}  // namespace

std::vector<DensityType> interval_densities() { return {interval_uniform(), interval_beta()}; }

}  // namespace tarn
