// Isotonic regression of the data and of responses that the model makes.
#include "calibration.hpp"

#include <algorithm>
#include <numeric>

#include "replicates.hpp"
#include "rows.hpp"
#include "tarn/model.hpp"
#include "tarn/parallel_for.hpp"
#include "tarn/pareto.hpp"
#include "tarn/plugin.hpp"
#include "tarn/statistics/quantile.hpp"

namespace tarn::predictive_check {
namespace {

constexpr Eigen::Index replicates = 200;
constexpr std::size_t most_points = 100;  // of a curve

/// Numbers of draws, each as often as its weight says.
std::vector<Eigen::Index> resampled(const Eigen::ArrayXd& weights, Rng& rng) {
  std::vector<double> sums(as_size(weights.size()));
  std::partial_sum(weights.begin(), weights.end(), sums.begin());
  std::vector<Eigen::Index> numbers;
  for (Eigen::Index r = 0; r < replicates; ++r) {
    const auto at = std::ranges::upper_bound(sums, rng.uniform() * sums.back());
    numbers.push_back(std::min(as_index(at - sums.begin()), weights.size() - 1));
  }
  return numbers;
}

std::vector<Eigen::Index> ascending(const Vector& x) {
  std::vector<Eigen::Index> order(as_size(x.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::ranges::stable_sort(order, [&](Eigen::Index a, Eigen::Index b) { return x[a] < x[b]; });
  return order;
}

double squared_error(const Vector& y, const Vector& mean, const Vector& weight) {
  return weight.dot((y - mean).cwiseAbs2()) / weight.sum();
}

}  // namespace

Predicted predicted(const Fit& fit, std::size_t most_rows, std::size_t most_draws) {
  const Design& design = fit.model->design;
  const std::vector<std::size_t> chosen = evenly(design.rows->count(), most_rows);
  const Matrix thetas = some_draws(fit.posterior, most_draws);
  const double threshold = reliable_pareto_k(static_cast<double>(thetas.cols()));
  const bool shares = kind_of(design) == ResponseKind::successes;
  const auto n = as_index(chosen.size());
  Predicted result{Vector(n), Vector(n), Vector::Ones(n), Matrix(n, replicates)};

  const std::size_t blocks = (chosen.size() + rows_at_once - 1) / rows_at_once;
  std::vector<std::size_t> unreliable(blocks, 0);
  const std::size_t threads = std::max<std::size_t>(1, std::min(fit.threads, blocks));
  std::vector<std::unique_ptr<Model>> models;
  for (std::size_t t = 0; t < threads; ++t) models.push_back(fit.model->make());
  parallel_for(blocks, threads, [&](std::size_t block, std::size_t thread) {
    const std::size_t first = block * rows_at_once;
    const std::size_t count = std::min(rows_at_once, chosen.size() - first);
    const Rows rows = gathered(*design.rows, std::span(chosen).subspan(first, count));
    Model& model = *models[thread];
    Matrix log_likelihood(thetas.cols(), as_index(count)), means(log_likelihood),
        responses(log_likelihood);
    Vector by_row(as_index(count));
    for (Eigen::Index s = 0; s < thetas.cols(); ++s) {
      query<PointwiseLogLikelihood>(model)->log_likelihood(thetas.col(s), rows, by_row);
      log_likelihood.row(s) = by_row.transpose();
      query<Expectation>(model)->expect(thetas.col(s), rows, by_row);
      means.row(s) = by_row.transpose();
      Rng rng({fit.seed, static_cast<std::uint32_t>(block), Purpose::predict,
               static_cast<std::uint64_t>(s), 2});
      query<Predictive>(model)->predict(thetas.col(s), rows, by_row, rng);
      responses.row(s) = by_row.transpose();
    }
    for (Eigen::Index i = 0; i < as_index(count); ++i) {
      const Eigen::Index at = as_index(first) + i;
      const SmoothedRatios ratios = smooth_ratios(-log_likelihood.col(i).array());
      if (!(ratios.k <= threshold)) ++unreliable[block];
      const Eigen::ArrayXd weights = ratios.weights();
      const double of = shares ? rows.trials[i] : 1;
      result.weight[at] = of;
      if (of == 0) {  // no trials, and nothing to predict
        result.mean[at] = result.observed[at] = 0;
        result.replicates.row(at).setZero();
        continue;
      }
      result.mean[at] = weights.matrix().dot(means.col(i)) / of;
      result.observed[at] = rows.y[i] / of;
      Rng rng({fit.seed, 1, Purpose::random_pit, chosen[as_size(at)]});
      const std::vector<Eigen::Index> numbers = resampled(weights, rng);
      for (Eigen::Index r = 0; r < replicates; ++r) {
        result.replicates(at, r) = responses(numbers[as_size(r)], i) / of;
      }
    }
  });
  for (const std::size_t count : unreliable) result.unreliable += count;
  return result;
}

Vector isotonic(const Vector& x, const Vector& y, const Vector& weight) {
  struct Pool {
    double weight, mean;
    std::size_t count;
  };
  const std::vector<Eigen::Index> order = ascending(x);
  std::vector<Pool> pools;
  for (std::size_t k = 0; k < order.size();) {
    Pool next{0, 0, 0};
    const double at = x[order[k]];
    for (; k < order.size() && x[order[k]] == at; ++k, ++next.count) {
      const double w = weight[order[k]];
      next.weight += w;
      if (w > 0) next.mean += (y[order[k]] - next.mean) * w / next.weight;
    }
    while (!pools.empty() && (pools.back().mean >= next.mean || next.weight == 0)) {
      const Pool before = pools.back();
      pools.pop_back();
      const double sum = before.weight + next.weight;
      if (sum > 0) next.mean = before.mean + (next.mean - before.mean) * next.weight / sum;
      next.weight = sum;
      next.count += before.count;
    }
    pools.push_back(next);
  }
  Vector fitted(x.size());
  std::size_t k = 0;
  for (const Pool& pool : pools) {
    for (std::size_t i = 0; i < pool.count; ++i, ++k) fitted[order[k]] = pool.mean;
  }
  return fitted;
}

Reliability reliability(const Predicted& predicted) {
  const Vector& mean = predicted.mean;
  const Vector& observed = predicted.observed;
  const Vector& weight = predicted.weight;
  const Matrix& made = predicted.replicates;
  const auto miscalibration_of = [&](const Vector& y, const Vector& fitted) {
    return squared_error(y, mean, weight) - squared_error(y, fitted, weight);
  };
  Reliability found;
  found.rows = as_size(mean.size());
  found.unreliable = predicted.unreliable;
  found.replicates = as_size(made.cols());
  found.all.assign(mean.begin(), mean.end());
  const Vector fitted = isotonic(mean, observed, weight);
  const Vector constant = Vector::Constant(mean.size(), weight.dot(observed) / weight.sum());
  found.score = squared_error(observed, mean, weight);
  found.miscalibration = miscalibration_of(observed, fitted);
  found.uncertainty = squared_error(observed, constant, weight);
  found.discrimination = found.uncertainty - squared_error(observed, fitted, weight);

  Matrix of_made(made.rows(), made.cols());
  for (Eigen::Index r = 0; r < made.cols(); ++r) {
    const Vector y = made.col(r);
    of_made.col(r) = isotonic(mean, y, weight);
    const double other = miscalibration_of(y, of_made.col(r));
    found.p += (other > found.miscalibration   ? 1
                : other < found.miscalibration ? 0
                                               : 0.5) /
               static_cast<double>(made.cols());
  }
  const std::vector<Eigen::Index> order = ascending(mean);
  for (const std::size_t k : evenly(order.size(), most_points)) {
    const Eigen::Index i = order[k];
    std::vector<double> values(as_size(of_made.cols()));
    for (Eigen::Index r = 0; r < of_made.cols(); ++r) values[as_size(r)] = of_made(i, r);
    std::ranges::sort(values);
    found.mean.push_back(mean[i]);
    found.recalibrated.push_back(fitted[i]);
    found.lower.push_back(statistics::quantile(values, 0.025));
    found.upper.push_back(statistics::quantile(values, 0.975));
  }
  return found;
}

}  // namespace tarn::predictive_check
