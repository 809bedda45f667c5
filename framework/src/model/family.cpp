// Links, and what families need not write themselves.
#include "tarn/family.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include <fmt/format.h>
#include <boost/math/special_functions/erf.hpp>

#include "tarn/design.hpp"
#include "tarn/gaussian.hpp"
#include "tarn/special.hpp"

namespace tarn {
namespace {

constexpr std::size_t block_rows = 4096;

/// f(first, rows) for all rows of a design, in runs.
template <class F>
void for_each_run_of(const Design& design, const F& f) {
  Rows rows;
  const std::size_t n = design.rows->count();
  for (std::size_t first = 0; first < n; first += block_rows) {
    design.rows->read(first, std::min(block_rows, n - first), rows);
    f(std::as_const(rows));
  }
}

/// The family's scale, worked out once for a design.
struct FamilyScale {
  explicit FamilyScale(const Design& design) : scale(design.family->predictor_scale(design)) {}

  ColumnScale scale;
};

bool is_whole(double y) { return y == std::floor(y); }

}  // namespace

Family::~Family() = default;

std::vector<FamilyParameter> Family::parameters(const Design& /*design*/) const { return {}; }

const void* Family::query(std::string_view /*capability*/) const noexcept { return nullptr; }

void Family::variance(const Rows& /*rows*/, ConstVectorRef /*eta*/, ConstMatrixRef /*psi*/,
                      VectorRef by_row) const {
  by_row.setConstant(std::numeric_limits<double>::quiet_NaN());
}

void Family::psi_scores(const Rows& rows, ConstVectorRef eta, ConstMatrixRef psi,
                        MatrixRef by_row) const {
  Matrix moved = psi;
  Vector above(eta.size()), below(eta.size());
  for (Eigen::Index k = 0; k < psi.cols(); ++k) {
    // The step that balances rounding and curvature, the cube root of the precision, in the units
    // of the parameter.
    const Vector step =
        6e-6 * psi.col(k).unaryExpr([](double x) { return x == 0 ? 1 : std::abs(x); });
    moved.col(k) = psi.col(k) + step;
    log_likelihood(rows, eta, moved, above);
    moved.col(k) = psi.col(k) - step;
    log_likelihood(rows, eta, moved, below);
    moved.col(k) = psi.col(k);
    for (Eigen::Index i = 0; i < eta.size(); ++i) {
      by_row(i, k) = (above[i] - below[i]) / (2 * step[step.size() > 1 ? i : 0]);
    }
  }
}

std::string_view to_string(Link link) noexcept {
  switch (link) {
    case Link::identity:
      return "identity";
    case Link::log:
      return "log";
    case Link::logit:
      return "logit";
    case Link::probit:
      return "probit";
    case Link::cloglog:
      return "cloglog";
  }
  return "";
}

double to_predictor(Link link, double mean) noexcept {
  switch (link) {
    case Link::identity:
      return mean;
    case Link::log:
      return std::log(mean);
    case Link::logit:
      return std::log(mean) - std::log1p(-mean);
    case Link::probit:
      return -std::sqrt(2.0) * boost::math::erfc_inv(2 * mean);
    case Link::cloglog:
      return std::log(-std::log1p(-mean));
  }
  return mean;
}

double to_mean(Link link, double predictor) noexcept {
  switch (link) {
    case Link::identity:
      return predictor;
    case Link::log:
      return std::exp(predictor);
    case Link::logit:
      return logistic(predictor);
    case Link::probit:
      return 0.5 * std::erfc(-predictor / std::numbers::sqrt2);
    case Link::cloglog:
      return -std::expm1(-std::exp(predictor));
  }
  return predictor;
}

ResponseKind kind_of(const Family& family) {
  const auto takes = [&](double y, double trials) { return !family.refuses(y, trials); };
  if (family.probability_mass()) {
    if (!takes(0, 5)) return ResponseKind::category;
    if (takes(6, 5)) return ResponseKind::count;
    return takes(2, 5) ? ResponseKind::successes : ResponseKind::binary;
  }
  if (takes(-1, 1)) return ResponseKind::real;
  if (!takes(2, 1)) return ResponseKind::proportion;
  return takes(0, 1) ? ResponseKind::nonnegative : ResponseKind::positive;
}

Link parameter_link(Support support) noexcept {
  return support == Support::positive        ? Link::log
         : support == Support::unit_interval ? Link::logit
                                             : Link::identity;
}

std::optional<std::string> refusal_of(ResponseKind kind, std::string_view family, double y,
                                      double trials) {
  const auto needs = [family](std::string_view what) {
    return fmt::format("{} needs {}", family, what);
  };
  const bool finite = std::isfinite(y);
  switch (kind) {
    case ResponseKind::real:
      if (!finite) return needs("finite numbers");
      break;
    case ResponseKind::positive:
      if (!finite || y <= 0) return needs("numbers above 0");
      break;
    case ResponseKind::nonnegative:
      if (!finite || y < 0) return needs("numbers from 0");
      break;
    case ResponseKind::proportion:
      if (!(y > 0 && y < 1)) return needs("numbers between 0 and 1, neither of them included");
      break;
    case ResponseKind::binary:
      if (y != 0 && y != 1) return needs("0 or 1, or a text column with two values");
      break;
    case ResponseKind::successes:
      if (finite && is_whole(y) && y >= 0 && y <= trials) break;
      if (trials == 1)
        return needs("0 or 1 where there is one trial; more are given by y | trials(n)");
      return needs(fmt::format("whole numbers from 0 to the row's trials, {}", trials));
    case ResponseKind::count:
      if (!finite || y < 0 || !is_whole(y)) return needs("whole numbers from 0");
      break;
    case ResponseKind::category:
      if (!finite || y < 1 || !is_whole(y)) return needs("whole numbers from 1");
      break;
  }
  return std::nullopt;
}

ColumnScale predictor_scale(const Design& design) { return design.derived<FamilyScale>().scale; }

ColumnScale Family::predictor_scale(const Design& design) const {
  return link_ == Link::identity ? design.response_scale : linked_scale(design, link_);
}

ColumnScale transformed_scale(const Design& design, double (*f)(double)) {
  double weight = 0, mean = 0, squares = 0;
  for_each_run_of(design, [&](const Rows& rows) {
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      const double z = f(rows.y[i]) - (rows.offset.size() > 0 ? rows.offset[i] : 0);
      if (std::isnan(z)) continue;
      weight += rows.frequency[i];
      const double step = z - mean;
      mean += step * rows.frequency[i] / weight;
      squares += rows.frequency[i] * step * (z - mean);
    }
  });
  const double sd = weight > 1 ? std::sqrt(squares / (weight - 1)) : 0;
  // What the sum's rounding leaves of a mean of 0 is not printed.
  return {std::abs(mean) < 1e-12 * sd ? 0 : mean, sd > 0 ? sd : 1};
}

ColumnScale linked_scale(const Design& design, Link link, bool positive_only) {
  double sum = 0, trials = 0, offsets = 0, exposure = 0;
  for_each_run_of(design, [&](const Rows& rows) {
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      if (positive_only && rows.y[i] <= 0) continue;
      const double offset = rows.offset.size() > 0 ? rows.offset[i] : 0;
      const double n = rows.trials.size() > 0 ? rows.trials[i] : 1;
      sum += rows.frequency[i] * rows.y[i];
      trials += rows.frequency[i] * n;
      offsets += rows.frequency[i] * n * offset;
      exposure += rows.frequency[i] * std::exp(offset);
    }
  });
  // Half an observation more keeps it finite where all responses are 0 or all trials succeed. Of
  // positive numbers it would be half a unit of theirs.
  const double sd = link == Link::probit ? 0.625 : 1;
  if (link == Link::log) {
    if (design.family->probability_mass()) sum += 0.5;
    return {sum > 0 && exposure > 0 ? std::log(sum / exposure) : 0, sd};
  }
  return {to_predictor(link, (sum + 0.5) / (trials + 1)) - (trials > 0 ? offsets / trials : 0), sd};
}

std::shared_ptr<const Family> gaussian_family() {
  static const auto family = std::make_shared<const Gaussian>();
  return family;
}

}  // namespace tarn
