// Data sets and priors on which samplers are compared.
#pragma once

#include <cmath>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace tarn::test {

struct Problem {
  std::string name;
  std::string model;
  Design design;
  std::vector<std::string> priors;

  friend std::ostream& operator<<(std::ostream& out, const Problem& p) { return out << p.name; }
};

inline Design design_of_file(const std::string& path, const std::string& formula) {
  const std::string file = shared(path);
  return make_design(formula, io::read_table(std::vector<std::string>{file})).design;
}

/// `groups` groups of `rows` rows on average, intercepts of standard deviation 1 and, with slopes,
/// slopes of 0.5 that vary with them.
inline Data simulated_groups(std::int32_t groups, std::int32_t rows, Eigen::Index covariates,
                             Eigen::Index slopes) {
  Rng rng({61, 0, Purpose::test});
  const Eigen::Index n = static_cast<Eigen::Index>(groups) * rows;
  Data data{Matrix(n, covariates), Vector(n)};
  data.level.resize(static_cast<std::size_t>(n));
  Matrix effects(slopes + 1, groups);
  for (Eigen::Index j = 0; j < groups; ++j) {
    effects(0, j) = rng.normal();
    for (Eigen::Index k = 1; k <= slopes; ++k) {
      effects(k, j) = 0.5 * (0.4 * effects(0, j) + 0.9 * rng.normal());
    }
  }
  for (Eigen::Index i = 0; i < n; ++i) {
    // Squaring makes some groups many times as large as others.
    const double u = rng.uniform();
    const auto j = i < groups ? i : static_cast<Eigen::Index>(u * u * groups);
    data.level[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(j);
    double mean = 2 + effects(0, j);
    for (Eigen::Index k = 0; k < covariates; ++k) {
      data.X(i, k) = rng.normal();
      mean += 0.5 * data.X(i, k);
      if (k < slopes) mean += effects(k + 1, j) * data.X(i, k);
    }
    data.y[i] = mean + rng.normal();
  }
  if (slopes > 0) data.slopes = data.X.leftCols(slopes);
  return data;
}

}  // namespace tarn::test
