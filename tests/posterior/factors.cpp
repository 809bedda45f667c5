// The collapsed density and the draws of crossed against the dense Gaussian they integrate, and
// against the models of one factor.
#define BOOST_TEST_MODULE factors
#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <memory>
#include <numbers>

#include "conditional.hpp"
#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/distributions.hpp"
#include "tarn/formula.hpp"
#include "tarn/target.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Columns y, x, z and factors: a nested in b nested in c, and d crossed with them.
std::shared_ptr<const Table> table(std::size_t n) {
  Rng rng({71, 0, Purpose::test});
  auto table = std::make_shared<Table>();
  table->rows = n;
  const auto numbers = [&](const std::string& name, double offset) {
    Column column;
    column.name = name;
    for (std::size_t i = 0; i < n; ++i) column.numbers.push_back(offset + rng.normal());
    table->columns.push_back(std::move(column));
  };
  numbers("y", 100);
  numbers("x", 3);
  numbers("z", 0);
  std::vector<std::int32_t> a(n);
  for (std::int32_t& level : a) level = static_cast<std::int32_t>(11 * rng.uniform());
  const auto factor = [&](const std::string& name, int levels, auto level_of) {
    Column column;
    column.name = name;
    column.is_text = true;
    for (int k = 0; k < levels; ++k) column.levels.push_back(name + std::to_string(k));
    for (std::size_t i = 0; i < n; ++i) column.codes.push_back(level_of(i));
    table->columns.push_back(std::move(column));
  };
  factor("a", 11, [&](std::size_t i) { return a[i]; });
  factor("b", 4, [&](std::size_t i) { return a[i] % 4; });
  factor("c", 2, [&](std::size_t i) { return a[i] % 2; });
  factor("d", 5, [&](std::size_t) { return static_cast<std::int32_t>(5 * rng.uniform()); });
  return table;
}

struct Made {
  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings = {};
  std::unique_ptr<Model> model;

  Made(const std::string& name, const std::string& formula,
       const std::vector<std::string>& statements)
      : design(make_design(formula, table(90)).design),
        type(*registry().model(name).type),
        priors(type.parameters(design), statements),
        model(type.make({design, priors, settings})) {}

  Collapsed& collapsed() const { return *query<Collapsed>(*model); }

  /// A point of the marginal parameters with correlations.
  Vector phi() const {
    Rng rng({72, 0, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(model->layout().size()));
    model->start(theta, rng);
    const Target target = kept_target(*model);
    Vector natural(target.natural_size());
    collapsed().to_marginal(theta, natural);
    Vector z = target.free(natural);
    for (double& x : z) x += 0.3 * rng.normal();
    return target.natural(z);
  }
};

/// log N(y | X m, sigma^2 I + X P^-1 X' + sum_f Z_f Sigma_f Z_f'), priors of the marginal
/// parameters left out.
double dense(const Made& made, ConstVectorRef phi) {
  const Design& design = made.design;
  const Layout& layout = made.collapsed().marginal_layout();
  const Rows rows = design.all_rows();
  const Eigen::Index n = rows.y.size();
  const double sigma = phi[0];
  Vector m = Vector::Zero(rows.X.cols());
  m[0] = 90;
  Vector variance = Vector::Constant(rows.X.cols(), 25);
  variance[0] = 400;
  Matrix V = rows.X * variance.asDiagonal() * rows.X.transpose();
  V.diagonal() += sigma * sigma * rows.weight.cwiseInverse();
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    const std::string name = design.groupings[g].variable();
    const std::string prefix = design.centering_on(g).empty() ? "" : "centered_";
    const Vector sd = layout.of(phi, *layout.find(prefix + "sd_" + name));
    Matrix Sigma = sd.cwiseAbs2().asDiagonal();
    if (const auto cor = layout.find(prefix + "cor_" + name)) {
      Sigma =
          sd.asDiagonal() * layout.of(phi, *cor).reshaped(sd.size(), sd.size()) * sd.asDiagonal();
    }
    Matrix Z(n, 0);
    for (std::size_t t = 0; t < design.terms.size(); ++t) {
      if (design.terms[t].grouping != g) continue;
      Z.conservativeResize(Eigen::NoChange, Z.cols() + rows.Z[t].cols());
      Z.rightCols(rows.Z[t].cols()) = rows.Z[t];
    }
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index k = 0; k < n; ++k) {
        const auto& level = rows.level[g];
        if (level[static_cast<std::size_t>(i)] != level[static_cast<std::size_t>(k)]) continue;
        V(i, k) += (Z.row(i) * Sigma * Z.row(k).transpose())(0);
      }
    }
  }
  const Eigen::LLT<Matrix> llt(V);
  return -0.5 * static_cast<double>(n) * std::log(2 * std::numbers::pi) -
         llt.matrixLLT().diagonal().array().log().sum() -
         0.5 * llt.matrixL().solve(rows.y - rows.X * m).squaredNorm();
}

const std::vector<std::string> flat_spread{"Intercept ~ normal(90, 20)", "b ~ normal(0, 5)",
                                           "sigma ~ uniform(0, 100)"};

std::vector<std::string> uniform_sds(const std::vector<std::string>& factors) {
  std::vector<std::string> all = flat_spread;
  for (const std::string& f : factors) all.push_back("sd(" + f + ") ~ uniform(0, 100)");
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_collapsed_density_is_that_of_the_dense_gaussian) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases{
      {"y ~ x + (1 | a) + (1 | d)", {"a", "d"}},
      {"y ~ x + (1 | a) + (1 | b)", {"a", "b"}},
      {"y ~ x + (1 | a) + (1 | b) + (1 | c)", {"a", "b", "c"}},
      {"y ~ x + (1 | c) + (1 | d) + (1 | a) + (1 | b)", {"a", "b", "c", "d"}},
      {"y ~ x + z + (1 + x | a) + (0 + z | b) + (1 + z | d)", {"a", "b", "d"}},
      {"y ~ x + (1 + x || a) + (1 | c/d)", {"a", "c", "c:d"}},
      {"y ~ x + (1 + x + z | a)", {"a"}}};
  for (const auto& [formula, factors] : cases) {
    const Made made("crossed", formula, uniform_sds(factors));
    const Vector phi = made.phi();
    double priors = -std::log(100.0);
    for (const ParameterPrior& prior : made.priors.all()) {
      if (prior.key().starts_with("sd(")) priors -= std::log(100.0);
    }
    // cor ~ lkj(1): uniform; its constant is that of two and three columns.
    const Layout& layout = made.collapsed().marginal_layout();
    for (std::size_t block = 0; block < layout.blocks(); ++block) {
      if (layout.block(block).support != Support::correlation) continue;
      priors -= layout.block(block).size() == 4 ? std::log(2.0)
                                                : 2 * std::log(std::numbers::pi) - std::log(2.0);
    }
    const double expected = dense(made, phi) + priors;
    const double value = made.collapsed().log_marginal(phi);
    BOOST_TEST(std::abs(value - expected) < 1e-9 * std::abs(expected),
               formula << ": " << value << " against " << expected);
  }
}

BOOST_AUTO_TEST_CASE(one_factor_is_the_random_slope) {
  const std::vector<std::string> priors{"Intercept ~ normal(90, 20)", "b ~ normal(0, 5)",
                                        "cov(a) ~ inv_wishart(4, 2)", "sigma ~ half_normal(3)"};
  const Made crossed("crossed", "y ~ x + (1 + x | a)", priors);
  const Made slope("random_slope", "y ~ x + (1 + x | a)", priors);
  const Vector phi = crossed.phi();
  const double expected = slope.collapsed().log_marginal(phi);
  BOOST_TEST(std::abs(crossed.collapsed().log_marginal(phi) - expected) <
             1e-10 * std::abs(expected));

  Rng rng({73, 0, Purpose::test});
  Vector theta(static_cast<Eigen::Index>(slope.model->layout().size()));
  slope.model->start(theta, rng);
  const double density = query<LogDensity>(*slope.model)->log_density(theta);
  BOOST_TEST(std::abs(query<LogDensity>(*crossed.model)->log_density(theta) - density) <
             1e-10 * std::abs(density));
}

BOOST_AUTO_TEST_CASE(a_sweep_depends_on_theta_alone_and_moves_all_of_it) {
  for (const std::string formula : {"y ~ x + (1 + x | a)", "y ~ x + (1 + x | a) + (1 | d)"}) {
    for (const bool plain : {false, true}) {
      const std::vector<std::string> none;
      const Made going("crossed", formula, none);
      const Made fresh("crossed", formula, none);
      Vector theta(static_cast<Eigen::Index>(going.model->layout().size()));
      Rng start({75, 0, Purpose::test});
      going.model->start(theta, start);
      const auto sweep = [&](const Made& made, Vector from, std::uint64_t number) {
        auto& conditionals = *query<FullConditionals>(*made.model);
        Rng rng({75, 0, Purpose::draw, number});
        for (const auto& step : plain ? conditionals.plain_steps() : conditionals.steps()) {
          conditionals.draw(step.id, from, rng);
        }
        return from;
      };
      const Vector before = theta;
      for (std::uint64_t number = 0; number < 20; ++number) theta = sweep(going, theta, number);
      const Vector next = sweep(going, theta, 20);
      BOOST_TEST((next == sweep(fresh, theta, 20)), formula << (plain ? ", plain" : ""));

      const Layout& layout = going.model->layout();
      for (std::size_t block = 0; block < layout.blocks(); ++block) {
        for (std::size_t e = 0; e < layout.block(block).size(); ++e) {
          const auto at = static_cast<Eigen::Index>(layout.offset(block) + e);
          if (!layout.block(block).is_own(e)) continue;
          BOOST_TEST(next[at] != before[at], layout.element_name(block, e)
                                                 << " stays, " << formula);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_drawn_given_the_kept_parameters_is_their_conditional) {
  // Nested, crossed, with slopes.
  const Made made("crossed", "y ~ x + (1 + x | b) + (1 | c) + (1 | d)",
                  {"sd(b) ~ half_normal(1)", "sd(c) ~ half_normal(1)", "sd(d) ~ half_normal(1)"});
  const Vector phi = made.phi();
  Rng rng({74, 0, Purpose::test});
  check_conditional(*made.model, Vector(static_cast<Eigen::Index>(made.model->layout().size())),
                    [&](Vector& theta) { made.collapsed().sample_conditional(phi, theta, rng); });
}
