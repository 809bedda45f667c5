// A million rows in ten thousand groups of two sizes, five covariates: a table in memory.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tarn/formula.hpp"
#include "tarn/rng.hpp"
#include "tarn/table.hpp"

namespace tarn::bench {

inline Design simulate(std::size_t rows) {
  constexpr std::size_t groups = 10'000;
  constexpr std::size_t covariates = 5;
  Rng rng({2026, 0, Purpose::test});
  std::vector<double> effect(groups);
  for (double& r : effect) r = 0.5 * rng.normal();
  auto table = std::make_shared<Table>();
  table->rows = rows;
  for (const char* name : {"y", "g", "x1", "x2", "x3", "x4", "x5"}) {
    Column& column = table->columns.emplace_back();
    column.name = name;
    column.numbers.resize(rows);
  }
  for (std::size_t i = 0; i < rows; ++i) {
    const auto value = [&](std::size_t k) -> double& { return table->columns[k].numbers[i]; };
    // One row for every group, then two thirds of the rest for the first half of the groups.
    const double u = rng.uniform();
    const double place = u < 2.0 / 3 ? 0.75 * u : 1.5 * u - 0.5;
    const auto j = i < groups ? i : static_cast<std::size_t>(groups * place);
    double mean = 1 + effect[j];
    for (std::size_t k = 1; k <= covariates; ++k) mean += 0.3 * (value(1 + k) = rng.normal());
    value(0) = mean + rng.normal();
    value(1) = static_cast<double>(j);
  }
  return make_design("y ~ x1 + x2 + x3 + x4 + x5 + (1 | g)", std::move(table)).design;
}

inline const std::vector<std::string> priors = {"b ~ normal(0, 5)", "sd(g) ~ half_normal(5)",
                                                "sigma ~ half_normal(5)"};

}  // namespace tarn::bench
