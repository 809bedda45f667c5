// Densities of simplices and of correlation and covariance matrices, as rows of the table.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "prior/density_table.hpp"
#include "prior/dirichlet.hpp"
#include "prior/matrix_density.hpp"
#include "tarn/distributions.hpp"

namespace tarn {
namespace {

/// One correlation of a q x q matrix with density LKJ(eta) is that of 2 Beta(a, a) - 1 with
/// a = eta + (q - 2) / 2 (Lewandowski, Kurowicka & Joe 2009).
double lkj_log_marginal(double r, Eigen::Index /*k*/, Eigen::Index q, DensityArguments arguments) {
  const double a = arguments[0] + (static_cast<double>(q) - 2) / 2;
  const double scale = log_gamma(2 * a) - 2 * log_gamma(a) - (2 * a - 1) * std::numbers::ln2;
  constexpr double end = 1 - 1e-9;  // where the density may be infinite
  const double within = std::clamp(r, -end, end);
  return scale + (a - 1) * std::log1p(-within * within);
}

DensityType block_lkj() {
  return {.name = "lkj",
          .arguments = {{"eta", true}},
          .support = Support::correlation,
          .block = {.log_density = [](ConstMatrixRef C,
                                      DensityArguments a) { return lkj_log_density(C, a[0]); },
                    .add_gradient = [](ConstMatrixRef C, DensityArguments a,
                                       MatrixRef gradient) { gradient += (a[0] - 1) * inverse(C); },
                    .draw = [](MatrixRef C, DensityArguments a,
                               Rng& rng) { C = draw_lkj(C.rows(), a[0], rng); },
                    .log_marginal = lkj_log_marginal}};
}

/// The density of (sd, C) over |d Sigma / d (sd, C)| = 2^q prod sd^q.
double inv_wishart_of_covariance(ConstMatrixRef sigma, DensityArguments a) {
  Vector sd(sigma.rows());
  Matrix C(sigma.rows(), sigma.rows());
  split(sigma, sd, C);
  const auto q = static_cast<double>(sigma.rows());
  return inv_wishart_log_density(sd, C, a[0], a[1]) - q * std::numbers::ln2 -
         q * sd.array().log().sum();
}

void add_inv_wishart_gradient_of_covariance(ConstMatrixRef sigma, DensityArguments a,
                                            MatrixRef gradient) {
  const Matrix precision = inverse(sigma);
  const auto q = static_cast<double>(sigma.rows());
  gradient += 0.5 * a[1] * precision * precision - 0.5 * (a[0] + q + 1) * precision;
}

DensityType block_inv_wishart() {
  return {.name = "inv_wishart",
          .arguments = {{"degrees of freedom", true}, {"s", true}},
          .support = Support::covariance,
          .block = {.log_density = inv_wishart_of_covariance,
                    .add_gradient = add_inv_wishart_gradient_of_covariance,
                    .draw =
                        [](MatrixRef sigma, DensityArguments a, Rng& rng) {
                          const Matrix scale = a[1] * Matrix::Identity(sigma.rows(), sigma.rows());
                          sigma = draw_inv_wishart(a[0], scale, rng);
                        },
                    .refuses =
                        [](Eigen::Index q, DensityArguments a) {
                          if (a[0] > static_cast<double>(q) - 1) return std::string();
                          return fmt::format(
                              "an inverse Wishart of {} columns needs more than {} degrees of "
                              "freedom",
                              q, q - 1);
                        }},
          .conjugacy = {.inverse_wishart = [](DensityArguments a) {
            return std::array{a[0], a[1]};
          }}};
}

DensityType block_dirichlet() {
  return {.name = "dirichlet",
          .arguments = {{"a", true}},
          .repeats = true,
          .support = Support::simplex,
          .block = {.log_density = dirichlet_log_density,
                    .add_gradient = add_dirichlet_gradient,
                    .draw = draw_dirichlet,
                    .refuses =
                        [](Eigen::Index shares, DensityArguments a) {
                          if (a.size() == 1 || a.size() == as_size(shares)) {
                            return std::string();
                          }
                          return fmt::format(
                              "dirichlet takes one argument, or one for each of the {} shares",
                              shares);
                        },
                    .log_marginal = dirichlet_log_marginal}};
}

}  // namespace

std::vector<DensityType> block_densities() {
  return {block_lkj(), block_inv_wishart(), block_dirichlet()};
}

}  // namespace tarn
