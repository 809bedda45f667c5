// One integral for each row, all rows side by side.
#include "judge/population_mean.hpp"

#include "judge/normal_average.hpp"

namespace tarn {

void population_mean(Model& model, ConstVectorRef theta, const Rows& rows,
                     std::span<const std::size_t> groupings, VectorRef mean) {
  if (groupings.empty()) return query<Expectation>(model)->expect(theta, rows, mean);
  auto* predictor = query<LinearPredictor>(model);
  Vector eta(rows.y.size()), sd(rows.y.size());
  predictor->predict_linear_of_new(theta, rows, groupings, eta, sd);
  sd = sd.cwiseSqrt();
  const auto at = [&](double z, Vector& values) {
    predictor->mean_at(theta, rows, eta + z * sd, values);
  };
  normal_average(sd, at, mean);
}

}  // namespace tarn
