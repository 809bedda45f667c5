// Densities of any real number, as in Gelman et al. (2013), Bayesian Data Analysis, table A.1.
#include <cmath>

#include "prior/density_table.hpp"
#include "prior/student_t.hpp"
#include "tarn/distributions.hpp"

namespace tarn {
namespace {

std::array<double, 2> location_and_scale(DensityArguments a) { return {a[0], a[1]}; }

/// x | v ~ N(m, v s^2), v ~ IG(nu/2, nu/2) is t_nu(m, s^2), and
/// v | x ~ IG((nu + 1)/2, (nu + z^2)/2) (Geweke 1993).
double student_t_mixing(double z, double nu, Rng& rng) {
  return rng.inv_gamma((nu + 1) / 2, (nu + z * z) / 2);
}

DensityType real_normal() {
  return {
      .name = "normal",
      .arguments = {{"mean"}, {"sd", true}},
      .log_density = [](double x, DensityArguments a) { return normal_log_density(x, a[0], a[1]); },
      .score = [](double x, DensityArguments a) { return (a[0] - x) / (a[1] * a[1]); },
      .draw = [](DensityArguments a, Rng& rng) { return a[0] + a[1] * rng.normal(); },
      .conjugacy = {.gaussian = location_and_scale}};
}

DensityType real_student_t() {
  return {
      .name = "student_t",
      .arguments = {{"degrees of freedom", true}, {"location"}, {"scale", true}},
      .log_density = [](double x,
                        DensityArguments a) { return student_t_log_density(x, a[0], a[1], a[2]); },
      .score = [](double x, DensityArguments a) { return student_t_score(x, a[0], a[1], a[2]); },
      .draw = [](DensityArguments a, Rng& rng) { return a[1] + a[2] * student_t_draw(a[0], rng); },
      .conjugacy = {.gaussian =
                        [](DensityArguments a) {
                          return std::array{a[1], a[2]};
                        },
                    .mixing = [](double z, DensityArguments a,
                                 Rng& rng) { return student_t_mixing(z, a[0], rng); }}};
}

DensityType real_cauchy() {
  return {.name = "cauchy",
          .arguments = {{"location"}, {"scale", true}},
          .log_density = [](double x,
                            DensityArguments a) { return student_t_log_density(x, 1, a[0], a[1]); },
          .score = [](double x, DensityArguments a) { return student_t_score(x, 1, a[0], a[1]); },
          .draw = [](DensityArguments a, Rng& rng) { return a[0] + a[1] * student_t_draw(1, rng); },
          .conjugacy = {.gaussian = location_and_scale,
                        .mixing = [](double z, DensityArguments, Rng& rng) {
                          return student_t_mixing(z, 1, rng);
                        }}};
}

/// The logit of a uniform number between 0 and 1, at location 0 and scale 1.
DensityType real_logistic() {
  return {.name = "logistic",
          .arguments = {{"location"}, {"scale", true}},
          .log_density =
              [](double x, DensityArguments a) {
                const double z = std::abs(x - a[0]) / a[1];
                return -z - 2 * std::log1p(std::exp(-z)) - std::log(a[1]);
              },
          .score = [](double x,
                      DensityArguments a) { return -std::tanh((x - a[0]) / (2 * a[1])) / a[1]; },
          .draw =
              [](DensityArguments a, Rng& rng) {
                const double u = rng.uniform();
                return a[0] + a[1] * (std::log(u) - std::log1p(-u));
              }};
}

/// Normal with standard deviation s sigma: no density of one number on its own.
DensityType real_scaled_normal() {
  return {.name = "scaled_normal",
          .arguments = {{"mean"}, {"multiple of sigma", true}},
          .conjugacy = {.gaussian = location_and_scale, .scales_with_sigma = true}};
}

DensityType real_flat() {
  return {.name = "flat",
          .proper = false,
          .log_density = [](double, DensityArguments) { return 0.0; },
          .score = [](double, DensityArguments) { return 0.0; }};
}

}  // namespace

std::vector<DensityType> real_densities() {
  return {real_normal(),   real_student_t(),     real_cauchy(),
          real_logistic(), real_scaled_normal(), real_flat()};
}

}  // namespace tarn
