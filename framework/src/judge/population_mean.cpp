// One integral for each row, all rows side by side.
#include "judge/population_mean.hpp"

#include <algorithm>
#include <cmath>

namespace tarn {
namespace {

/// Of standard normal x and of eta. Means of all links are analytic within pi / 2 of the real line
/// (cloglog; logit within pi), so that the step of eta leaves exp(-pi^2 / 0.6) = 7e-8 at most.
constexpr double step_of_x = 0.4;
constexpr double step_of_eta = 0.6;

/// What lies beyond is below 1e-16 of the whole, and with the log link moves by sd. Farther off
/// than `end` weights are 0.
constexpr double reach = 8.5;
constexpr double end = 38.6;
constexpr double most_steps = 2000;  // where sd is above 30, eta's steps are longer

}  // namespace

void population_mean(Model& model, ConstVectorRef theta, const Rows& rows,
                     std::span<const std::size_t> groupings, VectorRef mean) {
  if (groupings.empty()) return query<Expectation>(model)->expect(theta, rows, mean);
  auto* predictor = query<LinearPredictor>(model);
  const Eigen::Index n = rows.y.size();
  Vector eta(n), sd(n);
  predictor->predict_linear_of_new(theta, rows, groupings, eta, sd);
  sd = sd.cwiseSqrt();
  const double widest = sd.maxCoeff();
  const double length = std::min(end, reach + widest);
  const double step = std::max(std::min(step_of_x, step_of_eta / widest), length / most_steps);
  const auto steps = static_cast<Eigen::Index>(std::ceil(length / step));
  Vector at(n), of_node(n);
  mean.setZero();
  double total = 0;
  for (Eigen::Index k = -steps; k <= steps; ++k) {
    const double x = step * static_cast<double>(k);
    const double weight = std::exp(-x * x / 2);
    if (weight == 0) continue;
    at = eta + x * sd;
    predictor->mean_at(theta, rows, at, of_node);
    mean += weight * of_node;
    total += weight;
  }
  mean /= total;
}

}  // namespace tarn
