// Evaluates rows draw by draw. New groups: the predictor is normal, so that the expected response
// is one integral, in closed form where it is exp() or Phi() of the predictor.
#include "answers/linear_draws.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "judge/normal_average.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/parallel_for.hpp"
#include "tarn/plugin.hpp"

namespace tarn::launcher {
namespace {

/// Evaluations of rows, times draws, that take a second or two.
constexpr std::size_t most_row_draws = 200'000'000;
constexpr std::size_t least_draws = 100;  // whatever they take
constexpr std::size_t most_held_bytes = std::size_t{256} << 20;

/// Evenly spaced draws of each chain.
std::vector<std::size_t> spaced(std::size_t chains, std::size_t draws, std::size_t most) {
  const std::size_t of_chain = std::clamp<std::size_t>(most / chains, 1, draws);
  std::vector<std::size_t> numbers;
  for (std::size_t chain = 0; chain < chains; ++chain) {
    for (std::size_t k = 0; k < of_chain; ++k) {
      numbers.push_back(chain * draws + k * draws / of_chain);
    }
  }
  return numbers;
}

bool is_near(double a, double b) { return std::abs(a - b) <= 1e-10 * std::max(1.0, std::abs(b)); }

}  // namespace

LinearDraws::LinearDraws(const FittedModel& model, const Draws& posterior, LinearPlan plan)
    : model_(model), posterior_(posterior), plan_(std::move(plan)), chains_(posterior.chains()) {
  const std::size_t total = posterior.chains() * posterior.draws();
  std::size_t most = plan_.most_draws;
  if (most == 0) {
    most = std::max(least_draws, most_row_draws / std::max<std::size_t>(1, plan_.rows));
  }
  numbers_ = spaced(posterior.chains(), posterior.draws(), std::min(most, total));
  all_ = numbers_.size() == total;
  at_once_ =
      std::max<std::size_t>(1, most_held_bytes / (sizeof(double) * posterior.layout().size()));
  if (numbers_.size() <= at_once_) held_ = select_draws(posterior, numbers_);
  first_ = select_draws(posterior, std::span(numbers_).first(1));
  const std::size_t threads = std::max<std::size_t>(1, plan_.threads);
  for (std::size_t t = 0; t < threads; ++t) models_.push_back(model.make());
  if (query<LinearPredictor>(*models_.front()) == nullptr) {
    throw PluginError(
        fmt::format("model '{}' does not tell its linear predictor: this cannot be "
                    "computed from it",
                    model.type.name));
  }
}

LinearDraws::~LinearDraws() = default;

template <class Work>
void LinearDraws::for_draws(const Work& work) {
  const std::size_t threads = models_.size();
  Matrix read;
  for (std::size_t from = 0; from < draws(); from += at_once_) {
    const std::size_t count = std::min(at_once_, draws() - from);
    if (held_.size() == 0)
      read = select_draws(posterior_, std::span(numbers_).subspan(from, count));
    const Matrix& thetas = held_.size() > 0 ? held_ : read;
    parallel_for(threads, threads, [&](std::size_t part, std::size_t thread) {
      for (std::size_t s = part; s < count; s += threads) {
        guarded("model", model_.type.name, "predict_linear()",
                [&] { work(*models_[thread], as_index(from + s), thetas.col(as_index(s))); });
      }
    });
  }
}

Rows LinearDraws::without_levels(const Rows& rows, const std::vector<std::size_t>& groupings) {
  Rows some = rows;
  const auto levels = some.levels();
  for (const std::size_t g : groupings) std::ranges::fill(*levels[g], 0);
  return some;
}

void LinearDraws::find_shape(const Rows& rows) {
  if (shape_ != Shape::unknown || rows.y.size() == 0) return;
  if (model_.design.family->link() == Link::probit) {
    shape_ = Shape::probit;
    return;
  }
  auto& predictor = *query<LinearPredictor>(*models_.front());
  const Eigen::Index n = rows.y.size();
  Vector at_minus(n), at_zero(n), at_one(n);
  const auto mean_at = [&](double eta, Vector& mean) {
    guarded("model", model_.type.name, "mean_at()",
            [&] { predictor.mean_at(first_, rows, Vector::Constant(n, eta), mean); });
  };
  mean_at(-1, at_minus);
  mean_at(0, at_zero);
  mean_at(1, at_one);
  bool linear = true, exponential = true;
  for (Eigen::Index i = 0; i < n; ++i) {
    linear = linear && is_near(at_minus[i], -1) && is_near(at_zero[i], 0) && is_near(at_one[i], 1);
    exponential = exponential && at_zero[i] > 0 &&
                  is_near(at_one[i] / at_zero[i], std::numbers::e) &&
                  is_near(at_zero[i] / at_minus[i], std::numbers::e);
  }
  shape_ = linear ? Shape::linear : exponential ? Shape::exponential : Shape::other;
}

bool LinearDraws::is_linear(const Rows& rows) {
  find_shape(rows);
  return shape_ == Shape::linear && !plan_.back;
}

bool LinearDraws::is_exponential(const Rows& rows) {
  find_shape(rows);
  return shape_ == Shape::exponential;
}

/// The response is normal about the predictor: refused elsewhere before anything is computed.
void LinearDraws::take_back(LinearPredictor& predictor, ConstVectorRef theta, const Rows& rows,
                            const Vector& mean, const Vector& variance, Vector& value) const {
  if (!plan_.mean_of_column) {
    value = mean.unaryExpr(plan_.back);
    return;
  }
  Vector sd(mean.size());
  predictor.variance_at(theta, rows, mean, sd);
  if (plan_.new_groups && !plan_.left_out.empty()) sd += variance;
  sd = sd.cwiseSqrt();
  normal_average(
      sd, [&](double z, Vector& at) { at = (mean + z * sd).unaryExpr(plan_.back); }, value);
}

void LinearDraws::integrate(LinearPredictor& predictor, ConstVectorRef theta, const Rows& rows,
                            const Vector& mean, const Vector& variance, Vector& value) const {
  if (shape_ == Shape::linear) return predictor.mean_at(theta, rows, mean, value);
  if (shape_ == Shape::exponential) {
    return predictor.mean_at(theta, rows, mean + variance / 2, value);
  }
  if (shape_ == Shape::probit) {
    return predictor.mean_at(theta, rows, mean.array() / (1 + variance.array()).sqrt(), value);
  }
  const Vector sd = variance.cwiseSqrt();
  normal_average(
      sd, [&](double z, Vector& at) { predictor.mean_at(theta, rows, mean + z * sd, at); }, value);
}

/// Groups of the family's parameters (sigma ~ x + (1 | g)) that are not known have no effects.
Vector LinearDraws::centered(Model& model, ConstVectorRef theta,
                             const std::vector<std::size_t>& groupings) const {
  Vector changed = theta;
  auto* const groups = query<NewGroups>(model);
  for (const std::size_t g : groupings) {
    if (g >= model_.design.groupings.size() && groups != nullptr) {
      groups->center_group(g, 0, changed);
    }
  }
  return changed;
}

void LinearDraws::one(Model& model, ConstVectorRef whole, const Rows& rows, Vector& value) const {
  const bool further = std::ranges::any_of(
      plan_.left_out, [&](std::size_t g) { return g >= model_.design.groupings.size(); });
  const Vector theta = further ? centered(model, whole, plan_.left_out) : Vector(whole);
  auto& predictor = *query<LinearPredictor>(model);
  Vector mean(rows.y.size()), variance(rows.y.size());
  if (plan_.left_out.empty()) {
    predictor.predict_linear(theta, rows, mean);
  } else {
    predictor.predict_linear_of_new(theta, rows, plan_.left_out, mean, variance);
  }
  if (!plan_.response) {
    value = mean;
  } else if (plan_.back) {
    take_back(predictor, theta, rows, mean, variance, value);
  } else if (plan_.new_groups && !plan_.left_out.empty()) {
    integrate(predictor, theta, rows, mean, variance, value);
  } else {
    predictor.mean_at(theta, rows, mean, value);
  }
}

Matrix LinearDraws::evaluate(const Rows& rows) {
  const Rows used = without_levels(rows, plan_.left_out);
  find_shape(used);
  Matrix values(as_index(draws()), used.y.size());
  for_draws([&](Model& model, Eigen::Index s, ConstVectorRef theta) {
    Vector value(used.y.size());
    one(model, theta, used, value);
    values.row(s) = value.transpose();
  });
  return values;
}

LinearDraws::Moments LinearDraws::moments(const Rows& rows) {
  find_shape(rows);
  const auto size = rows.y.size();
  Moments all{Matrix(size, as_index(draws())), Matrix(size, as_index(draws()))};
  for_draws([&](Model& model, Eigen::Index s, ConstVectorRef theta) {
    auto& predictor = *query<LinearPredictor>(model);
    predictor.predict_linear(theta, rows, all.mean.col(s));
    const Vector eta = all.mean.col(s);
    if (shape_ != Shape::linear) predictor.mean_at(theta, rows, eta, all.mean.col(s));
    predictor.variance_at(theta, rows, eta, all.variance.col(s));
  });
  return all;
}

LinearDraws::Moments LinearDraws::moments_at(const Rows& rows, const Matrix& eta) {
  const auto size = rows.y.size();
  Moments all{Matrix(as_index(draws()), size), Matrix(as_index(draws()), size)};
  for_draws([&](Model& model, Eigen::Index s, ConstVectorRef theta) {
    auto& predictor = *query<LinearPredictor>(model);
    const Vector at = eta.row(s);
    Vector value(size);
    predictor.mean_at(theta, rows, at, value);
    all.mean.row(s) = value.transpose();
    predictor.variance_at(theta, rows, at, value);
    all.variance.row(s) = value.transpose();
  });
  return all;
}

Matrix LinearDraws::group_variance(const Rows& rows, std::size_t grouping) {
  const Rows used = without_levels(rows, {grouping});
  Matrix values(as_index(draws()), used.y.size());
  for_draws([&](Model& model, Eigen::Index s, ConstVectorRef theta) {
    Vector mean(used.y.size()), variance(used.y.size());
    query<LinearPredictor>(model)->predict_linear_of_new(
        theta, used, std::vector<std::size_t>{grouping}, mean, variance);
    values.row(s) = variance.transpose();
  });
  return values;
}

Matrix LinearDraws::population(const Rows& rows) {
  std::vector<std::size_t> all(model_.design.groupings_in_all());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const Rows used = without_levels(rows, all);
  Matrix values(as_index(draws()), used.y.size());
  for_draws([&](Model& model, Eigen::Index s, ConstVectorRef theta) {
    Vector mean(used.y.size()), variance(used.y.size());
    query<LinearPredictor>(model)->predict_linear_of_new(theta, used, all, mean, variance);
    values.row(s) = mean.transpose();
  });
  return values;
}

namespace {

PredictorRows combined_predictor(const PredictorRows& rows, const Matrix& weights) {
  PredictorRows result;
  result.X = weights * rows.X;
  if (rows.offset.size() > 0) result.offset = weights * rows.offset;
  for (const Matrix& Z : rows.Z) result.Z.push_back(weights * Z);
  for (const auto& levels : rows.level) {
    std::vector<std::int32_t> shared(as_size(weights.rows()), 0);
    for (Eigen::Index k = 0; k < weights.rows(); ++k) {
      for (Eigen::Index i = 0; i < weights.cols(); ++i) {
        if (weights(k, i) != 0) shared[as_size(k)] = levels[as_size(i)];
      }
    }
    result.level.push_back(std::move(shared));
  }
  return result;
}

}  // namespace

Rows combined(const Rows& rows, const Matrix& weights) {
  Rows result;
  static_cast<PredictorRows&>(result) = combined_predictor(rows, weights);
  for (const PredictorRows& further : rows.predictors) {
    result.predictors.push_back(combined_predictor(further, weights));
  }
  const Eigen::Index n = weights.rows();
  result.y = Vector::Constant(n, std::nan(""));
  if (rows.trials.size() > 0) result.trials = weights * rows.trials;
  result.frequency = Vector::Ones(n);
  result.weight = weights * rows.weight;
  return result;
}

Rows all_rows_of(const RowSource& source) {
  Rows rows;
  source.read(0, source.count(), rows);
  return rows;
}

}  // namespace tarn::launcher
