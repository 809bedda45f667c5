// Log prior and log likelihood of every draw, by several threads.
#include "components.hpp"

#include <algorithm>

#include "log_prior.hpp"
#include "tarn/design.hpp"
#include "tarn/model.hpp"
#include "tarn/parallel_for.hpp"
#include "tarn/runtime.hpp"

namespace tarn::power_scaling {
namespace {

constexpr std::size_t rows_at_once = 16'384;

/// Consecutive draws of one chain.
struct Run {
  std::size_t chain, first, count;
};

std::vector<Run> runs_of(const Draws& draws) {
  std::vector<Run> runs;
  const std::size_t length = batch_length(draws.draws());
  for (std::size_t chain = 0; chain < draws.chains(); ++chain) {
    for (std::size_t first = 0; first < draws.draws(); first += length) {
      runs.push_back({chain, first, std::min(length, draws.draws() - first)});
    }
  }
  return runs;
}

/// Calls work(thread, run, theta of its draws) for all runs of draws.
template <class Work>
void for_all_draws(const Draws& draws, std::size_t threads, const Work& work) {
  const std::vector<Run> runs = runs_of(draws);
  std::vector<Matrix> thetas(threads);
  parallel_for(runs.size(), threads, [&](std::size_t i, std::size_t thread) {
    Matrix& theta = thetas[thread];
    theta.resize(static_cast<Eigen::Index>(draws.layout().size()),
                 static_cast<Eigen::Index>(runs[i].count));
    draws.read_draws(runs[i].chain, runs[i].first, theta);
    work(thread, runs[i], theta);
  });
}

}  // namespace

Components components(const Fit& fit) {
  const Draws& draws = fit.posterior;
  const FittedModel& model = *fit.model;
  const std::size_t threads = std::max<std::size_t>(1, fit.threads);
  const auto total = static_cast<Eigen::Index>(draws.chains() * draws.draws());
  const auto place = [&](const Run& run, Eigen::Index k) {
    return static_cast<Eigen::Index>(run.chain * draws.draws() + run.first) + k;
  };

  Components result{Eigen::ArrayXd(total), Eigen::ArrayXd::Zero(total), {}};
  const LogPrior log_prior(model.design, model.priors, draws.layout());
  result.unknown_priors = log_prior.unknown();
  for_all_draws(draws, threads, [&](std::size_t, const Run& run, const Matrix& theta) {
    for (Eigen::Index k = 0; k < theta.cols(); ++k) {
      result.log_prior[place(run, k)] = log_prior(theta.col(k));
    }
  });

  std::vector<std::unique_ptr<Model>> models;
  for (std::size_t t = 0; t < threads; ++t) models.push_back(model.make());
  const RowSource& source = *model.design.rows;
  Rows rows;
  for (std::size_t first = 0; first < source.count(); first += rows_at_once) {
    source.read(first, std::min(rows_at_once, source.count() - first), rows);
    std::vector<Vector> by_row(threads, Vector(rows.y.size()));
    for_all_draws(draws, threads, [&](std::size_t t, const Run& run, const Matrix& theta) {
      auto* likelihood = query<PointwiseLogLikelihood>(*models[t]);
      for (Eigen::Index k = 0; k < theta.cols(); ++k) {
        likelihood->log_likelihood(theta.col(k), rows, by_row[t]);
        result.log_likelihood[place(run, k)] += by_row[t].sum();
      }
    });
  }
  return result;
}

}  // namespace tarn::power_scaling
