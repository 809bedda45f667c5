// Posteriors of Gaussian multilevel models by other means than the models': the response's full
// covariance matrix, rows x rows, and quadrature or importance sampling over what is left.
#pragma once

#include <Eigen/Cholesky>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tarn/rng.hpp"
#include "tarn/vector.hpp"

namespace tarn::test {

/// A prior of a standard deviation (or, `square`, of its square), written out once more.
struct ScalePrior {
  std::string family;
  double a = 1;
  double b = 1;
  bool square = false;

  std::string text(const std::string& key) const {
    const bool two = family == "gamma" || family == "inv_gamma" || family == "uniform";
    return fmt::format("{}{} ~ {}({}{})", key, square ? "^2" : "", family, a,
                       two ? fmt::format(", {}", b) : "");
  }

  /// Of the standard deviation, up to a constant.
  double log_density(double s) const {
    const double x = square ? s * s : s;
    const double jacobian = square ? std::log(s) : 0;
    if (family == "half_normal") return jacobian - 0.5 * x * x / (a * a);
    if (family == "exponential") return jacobian - a * x;
    if (family == "gamma") return jacobian + (a - 1) * std::log(x) - b * x;
    if (family == "inv_gamma") return jacobian - (a + 1) * std::log(x) - b / x;
    return x > a && x < b ? jacobian : -std::numeric_limits<double>::infinity();  // uniform
  }
};

/// What is not integrated out: logarithms of standard deviations, then atanh of correlations.
struct Hyper {
  std::string name;  // as in the table of parameters
  ScalePrior prior;
  bool correlation = false;  // with the density (1 - rho^2)^(prior.a - 1)

  double natural(double x) const { return correlation ? std::tanh(x) : std::exp(x); }
  double log_prior(double x) const {  // Jacobian included
    if (!correlation) return prior.log_density(std::exp(x)) + x;
    return prior.a * 2 * -std::log(std::cosh(x));
  }
};

/// Effects of one factor: of one column, or of two that correlate.
struct FactorPart {
  std::vector<std::int32_t> level;
  Matrix Z;
  std::vector<std::size_t> sds;  // indices of hypers
  int correlation = -1;
};

struct DenseModel {
  Vector y;
  Matrix X;
  Vector prior_mean, prior_sd;        // of coefficients
  Vector weight;                      // so many copies of a row
  Vector se;                          // known errors; else sigma
  std::vector<std::size_t> sigma_of;  // of each row: which hyper its sigma is
  std::vector<FactorPart> factors;
  std::vector<Hyper> hypers;
  std::vector<std::string> coefficients;

  Vector natural(const Vector& x) const {
    Vector h(x.size());
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      h[i] = hypers[static_cast<std::size_t>(i)].natural(x[i]);
    }
    return h;
  }

  /// log p(x | y) up to a constant; and the mean and covariance of b given x, if they are wanted.
  double log_posterior(const Vector& x, Vector* mean = nullptr,
                       Matrix* covariance = nullptr) const {
    const Vector h = natural(x);
    const Eigen::Index n = y.size();
    Matrix V = X * prior_sd.cwiseAbs2().asDiagonal() * X.transpose();
    double sum = 0;
    for (std::size_t k = 0; k < hypers.size(); ++k) {
      sum += hypers[k].log_prior(x[static_cast<Eigen::Index>(k)]);
    }
    for (Eigen::Index i = 0; i < n; ++i) {
      const double s = se.size() > 0
                           ? se[i]
                           : h[static_cast<Eigen::Index>(sigma_of[static_cast<std::size_t>(i)])];
      V(i, i) += s * s / weight[i];
      sum -= (weight[i] - 1) * std::log(s);
    }
    for (const FactorPart& f : factors) {
      const auto q = static_cast<Eigen::Index>(f.sds.size());
      Matrix sigma(q, q);
      for (Eigen::Index a = 0; a < q; ++a) {
        for (Eigen::Index b = 0; b < q; ++b) {
          sigma(a, b) = h[static_cast<Eigen::Index>(f.sds[static_cast<std::size_t>(a)])] *
                        h[static_cast<Eigen::Index>(f.sds[static_cast<std::size_t>(b)])] *
                        (a == b ? 1 : (f.correlation < 0 ? 0 : h[f.correlation]));
        }
      }
      const Matrix ZS = f.Z * sigma;
      for (Eigen::Index i = 0; i < n; ++i) {
        for (Eigen::Index j = 0; j < n; ++j) {
          if (f.level[static_cast<std::size_t>(i)] != f.level[static_cast<std::size_t>(j)])
            continue;
          V(i, j) += ZS.row(i).dot(f.Z.row(j));
        }
      }
    }
    const Eigen::LLT<Matrix> llt(V);
    if (llt.info() != Eigen::Success) return -std::numeric_limits<double>::infinity();
    const Vector solved = llt.solve(y - X * prior_mean);
    const Matrix L = llt.matrixL();
    sum -= L.diagonal().array().log().sum() + 0.5 * solved.dot(y - X * prior_mean);
    if (mean != nullptr) {
      const Matrix SX = prior_sd.cwiseAbs2().asDiagonal() * X.transpose();
      *mean = prior_mean + SX * solved;
      *covariance = Matrix(prior_sd.cwiseAbs2().asDiagonal()) - SX * llt.solve(SX.transpose());
    }
    return std::isnan(sum) ? -std::numeric_limits<double>::infinity() : sum;
  }
};

/// Weighted points of p(x | y). `error`: their weights are random, with errors of their own.
struct WeightedPoints {
  Matrix x;  // columns
  Vector weight;
  bool random = false;

  double effective() const { return 1 / weight.squaredNorm(); }

  void normalise(const Vector& log_weight) {
    weight = (log_weight.array() - log_weight.maxCoeff()).exp();
    weight /= weight.sum();
  }
};

/// On a grid, first over all scales that may matter, then over what has mass.
inline WeightedPoints by_quadrature(const DenseModel& model, double size) {
  const auto d = static_cast<Eigen::Index>(model.hypers.size());
  Vector low = Vector::Constant(d, std::log(size) - 25),
         high = Vector::Constant(d, std::log(size) + 8);
  // An end of a prior is the end of a cell.
  Vector ends = Vector::Constant(d, 700);
  for (Eigen::Index i = 0; i < d; ++i) {
    const ScalePrior& prior = model.hypers[static_cast<std::size_t>(i)].prior;
    if (prior.family == "uniform") ends[i] = std::log(prior.b);
  }
  WeightedPoints points;
  for (const Eigen::Index in_two : {90, 90, 90, 140}) {
    const Eigen::Index n = d == 1 ? 4 * in_two : in_two;
    high = high.cwiseMin(ends);
    const Eigen::Index count = d == 1 ? n : n * n;
    points.x.resize(d, count);
    Vector log_weight(count);
    for (Eigen::Index k = 0; k < count; ++k) {
      for (Eigen::Index i = 0; i < d; ++i) {
        const Eigen::Index at = i == 0 ? k % n : k / n;
        points.x(i, k) =
            low[i] + (high[i] - low[i]) * (static_cast<double>(at) + 0.5) / static_cast<double>(n);
      }
      log_weight[k] = model.log_posterior(points.x.col(k));
    }
    points.normalise(log_weight);
    for (Eigen::Index i = 0; i < d; ++i) {
      const double step = (high[i] - low[i]) / static_cast<double>(n);
      double least = high[i], most = low[i];
      for (Eigen::Index k = 0; k < count; ++k) {
        if (points.weight[k] < 1e-9) continue;
        least = std::min(least, points.x(i, k));
        most = std::max(most, points.x(i, k));
      }
      low[i] = least - 2 * step;
      high[i] = most + 2 * step;
    }
  }
  return points;
}

/// With a Student-t that is refitted to its own weighted draws.
inline WeightedPoints by_importance(const DenseModel& model, double size, std::uint64_t seed) {
  constexpr double nu = 5;
  const auto d = static_cast<Eigen::Index>(model.hypers.size());
  Vector centre(d);
  for (Eigen::Index i = 0; i < d; ++i) {
    centre[i] = model.hypers[static_cast<std::size_t>(i)].correlation ? 0 : std::log(size) - 0.5;
  }
  Matrix covariance = 2.5 * Matrix::Identity(d, d);
  Rng rng({seed, 0, Purpose::test});
  WeightedPoints points;
  points.random = true;
  for (const Eigen::Index count : {4000, 4000, 4000, 4000, 40'000}) {
    const Matrix L = covariance.llt().matrixL();
    points.x.resize(d, count);
    Vector log_weight(count);
    for (Eigen::Index k = 0; k < count; ++k) {
      Vector z(d);
      for (double& v : z) v = rng.normal();
      z /= std::sqrt(rng.chi_squared(nu) / nu);
      points.x.col(k) = centre + L * z;
      log_weight[k] = model.log_posterior(points.x.col(k)) +
                      0.5 * (nu + static_cast<double>(d)) * std::log1p(z.squaredNorm() / nu);
    }
    points.normalise(log_weight);
    centre = points.x * points.weight;
    const Matrix from = points.x.colwise() - centre;
    covariance = 1.3 * (from * points.weight.asDiagonal() * from.transpose()) +
                 1e-3 * Matrix::Identity(d, d);
  }
  return points;
}

}  // namespace tarn::test
