// Log prior and log likelihood of every draw, by several threads.
#include "components.hpp"

#include <algorithm>

#include "tarn/design.hpp"
#include "tarn/draws.hpp"
#include "tarn/model.hpp"

namespace tarn::power_scaling {
namespace {

constexpr std::size_t rows_at_once = 16'384;

}  // namespace

Components components(const Fit& fit) {
  const Draws& draws = fit.posterior;
  const FittedModel& model = *fit.model;
  const std::size_t threads = std::max<std::size_t>(1, fit.threads);
  const auto total = as_index(draws.chains() * draws.draws());
  std::vector<std::unique_ptr<Model>> models;
  for (std::size_t t = 0; t < threads; ++t) models.push_back(model.make());

  Components result{Eigen::ArrayXd(total), Eigen::ArrayXd::Zero(total)};
  for_each_draw(draws, threads, [&](std::size_t number, ConstVectorRef theta, std::size_t t) {
    result.log_prior[as_index(number)] = query<LogPrior>(*models[t])->log_prior(theta);
  });

  const RowSource& source = *model.design.rows;
  Rows rows;
  for (std::size_t first = 0; first < source.count(); first += rows_at_once) {
    source.read(first, std::min(rows_at_once, source.count() - first), rows);
    std::vector<Vector> by_row(threads, Vector(rows.y.size()));
    for_each_draw(draws, threads, [&](std::size_t number, ConstVectorRef theta, std::size_t t) {
      query<PointwiseLogLikelihood>(*models[t])->log_likelihood(theta, rows, by_row[t]);
      result.log_likelihood[as_index(number)] += by_row[t].sum();
    });
  }
  return result;
}

}  // namespace tarn::power_scaling
