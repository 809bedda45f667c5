// Gelman, Goodrich, Gabry & Vehtari (2019) for R²; Nakagawa & Schielzeth (2013), Johnson (2014) and
// Nakagawa, Johnson & Schielzeth (2017) for the parts of the predictor's variance.
#include "answers/r_squared.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "answers/predictor_moments.hpp"
#include "tarn/error.hpp"
#include "tarn/family.hpp"
#include "tarn/plugin.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t block_bytes = std::size_t{16} << 20;
constexpr std::size_t block_rows = 32768;

/// Variances (n - 1 below) over rows, one for each draw; blocks are merged (Chan et al.).
class RowVariance {
 public:
  explicit RowVariance(std::size_t draws) : mean_(Vector::Zero(as_index(draws))), squares_(mean_) {}

  /// A column for each draw.
  void add(const Matrix& values) {
    const auto here = static_cast<double>(values.rows());
    const Vector mean = values.colwise().mean();
    const Vector squares = (values.rowwise() - mean.transpose()).colwise().squaredNorm();
    const Vector off = mean - mean_;
    const double total = count_ + here;
    squares_ += squares + (count_ * here / total) * off.cwiseAbs2();
    mean_ += here / total * off;
    count_ = total;
  }

  Vector variance() const { return squares_ / (count_ - 1); }

 private:
  double count_ = 0;
  Vector mean_, squares_;
};

struct Parts {
  Vector modelled;             // var(E[y]), with the groups' effects
  Vector errors;               // var(y - E[y])
  Vector fixed;                // var(X b)
  Vector predictor;            // the mean of X b and the offset
  Vector residual;             // the mean of Var[y]
  std::vector<Vector> groups;  // the mean of z' Sigma z
};

Parts parts_of(const LoadedFit& fit, LinearDraws& draws, const Rows* grid, bool residual_based) {
  const Design& design = fit.design();
  RowVariance expected(draws.draws()), errors(draws.draws());
  PredictorMoments moments(design);
  Parts parts;
  parts.residual = Vector::Zero(as_index(draws.draws()));
  const std::size_t block =
      std::clamp<std::size_t>(block_bytes / (sizeof(double) * draws.draws()), 1, block_rows);
  for_each_block(*design.rows, block, [&](Rows& rows) {
    LinearDraws::Moments known = draws.moments(rows);
    expected.add(known.mean);
    parts.residual += known.variance.colwise().sum().transpose();
    if (residual_based) errors.add((-known.mean).colwise() + rows.y);
    moments.add(rows);
  });
  parts.modelled = expected.variance();
  if (residual_based) parts.errors = errors.variance();
  parts.residual /= static_cast<double>(design.rows->count());
  parts.fixed = moments.fixed_variance(draws);
  parts.predictor = moments.predictor_mean(draws);
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    parts.groups.push_back(grid != nullptr ? Vector(draws.group_variance(*grid, g).rowwise().mean())
                                           : moments.group_variance(draws, g));
  }
  return parts;
}

struct Residual {
  Vector variance;
  std::string what;  // in words
};

/// On the scale of the predictor.
Residual residual_of(const LoadedFit& fit, LinearDraws& draws, const Parts& parts) {
  Rows row;
  fit.design().rows->read(0, 1, row);
  const Family& family = *fit.design().family;
  const auto n = as_index(draws.draws());
  if (draws.is_linear(row)) return {parts.residual, "the residual variance of the response"};
  const ResponseKind kind =
      response_kind(fit.registry(), fit.config().value("family", std::string("gaussian")));
  if (kind == ResponseKind::binary || kind == ResponseKind::successes ||
      kind == ResponseKind::category) {
    switch (family.link()) {
      case Link::logit:
        return {Vector::Constant(n, std::numbers::pi * std::numbers::pi / 3),
                "pi^2 / 3, the variance of the latent logistic distribution (logit link)"};
      case Link::probit:
        return {Vector::Ones(n), "1, the variance of the latent normal distribution (probit link)"};
      case Link::cloglog:
        return {Vector::Constant(n, std::numbers::pi * std::numbers::pi / 6),
                "pi^2 / 6, the variance of the latent Gumbel distribution (cloglog link)"};
      default:
        break;
    }
  }
  Vector groups = Vector::Zero(n);
  for (const Vector& group : parts.groups) groups += group;
  const bool exponential = draws.is_exponential(row);
  Vector eta = parts.predictor;
  if (exponential) eta += groups / 2;
  const LinearDraws::Moments at = draws.moments_at(row, eta);
  if (exponential) {
    return {(at.variance.col(0).array() / at.mean.col(0).array().square()).log1p(),
            "log(1 + Var[y] / E[y]^2) at the mean of the predictor (Nakagawa et al. 2017)"};
  }
  constexpr double step = 1e-4;
  const Matrix above = draws.moments_at(row, eta.array() + step).mean;
  const Matrix below = draws.moments_at(row, eta.array() - step).mean;
  const Vector slope = (above - below).col(0) / (2 * step);
  return {at.variance.col(0).array() / slope.array().square(),
          "Var[y] / (dE[y]/d eta)^2 at the mean of the predictor (the delta method)"};
}

class TableOf {
 public:
  TableOf(AnswerTable& table, Eigen::Index draws) : table_(table), draws_(draws) {}

  void add(const std::string& name, const Vector& values) {
    table_.rows.push_back({.cells = {name}});
    columns_.push_back(values);
    if (!values.allFinite()) {
      table_.rows.back().missing = "the family does not tell its variance";
      columns_.pop_back();
    }
  }

  void finish(const LoadedFit& fit, std::size_t chains, const Interval& interval) {
    Matrix together(draws_, std::ssize(columns_));
    for (std::size_t k = 0; k < columns_.size(); ++k) together.col(as_index(k)) = columns_[k];
    estimate_rows(table_, fit.registry(), together, chains, interval);
  }

 private:
  AnswerTable& table_;
  Eigen::Index draws_;
  std::vector<Vector> columns_;
};

Vector ratio(const Vector& part, const Vector& whole) { return part.array() / whole.array(); }

}  // namespace

RSquared r_squared(const LoadedFit& fit, const Predictors& predictors, const GridQuestion& question,
                   bool residual_based) {
  const Design& design = fit.design();
  std::vector<std::size_t> all(design.groupings.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  LinearDraws draws(fit.required_model(), fit.file().posterior(),
                    linear_plan(fit, question, all, 3 * design.rows->count()));
  Rows grid_rows;
  std::string at;
  if (!question.at.empty()) {
    const Grid grid =
        make_grid(fit, predictors, read_at(question.at, predictors, false), MissingGroup::ignored);
    if (!grid.rows.missing.empty()) {
      throw InputError(fmt::format("--at: {}", grid.rows.missing.front().reason));
    }
    grid_rows = all_rows_of(*grid.rows.rows);
    at = fmt::format("groups' variances are those at {}", question.at);
  }
  const Parts parts =
      parts_of(fit, draws, question.at.empty() ? nullptr : &grid_rows, residual_based);
  const Residual residual = residual_of(fit, draws, parts);
  const auto n = as_index(draws.draws());
  Vector groups = Vector::Zero(n);
  for (const Vector& group : parts.groups) groups += group;
  const Vector& fixed = parts.fixed;
  const Vector whole = fixed + groups + residual.variance;
  const Vector& modelled = parts.modelled;
  const bool linear = [&] {
    Rows row;
    design.rows->read(0, 1, row);
    return draws.is_linear(row);
  }();

  RSquared result;
  result.r2.title = fmt::format("R² of {}", design.response);
  result.r2.columns = {"R²"};
  TableOf r2(result.r2, n);
  r2.add("conditional", ratio(modelled, modelled + parts.residual));
  if (residual_based) {
    r2.add("conditional, residual-based", ratio(modelled, modelled + parts.errors));
  }
  r2.add(linear ? "marginal" : "marginal, of the predictor", ratio(fixed, whole));
  if (!linear) r2.add("conditional, of the predictor", ratio(fixed + groups, whole));
  r2.finish(fit, draws.chains(), question.interval);
  result.r2.notes = {
      "conditional: var(E[y]) / (var(E[y]) + mean Var[y]) over the rows, with group effects "
      "(Gelman "
      "et al. 2019)"};
  if (residual_based) {
    result.r2.notes.push_back("residual-based: var(y - E[y]) in the place of mean Var[y] (brms)");
  }
  result.r2.notes.push_back(
      "marginal: var(X b) / (var(X b) + groups + residual), without group effects");

  result.variances.title = "variances on the scale of the predictor, and their shares";
  result.variances.columns = {"part"};
  TableOf variances(result.variances, n);
  variances.add("X b", fixed);
  for (std::size_t g = 0; g < all.size(); ++g) {
    variances.add(design.groupings[g].name, parts.groups[g]);
  }
  variances.add("residual", residual.variance);
  variances.add("share of X b", ratio(fixed, whole));
  for (std::size_t g = 0; g < all.size(); ++g) {
    variances.add("share of " + design.groupings[g].name, ratio(parts.groups[g], whole));
  }
  variances.add("share of residual", ratio(residual.variance, whole));
  variances.finish(fit, draws.chains(), question.interval);
  result.variances.notes = {"residual: " + residual.what};
  if (!all.empty()) {
    result.variances.notes.push_back(
        at.empty() ? "of a group: the mean of z' Sigma z over the rows (Johnson 2014)" : at);
  }
  if (!all.empty()) {
    result.icc.title = "intraclass correlations: variance of the groups / (all groups + residual)";
    result.icc.columns = {"ICC"};
    TableOf icc(result.icc, n);
    for (std::size_t g = 0; g < all.size(); ++g) {
      icc.add(design.groupings[g].name, ratio(parts.groups[g], groups + residual.variance));
    }
    icc.finish(fit, draws.chains(), question.interval);
  }
  if (!draws.all_draws()) result.r2.notes.push_back(draws_note(draws));
  return result;
}

}  // namespace tarn::launcher
