// LOO-PIT by blocks of rows: draws x rows of log likelihoods and of probabilities.
#include "loo_pit.hpp"

#include <algorithm>
#include <optional>

#include "replicates.hpp"
#include "rows.hpp"
#include "tarn/model.hpp"
#include "tarn/parallel_for.hpp"
#include "tarn/pareto.hpp"
#include "tarn/plugin.hpp"

namespace tarn::predictive_check {
namespace {

/// Integrals have some 30 nodes, and vary less with what is left: fewer draws do.
constexpr std::size_t draws_of_integrals = 400;
constexpr std::size_t fewest_draws = 100;  // fewer tell nothing of a tail
constexpr std::size_t integrals = 100'000;

/// A distribution function takes up to some microseconds (beta): so many in some seconds. It has no
/// noise of its own, as responses that are drawn have.
constexpr std::size_t probabilities = 2'000'000;

/// Where a discrete response lies in the step of its distribution function: uniform, of each row
/// from a stream of its own.
double place_in_step(const Fit& fit, std::size_t row) {
  return Rng({fit.seed, 0, Purpose::random_pit, row}).uniform();
}

/// Rows that are asked together.
using Blocks = std::vector<std::vector<std::size_t>>;

Blocks evenly_spaced(std::size_t count, std::size_t most) {
  const std::vector<std::size_t> rows = evenly(count, most);
  Blocks blocks;
  for (std::size_t first = 0; first < rows.size(); first += rows_at_once) {
    const std::size_t end = std::min(rows.size(), first + rows_at_once);
    blocks.emplace_back(rows.begin() + as_index(first), rows.begin() + as_index(end));
  }
  return blocks;
}

/// Whole levels of a grouping, evenly spaced: none where not even one has so few rows.
Blocks whole_levels(const Design& design, std::size_t grouping, std::size_t most) {
  std::vector<std::vector<std::size_t>> levels(design.groupings[grouping].levels.size());
  for_blocks(*design.rows, [&](std::size_t, const Rows& rows) {
    for (std::size_t i = 0; i < rows.count(); ++i) {
      levels[as_size(rows.level[grouping][i])].push_back(rows.first + i);
    }
  });
  std::erase_if(levels, [](const auto& rows) { return rows.empty(); });
  const std::size_t rows = design.rows->count();
  const std::size_t share = rows <= most ? levels.size() : levels.size() * most / rows;
  Blocks blocks;
  std::size_t sum = 0;
  for (const std::size_t k : evenly(levels.size(), share)) {
    if (sum + levels[k].size() > most) continue;
    sum += levels[k].size();
    if (blocks.empty() || blocks.back().size() >= rows_at_once) blocks.emplace_back();
    blocks.back().insert(blocks.back().end(), levels[k].begin(), levels[k].end());
  }
  return blocks;
}

/// Of rows given theta: log densities, P(y < y_i), P(y <= y_i).
struct Asked {
  Vector log_likelihood, below, up_to;
};

/// How a model tells them.
class Route {
 public:
  Route(const Fit& fit, std::size_t most_rows) : fit_(fit), rows_(most_rows) {
    const Design& design = fit.model->design;
    const auto model = fit.model->make();
    if (query<MarginalRowLogLikelihood>(*model) != nullptr &&
        query<MarginalRowDistribution>(*model) != nullptr && !design.terms.empty()) {
      blocks_ = whole_levels(design, design.terms.front().grouping, most_rows);
      if (!blocks_.empty()) grouping_ = design.terms.front().grouping;
    }
    if (!grouping_) blocks_ = evenly_spaced(design.rows->count(), most_rows);
    has_distribution_ = query<ResponseDistribution>(*model) != nullptr;
  }

  const Blocks& blocks() const { return blocks_; }
  std::size_t draws(std::size_t most) const {
    const std::size_t rows = std::min(fit_.model->design.rows->count(), rows_);
    if (grouping_) {
      return std::min(most, std::clamp(integrals / rows, fewest_draws, draws_of_integrals));
    }
    if (!has_distribution_) return most;
    return std::min(most, std::max(draws_of_integrals, probabilities / rows));
  }

  void ask(Model& model, ConstVectorRef theta, const Rows& rows, Rng rng, Asked& asked) const {
    const Eigen::Index n = rows.y.size();
    for (Vector* part : {&asked.log_likelihood, &asked.below, &asked.up_to}) part->resize(n);
    if (grouping_) {
      query<MarginalRowLogLikelihood>(model)->log_likelihood_given_level(theta, rows, *grouping_,
                                                                         asked.log_likelihood);
      return query<MarginalRowDistribution>(model)->distribution_given_level(
          theta, rows, *grouping_, asked.below, asked.up_to);
    }
    query<PointwiseLogLikelihood>(model)->log_likelihood(theta, rows, asked.log_likelihood);
    if (has_distribution_) {
      return query<ResponseDistribution>(model)->distribution(theta, rows, asked.below,
                                                              asked.up_to);
    }
    Vector y(n);
    query<Predictive>(model)->predict(theta, rows, y, rng);
    asked.below = (y.array() < rows.y.array()).cast<double>();
    asked.up_to = asked.below;
    if (fit_.model->type.probability_mass) {
      asked.up_to.array() += (y.array() == rows.y.array()).cast<double>();
    }
  }

 private:
  const Fit& fit_;
  std::size_t rows_;  // at most
  std::optional<std::size_t> grouping_;
  bool has_distribution_;
  Blocks blocks_;
};

}  // namespace

LooPit loo_pit(const Fit& fit, std::size_t most_rows, std::size_t most_draws) {
  const Route route(fit, most_rows);
  const Blocks& blocks = route.blocks();
  LooPit result;
  std::vector<std::size_t> first_of;
  for (const std::vector<std::size_t>& rows : blocks) {
    first_of.push_back(result.rows.size());
    result.rows.insert(result.rows.end(), rows.begin(), rows.end());
  }
  result.pit.resize(result.rows.size());
  const Matrix thetas = some_draws(fit.posterior, route.draws(most_draws));
  const double threshold = reliable_pareto_k(static_cast<double>(thetas.cols()));

  std::vector<std::size_t> unreliable(blocks.size(), 0);
  const std::size_t threads = std::max<std::size_t>(1, std::min(fit.threads, blocks.size()));
  std::vector<std::unique_ptr<Model>> models;
  for (std::size_t t = 0; t < threads; ++t) models.push_back(fit.model->make());
  parallel_for(blocks.size(), threads, [&](std::size_t block, std::size_t thread) {
    const Rows rows = gathered(*fit.model->design.rows, blocks[block]);
    const Eigen::Index count = rows.y.size();
    Eigen::ArrayXXd log_likelihood(thetas.cols(), count), below(log_likelihood),
        up_to(log_likelihood);
    Asked asked;
    for (Eigen::Index s = 0; s < thetas.cols(); ++s) {
      const Rng rng({fit.seed, static_cast<std::uint32_t>(block), Purpose::predict,
                     static_cast<std::uint64_t>(s), 1});
      route.ask(*models[thread], thetas.col(s), rows, rng, asked);
      log_likelihood.row(s) = asked.log_likelihood.transpose();
      below.row(s) = asked.below.transpose();
      up_to.row(s) = asked.up_to.transpose();
    }
    for (Eigen::Index i = 0; i < count; ++i) {
      const SmoothedRatios ratios = smooth_ratios(-log_likelihood.col(i));
      if (!(ratios.k <= threshold)) ++unreliable[block];
      const std::size_t at = first_of[block] + as_size(i);
      const double place = place_in_step(fit, result.rows[at]);
      result.pit[at] =
          (ratios.weights() * (below.col(i) + place * (up_to.col(i) - below.col(i)))).sum();
    }
  });
  for (const std::size_t count : unreliable) result.unreliable += count;
  return result;
}

}  // namespace tarn::predictive_check
