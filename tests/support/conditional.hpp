// Coefficients and group effects drawn in one block, against the density that they are drawn from.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <vector>

#include "tarn/model.hpp"

namespace tarn::test {

/// Calls draw(theta), which must draw b and all r_<g> independently of the last from their
/// conditional given the rest of theta. The score g of a density has mean 0 under it, and -Cov(x,
/// g) = I (Stein's identity): for a Gaussian the two fix mean and covariance.
template <class Draw>
void check_conditional(Model& model, Vector theta, const Draw& draw) {
  const Layout& layout = model.layout();
  std::vector<Eigen::Index> drawn;
  for (std::size_t block = 0; block < layout.blocks(); ++block) {
    const std::string& name = layout.block(block).name;
    if (name != "b" && !name.starts_with("r_")) continue;
    for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
      drawn.push_back(static_cast<Eigen::Index>(layout.offset(block) + e));
    }
  }
  const auto d = static_cast<Eigen::Index>(drawn.size());
  constexpr int draws = 40'000;
  Matrix x(d, draws);
  Matrix g(d, draws);
  Vector gradient(theta.size());
  for (int i = 0; i < draws; ++i) {
    draw(theta);
    query<Gradient>(model)->log_density_gradient(theta, gradient);
    x.col(i) = theta(drawn);
    g.col(i) = gradient(drawn);
  }
  const Vector mean = g.rowwise().mean();
  const Matrix centred = x.colwise() - x.rowwise().mean();
  const Matrix stein = -(centred * g.transpose()) / draws;  // the identity
  for (Eigen::Index i = 0; i < d; ++i) {
    const double sd = std::sqrt((g.row(i).array() - mean[i]).square().mean());
    BOOST_TEST(std::abs(mean[i]) < 4 * sd / std::sqrt(double{draws}), "score " << i);
    for (Eigen::Index k = 0; k < d; ++k) {
      const double error =
          std::sqrt((centred.row(i).array() * g.row(k).array()).square().mean() / draws);
      // 5 standard errors: some 300 figures.
      BOOST_TEST(std::abs(stein(i, k) - (i == k ? 1 : 0)) < 5 * error, i << ", " << k);
    }
  }
}

}  // namespace tarn::test
