// Densities of a positive number, as in Gelman et al. (2013), Bayesian Data Analysis, table A.1;
// half densities: Gelman (2006), section 2.2.
#include <cmath>
#include <limits>
#include <numbers>

#include "prior/density_table.hpp"
#include "prior/student_t.hpp"
#include "tarn/distributions.hpp"

namespace tarn {

namespace {

constexpr double log_half_line = std::numbers::ln2;  // twice the density of the whole line
constexpr double outside = -std::numeric_limits<double>::infinity();

DensityType positive_half_normal() {
  return {.name = "half_normal",
          .arguments = {{"scale", true}},
          .support = Support::positive,
          .log_density =
              [](double x, DensityArguments a) {
                return log_half_line + normal_log_density(x, 0, a[0]);
              },
          .score = [](double x, DensityArguments a) { return -x / (a[0] * a[0]); },
          .draw = [](DensityArguments a, Rng& rng) { return a[0] * std::abs(rng.normal()); }};
}

DensityType positive_half_student_t() {
  return {.name = "half_student_t",
          .arguments = {{"degrees of freedom", true}, {"0"}, {"scale", true}},
          .support = Support::positive,
          .wrong = [](DensityArguments a) -> const char* {
            return a[1] != 0 ? "a half density starts at 0: its second argument must be 0"
                             : nullptr;
          },
          .log_density =
              [](double x, DensityArguments a) {
                return log_half_line + student_t_log_density(x, a[0], 0, a[2]);
              },
          .score = [](double x, DensityArguments a) { return student_t_score(x, a[0], 0, a[2]); },
          .draw = [](DensityArguments a,
                     Rng& rng) { return a[2] * std::abs(student_t_draw(a[0], rng)); }};
}

DensityType positive_half_cauchy() {
  return {
      .name = "half_cauchy",
      .arguments = {{"scale", true}},
      .support = Support::positive,
      .log_density =
          [](double x, DensityArguments a) {
            return log_half_line + student_t_log_density(x, 1, 0, a[0]);
          },
      .score = [](double x, DensityArguments a) { return student_t_score(x, 1, 0, a[0]); },
      .draw = [](DensityArguments a, Rng& rng) { return a[0] * std::abs(student_t_draw(1, rng)); }};
}

DensityType positive_exponential() {
  return {.name = "exponential",
          .arguments = {{"rate", true}},
          .support = Support::positive,
          .log_density = [](double x, DensityArguments a) { return std::log(a[0]) - a[0] * x; },
          .score = [](double, DensityArguments a) { return -a[0]; },
          .draw = [](DensityArguments a, Rng& rng) { return rng.exponential() / a[0]; }};
}

DensityType positive_gamma() {
  return {.name = "gamma",
          .arguments = {{"shape", true}, {"rate", true}},
          .support = Support::positive,
          .log_density =
              [](double x, DensityArguments a) {
                return a[0] * std::log(a[1]) - log_gamma(a[0]) + (a[0] - 1) * std::log(x) -
                       a[1] * x;
              },
          .score = [](double x, DensityArguments a) { return (a[0] - 1) / x - a[1]; },
          .draw = [](DensityArguments a, Rng& rng) { return rng.gamma(a[0]) / a[1]; }};
}

DensityType positive_inv_gamma() {
  return {.name = "inv_gamma",
          .arguments = {{"shape", true}, {"scale", true}},
          .support = Support::positive,
          .log_density =
              [](double x, DensityArguments a) {
                return x > 0 ? inv_gamma_log_density(x, a[0], a[1]) : outside;
              },
          .score = [](double x, DensityArguments a) { return -(a[0] + 1) / x + a[1] / (x * x); },
          .draw = [](DensityArguments a, Rng& rng) { return rng.inv_gamma(a[0], a[1]); },
          .conjugacy = {.inverse_gamma = [](DensityArguments a) {
            return std::array{a[0], a[1]};
          }}};
}

/// log x ~ N(mu, sigma^2).
DensityType positive_lognormal() {
  return {
      .name = "lognormal",
      .arguments = {{"mu"}, {"sigma", true}},
      .support = Support::positive,
      .log_density =
          [](double x, DensityArguments a) {
            if (!(x > 0)) return outside;
            return normal_log_density(std::log(x), a[0], a[1]) - std::log(x);
          },
      .score = [](double x,
                  DensityArguments a) { return -(1 + (std::log(x) - a[0]) / (a[1] * a[1])) / x; },
      .draw = [](DensityArguments a, Rng& rng) { return std::exp(a[0] + a[1] * rng.normal()); }};
}

}  // namespace

std::vector<DensityType> positive_densities() {
  return {positive_half_normal(), positive_half_student_t(), positive_half_cauchy(),
          positive_exponential(), positive_gamma(),          positive_inv_gamma(),
          positive_lognormal()};
}

}  // namespace tarn
