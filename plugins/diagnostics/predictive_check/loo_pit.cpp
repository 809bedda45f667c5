// LOO-PIT by blocks of rows: draws x rows of log likelihoods and of predictions.
#include "loo_pit.hpp"

#include <algorithm>

#include "replicates.hpp"
#include "rows.hpp"
#include "tarn/model.hpp"
#include "tarn/parallel_for.hpp"
#include "tarn/pareto.hpp"
#include "tarn/plugin.hpp"

namespace tarn::predictive_check {
namespace {

constexpr std::size_t rows_at_once = 200;

/// Where a discrete response lies in the step of its distribution function: uniform, of each row
/// from a stream of its own.
Eigen::ArrayXd places_in_steps(const Fit& fit, const std::vector<std::size_t>& rows) {
  Eigen::ArrayXd places(as_index(rows.size()));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    places[as_index(k)] = Rng({fit.seed, 0, Purpose::random_pit, rows[k]}).uniform();
  }
  return places;
}

}  // namespace

LooPit loo_pit(const Fit& fit, std::size_t most_rows, std::size_t most_draws) {
  const RowSource& source = *fit.model->design.rows;
  LooPit result;
  result.rows = evenly(source.count(), most_rows);
  result.pit.resize(result.rows.size());
  const Matrix thetas = some_draws(fit.posterior, most_draws);
  const Eigen::ArrayXd steps =
      fit.model->type.probability_mass ? places_in_steps(fit, result.rows) : Eigen::ArrayXd();
  const double threshold = reliable_pareto_k(static_cast<double>(thetas.cols()));

  const std::size_t blocks = (result.rows.size() + rows_at_once - 1) / rows_at_once;
  std::vector<std::size_t> unreliable(blocks, 0);
  const std::size_t threads = std::max<std::size_t>(1, std::min(fit.threads, blocks));
  std::vector<std::unique_ptr<Model>> models;
  for (std::size_t t = 0; t < threads; ++t) models.push_back(fit.model->make());
  parallel_for(blocks, threads, [&](std::size_t block, std::size_t thread) {
    const auto first = result.rows.begin() + as_index(block * rows_at_once);
    const auto count = std::min<std::ptrdiff_t>(rows_at_once, result.rows.end() - first);
    const Rows rows = gathered(source, {first, first + count});
    auto* likelihood = query<PointwiseLogLikelihood>(*models[thread]);
    auto* predictive = query<Predictive>(*models[thread]);
    Eigen::ArrayXXd log_likelihood(thetas.cols(), count);
    Eigen::ArrayXXd below(thetas.cols(), count);
    Vector by_row(count);
    for (Eigen::Index s = 0; s < thetas.cols(); ++s) {
      likelihood->log_likelihood(thetas.col(s), rows, by_row);
      log_likelihood.row(s) = by_row.transpose();
      Rng rng({fit.seed, static_cast<std::uint32_t>(block), Purpose::predict,
               static_cast<std::uint64_t>(s), 1});
      predictive->predict(thetas.col(s), rows, by_row, rng);
      below.row(s) = (by_row.array() < rows.y.array()).cast<double>().transpose();
      if (steps.size() == 0) continue;
      below.row(s) += ((by_row.array() == rows.y.array()).cast<double>() *
                       steps.segment(as_index(block * rows_at_once), count))
                          .transpose();
    }
    for (Eigen::Index i = 0; i < count; ++i) {
      const SmoothedRatios ratios = smooth_ratios(-log_likelihood.col(i));
      if (!(ratios.k <= threshold)) ++unreliable[block];
      result.pit[block * rows_at_once + as_size(i)] = (ratios.weights() * below.col(i)).sum();
    }
  });
  for (const std::size_t count : unreliable) result.unreliable += count;
  return result;
}

}  // namespace tarn::predictive_check
