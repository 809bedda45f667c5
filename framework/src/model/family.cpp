// Links, and what families need not write themselves.
#include "tarn/family.hpp"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/erf.hpp>

#include "tarn/design.hpp"
#include "tarn/gaussian.hpp"

namespace tarn {
namespace {

constexpr std::size_t block_rows = 4096;

/// predictor_scale() where the link is not the identity: one pass over the rows of a design.
struct LinkedScale {
  explicit LinkedScale(const Design& design);

  ColumnScale scale;
};

}  // namespace

Family::~Family() = default;

std::vector<FamilyParameter> Family::parameters(const Design& /*design*/) const { return {}; }

const void* Family::query(std::string_view /*capability*/) const noexcept { return nullptr; }

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

ColumnScale predictor_scale(const Design& design) {
  const Link link = design.family->link();
  if (link == Link::identity) return design.response_scale;
  return design.derived<LinkedScale>().scale;
}

LinkedScale::LinkedScale(const Design& design) {
  const Link link = design.family->link();
  double sum = 0, trials = 0, offsets = 0, exposure = 0;
  Rows rows;
  const std::size_t n = design.rows->count();
  for (std::size_t first = 0; first < n; first += block_rows) {
    design.rows->read(first, std::min(block_rows, n - first), rows);
    const Vector offset =
        rows.offset.size() > 0 ? rows.offset : Vector(Vector::Zero(rows.y.size()));
    sum += rows.frequency.dot(rows.y);
    trials += rows.trials.size() > 0 ? rows.frequency.dot(rows.trials) : rows.frequency.sum();
    offsets += rows.frequency.dot(offset);
    exposure += rows.frequency.dot(Vector(offset.array().exp()));
  }
  // Half an observation more keeps it finite where all responses are 0 or all trials succeed.
  scale = {link == Link::log ? std::log((sum + 0.5) / exposure)
                             : to_predictor(link, (sum + 0.5) / (trials + 1)) - offsets / trials,
           1};
}

std::shared_ptr<const Family> gaussian_family() {
  static const auto family = std::make_shared<const Gaussian>();
  return family;
}

}  // namespace tarn
