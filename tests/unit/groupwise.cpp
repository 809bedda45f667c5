// Log likelihood of whole groups with their effects integrated out, against dense normal densities.
#define BOOST_TEST_MODULE groupwise
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <Eigen/Cholesky>

#include "convergence_draws.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/model.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

constexpr Eigen::Index n = 24;

/// Four groups of six rows, one after the other.
Data data_of(bool slope, bool crossed) {
  Data data{Matrix(n, 1), Vector(n)};
  const auto u = lehmer(3 * n, 7);
  for (Eigen::Index i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    data.X(i, 0) = 2 * u[k];
    data.y[i] = 1 + data.X(i, 0) + 3 * u[n + k] + static_cast<double>(i / 6);
    data.level.push_back(static_cast<std::int32_t>(i / 6));
    if (crossed) data.other_level.push_back(static_cast<std::int32_t>(i % 5));
  }
  if (slope) data.slopes = Eigen::Map<const Vector>(u.data() + 2 * n, n);
  return data;
}

/// A model and a draw from its prior.
struct Drawn {
  Drawn(const std::string& name, const Data& data)
      : design(design_of(data)),
        type(*registry().model(name).type),
        priors(type.parameters(design), {}),
        settings(type.settings, {}, name),
        model(type.make({design, priors, settings})),
        theta(static_cast<Eigen::Index>(model->layout().size())) {
    Rng rng(Stream{.seed = 3});
    query<PriorDraws>(*model)->draw_prior(theta, rng);
  }

  Vector block(const std::string& name) const {
    return model->layout().of(ConstVectorRef(theta), model->layout().find(name).value());
  }

  Vector by_level(std::size_t grouping, const Rows& rows, Eigen::Index levels) const {
    Vector result(levels);
    query<GroupwiseLogLikelihood>(*model)->log_likelihood_of_levels(theta, rows, grouping, result);
    return result;
  }

  Design design;
  ModelType type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
  Vector theta;
};

double normal(const Vector& e, const Matrix& V) {
  const Eigen::LLT<Matrix> llt(V);
  const Vector z = llt.matrixL().solve(e);
  return -0.5 * z.squaredNorm() - llt.matrixLLT().diagonal().array().log().sum() -
         0.5 * static_cast<double>(e.size()) * std::log(2 * std::numbers::pi);
}

/// Level j of g by the definition: y_j ~ N(X_j b + other effects, diag(sd^2) + Z_j Sigma Z_j').
double by_definition(const Drawn& drawn, const Data& data, Eigen::Index j, const Vector& sd) {
  const Eigen::Index first = 6 * j;
  const Vector b = drawn.block("b");
  Vector e =
      data.y.segment(first, 6).array() - b[0] - b[1] * data.X.col(0).segment(first, 6).array();
  if (!data.other_level.empty()) {
    const Vector h = drawn.block("r_h");
    for (Eigen::Index i = 0; i < 6; ++i) {
      e[i] -= h[data.other_level[static_cast<std::size_t>(first + i)]];
    }
  }
  const Vector s = drawn.block("sd_g");
  Matrix Z = Matrix::Ones(6, s.size());
  Matrix C = Matrix::Identity(s.size(), s.size());
  if (s.size() == 2) {
    Z.col(1) = data.slopes.col(0).segment(first, 6);
    C = drawn.block("cor_g").reshaped(2, 2);
  }
  const Matrix Sigma = s.asDiagonal() * C * s.asDiagonal();
  const Vector variances = sd.cwiseAbs2();
  return normal(e, Z * Sigma * Z.transpose() + Matrix(variances.asDiagonal()));
}

void check(const std::string& model, const Data& data, const std::string& sigma = "sigma") {
  BOOST_TEST_CONTEXT(model) {
    const Drawn drawn(model, data);
    const Vector found = drawn.by_level(0, drawn.design.all_rows(), 4);
    for (Eigen::Index j = 0; j < 4; ++j) {
      Vector sd(6);
      if (data.se.size() > 0) {
        sd = data.se.segment(6 * j, 6);
      } else {
        const Vector s = drawn.block(sigma);
        sd.setConstant(s[s.size() > 1 ? j : 0]);
      }
      const double expected = by_definition(drawn, data, j, sd);
      // Sums of tens of terms of double precision.
      BOOST_TEST(std::abs(found[j] - expected) < 1e-10 * (1 + std::abs(expected)));
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(levels_have_the_density_of_a_dense_normal_in_every_model) {
  check("random_intercept", data_of(false, false));
  check("random_slope", data_of(true, false));
  check("crossed", data_of(false, true));
  check("crossed", data_of(true, true));
  check("group_variance", data_of(false, false), "sigma_g");
  check("group_variance", data_of(true, false), "sigma_g");
}

BOOST_AUTO_TEST_CASE(known_errors_take_the_place_of_sigma) {
  Data data = data_of(true, false);
  data.se = (data.y.array() / 10).abs() + 0.2;
  check("random_slope", data);
  data.slopes.resize(0, 0);
  check("random_intercept", data);
}

BOOST_AUTO_TEST_CASE(a_row_of_weight_two_counts_as_two_rows) {
  Data data = data_of(true, false);
  data.frequency = Vector::Constant(n, 2);
  const Drawn drawn("random_slope", data);
  const Rows rows = drawn.design.all_rows();
  Rows twice = rows;
  std::vector<Eigen::Index> order;
  for (Eigen::Index i = 0; i < n; ++i) order.insert(order.end(), {i, i});
  twice.X = rows.X(order, Eigen::all);
  twice.y = rows.y(order);
  twice.frequency = twice.weight = Vector::Ones(2 * n);
  twice.Z = {rows.Z[0](order, Eigen::all)};
  twice.level = {{}};
  for (const Eigen::Index i : order) {
    twice.level[0].push_back(rows.level[0][static_cast<std::size_t>(i)]);
  }
  const Vector once = drawn.by_level(0, rows, 4);
  const Vector repeated = drawn.by_level(0, twice, 4);
  for (Eigen::Index j = 0; j < 4; ++j) BOOST_TEST(std::abs(once[j] - repeated[j]) < 1e-9);
}

BOOST_AUTO_TEST_CASE(the_drawn_effects_have_no_part_in_it) {
  const Drawn drawn("random_slope", data_of(true, false));
  Vector other = drawn.theta;
  const std::size_t r = drawn.model->layout().find("r_g").value();
  drawn.model->layout().of(VectorRef(other), r).array() += 5;
  Vector by_level(4);
  query<GroupwiseLogLikelihood>(*drawn.model)
      ->log_likelihood_of_levels(other, drawn.design.all_rows(), 0, by_level);
  const Vector before = drawn.by_level(0, drawn.design.all_rows(), 4);
  for (Eigen::Index j = 0; j < 4; ++j) BOOST_TEST(std::abs(by_level[j] - before[j]) < 1e-9);
}

BOOST_AUTO_TEST_CASE(the_other_factor_of_a_crossed_design_has_levels_too) {
  Data data = data_of(false, true);
  data.other_level = data.level;  // so that levels of both come side by side
  data.level.clear();
  for (Eigen::Index i = 0; i < n; ++i) data.level.push_back(static_cast<std::int32_t>(i % 5));
  const Drawn drawn("crossed", data);
  const Vector found = drawn.by_level(1, drawn.design.all_rows(), 4);
  const Vector b = drawn.block("b");
  const Vector g = drawn.block("r_g");
  const double sd = drawn.block("sd_h")[0];
  const double sigma = drawn.block("sigma")[0];
  const Matrix V = Matrix::Constant(6, 6, sd * sd) + sigma * sigma * Matrix::Identity(6, 6).eval();
  for (Eigen::Index j = 0; j < 4; ++j) {
    Vector e(6);
    for (Eigen::Index i = 6 * j; i < 6 * j + 6; ++i) {
      e[i - 6 * j] = data.y[i] - b[0] - b[1] * data.X(i, 0) - g[i % 5];
    }
    BOOST_TEST(std::abs(found[j] - normal(e, V)) < 1e-10 * (1 + std::abs(found[j])));
  }
}
