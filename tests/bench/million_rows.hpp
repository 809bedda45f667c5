// A million rows in ten thousand groups of two sizes, five covariates.
#pragma once

#include "matrix_rows.hpp"
#include "tarn/rng.hpp"

namespace tarn::bench {

constexpr Eigen::Index groups = 10'000;
constexpr Eigen::Index covariates = 5;

inline Design simulate(Eigen::Index rows) {
  Rng rng({2026, 0, Purpose::test});
  test::Data data{Matrix(rows, covariates), Vector(rows)};
  Vector effect(groups);
  for (double& r : effect) r = 0.5 * rng.normal();
  for (Eigen::Index i = 0; i < rows; ++i) {
    // One row for every group, then two thirds of the rest for the first half of the groups.
    const double u = rng.uniform();
    const double place = u < 2.0 / 3 ? 0.75 * u : 1.5 * u - 0.5;
    const auto j = i < groups ? i : static_cast<Eigen::Index>(groups * place);
    data.level.push_back(static_cast<std::int32_t>(j));
    double mean = 1 + effect[j];
    for (Eigen::Index k = 0; k < covariates; ++k) {
      data.X(i, k) = rng.normal();
      mean += 0.3 * data.X(i, k);
    }
    data.y[i] = mean + rng.normal();
  }
  return test::design_of(data);
}

inline const std::vector<std::string> priors = {"b ~ normal(0, 5)", "sd(g) ~ half_normal(5)",
                                                "sigma ~ half_normal(5)"};

}  // namespace tarn::bench
