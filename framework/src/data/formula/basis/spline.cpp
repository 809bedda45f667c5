// B-splines and natural splines, as in R's splines package.
#include "data/formula/basis/spline.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/QR>

#include "data/formula/basis/quantile.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"

namespace tarn::formula {
namespace {

struct Placed {
  double lower;
  double upper;
  std::vector<double> knots;
};

Placed place_knots(std::size_t count, std::vector<double> knots, std::vector<double> x,
                   const std::string& name) {
  std::ranges::sort(x);
  Placed placed{x.front(), x.back(), std::move(knots)};
  if (placed.lower == placed.upper) {
    throw InputError(fmt::format("{} needs more than one distinct value", name));
  }
  if (placed.knots.empty()) {
    for (std::size_t i = 1; i <= count; ++i) {
      placed.knots.push_back(
          quantile_of(x, static_cast<double>(i) / static_cast<double>(count + 1)));
    }
  }
  std::ranges::sort(placed.knots);
  if (!placed.knots.empty() &&
      (placed.knots.front() <= placed.lower || placed.knots.back() >= placed.upper)) {
    throw InputError(fmt::format("{} has a knot outside the open range of its values, {} to {}",
                                 name, placed.lower, placed.upper));
  }
  return placed;
}

std::size_t knots_for(std::size_t freedom, std::size_t least, const std::string& name) {
  if (freedom == 0) return 0;
  if (freedom < least) throw InputError(fmt::format("{} needs df of at least {}", name, least));
  return freedom - least;
}

}  // namespace

SplineBasis::SplineBasis(std::size_t degree, double lower, double upper,
                         std::span<const double> knots)
    : degree_(degree) {
  t_.assign(degree + 1, lower);
  t_.insert(t_.end(), knots.begin(), knots.end());
  t_.insert(t_.end(), degree + 1, upper);
}

std::size_t SplineBasis::values(double x, std::span<double> nonzero) const {
  // Beyond the boundary the polynomial of the outermost interval goes on.
  const auto inner =
      std::upper_bound(t_.begin() + as_index(degree_) + 1, t_.end() - as_index(degree_) - 1, x);
  const auto i = as_size(inner - t_.begin()) - 1;
  nonzero[0] = 1;
  for (std::size_t j = 1; j <= degree_; ++j) {  // de Boor (1978), chapter X
    double saved = 0;
    for (std::size_t r = 0; r < j; ++r) {
      const double right = t_[i + r + 1];
      const double left = t_[i + 1 + r - j];
      const double term = nonzero[r] / (right - left);
      nonzero[r] = saved + (right - x) * term;
      saved = (x - left) * term;
    }
    nonzero[j] = saved;
  }
  return i - degree_;
}

std::vector<double> SplineBasis::derivative(double x, std::size_t order) const {
  const std::size_t low = degree_ - order;
  SplineBasis lower(*this);
  lower.degree_ = low;
  std::vector<double> nonzero(low + 1);
  // The basis of the lower degree over the same knots, whose repeats give empty functions.
  lower.t_.assign(t_.begin() + as_index(order), t_.end() - as_index(order));
  const std::size_t first = lower.values(x, nonzero);
  std::vector<double> d(t_.size() - 1, 0);
  for (std::size_t r = 0; r <= low; ++r) d[first + order + r] = nonzero[r];
  for (std::size_t k = low + 1; k <= degree_; ++k) {
    for (std::size_t i = 0; i + k + 1 < t_.size(); ++i) {
      const double a = t_[i + k] - t_[i];
      const double b = t_[i + k + 1] - t_[i + 1];
      const double up = a > 0 ? d[i] / a : 0;
      const double down = b > 0 ? d[i + 1] / b : 0;
      d[i] = static_cast<double>(k) * (up - down);
    }
  }
  d.resize(size());
  return d;
}

Basis learn_spline(const BasisRequest& request, std::vector<double> x, const std::string& name) {
  const std::size_t skip = request.intercept ? 0 : 1;
  const std::size_t degree = request.degree == 0 ? 3 : request.degree;
  const std::size_t count = knots_for(request.freedom, degree + 1 - skip, name);
  const Placed placed = place_knots(count, request.knots, std::move(x), name);
  Basis basis{Basis::Kind::spline, degree + 1 - skip + placed.knots.size(), {}};
  basis.state = {static_cast<double>(degree), static_cast<double>(skip), placed.lower,
                 placed.upper};
  basis.state.insert(basis.state.end(), placed.knots.begin(), placed.knots.end());
  return basis;
}

// A natural spline is a cubic one whose second derivative is 0 at the boundary: B-splines times
// the null space of the two constraints, from a QR of their transpose as in R's ns().
Basis learn_natural_spline(const BasisRequest& request, std::vector<double> x,
                           const std::string& name) {
  const std::size_t skip = request.intercept ? 0 : 1;
  const std::size_t count = knots_for(request.freedom, 2 - skip, name);
  const Placed placed = place_knots(count, request.knots, std::move(x), name);
  const SplineBasis cubic(3, placed.lower, placed.upper, placed.knots);
  const auto m = as_index(cubic.size() - skip);
  Eigen::MatrixXd constraints(m, 2);
  for (Eigen::Index side = 0; side < 2; ++side) {
    const std::vector<double> second = cubic.derivative(side == 0 ? placed.lower : placed.upper, 2);
    for (Eigen::Index j = 0; j < m; ++j) {
      constraints(j, side) = second[as_size(j) + skip];
    }
  }
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(constraints).householderQ() *
                            Eigen::MatrixXd::Identity(m, m);
  Basis basis{Basis::Kind::natural, as_size(m) - 2, {}};
  basis.state = {static_cast<double>(skip), static_cast<double>(placed.knots.size()), placed.lower,
                 placed.upper};
  basis.state.insert(basis.state.end(), placed.knots.begin(), placed.knots.end());
  for (Eigen::Index column = 2; column < m; ++column) {
    for (Eigen::Index j = 0; j < m; ++j) basis.state.push_back(q(j, column));
  }
  return basis;
}

}  // namespace tarn::formula
