// The density seen from its normal approximation, against the density itself, Laplace's
// approximation against R's, and one-factor marginals against two-dimensional quadrature.
#define BOOST_TEST_MODULE pivot
#include <cmath>
#include <memory>
#include <numbers>

#include <Eigen/LU>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "differences.hpp"
#include "family_groups.hpp"
#include "integral.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"
#include "tarn/model.hpp"
#include "tarn/prior.hpp"

namespace tarn::test {

/// A regression over a design, with its pivot.
struct PivotModel {
  PivotModel(Design of, const std::vector<std::string>& given)
      : design(std::move(of)),
        type(*registry().model_for(design).type),
        priors(type.parameters(design), given),
        settings(type.settings, {}, type.name),
        model(type.make({design, priors, settings})),
        pivot(*query<Pivot>(*model)) {}

  const Layout& layout() const { return model->layout(); }
  double log_density(const Vector& theta) { return query<LogDensity>(*model)->log_density(theta); }

  Vector start(std::uint32_t number) {
    Rng rng({70, number, Purpose::test});
    Vector theta(static_cast<Eigen::Index>(layout().size()));
    model->start(theta, rng);
    return theta;
  }
  Vector hyperparameters(const Vector& theta) const {
    Vector phi(static_cast<Eigen::Index>(pivot.hyperparameter_layout().size()));
    pivot.to_hyperparameters(theta, phi);
    return phi;
  }

  /// Where coefficients and effects are in a draw.
  std::vector<Eigen::Index> latents() const {
    std::vector<Eigen::Index> all;
    for (std::size_t k = 0; k < layout().blocks(); ++k) {
      const std::string& name = layout().block(k).name;
      if (name != "b" && !name.starts_with("r_")) continue;
      for (std::size_t i = 0; i < layout().block(k).size(); ++i) {
        all.push_back(static_cast<Eigen::Index>(layout().offset(k) + i));
      }
    }
    return all;
  }

  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
  Pivot& pivot;
};

/// A structure of latents with a family.
struct PivotCase {
  FamilyData made;
  std::vector<std::string> priors;

  friend std::ostream& operator<<(std::ostream& out, const PivotCase& c) {
    return out << c.made.family << (c.made.slopes ? " slopes" : "")
               << (c.made.crossed ? " crossed" : "");
  }
};

inline std::vector<PivotCase> pivot_cases() {
  std::vector<PivotCase> cases;
  std::size_t number = 0;
  for (const FamilyCase& family : family_cases()) {
    const std::vector<std::string> usual{
        family.ordinal() ? "cut ~ normal(0, 3)" : "Intercept ~ normal(0, 2)",
        "b ~ student_t(4, 0, 1)"};
    if (query<GaussianRows>(*family.make()) != nullptr) continue;
    PivotCase c{{.family = family, .offset = number % 2 == 0, .weights = number % 3 == 0}, usual};
    c.made.seed = static_cast<std::uint32_t>(++number);
    cases.push_back(c);  // one structure for every family, all for some
    const bool all = family.family == "bernoulli(logit)" || family.is("beta");
    for (int kind = 1; kind < 4; ++kind) {
      if (!all && static_cast<std::size_t>(kind) != 1 + number % 3) continue;
      c.made.slopes = kind != 2;
      c.made.crossed = kind != 1;
      c.priors = usual;
      if (c.made.slopes) c.priors.emplace_back("cor(g) ~ lkj(2)");
      cases.push_back(c);
    }
  }
  return cases;
}

inline Vector some(Eigen::Index n, std::uint32_t number, double scale) {
  Rng rng({71, number, Purpose::test});
  return Vector::NullaryExpr(n, [&] { return scale * rng.normal(); });
}

/// Laplace's approximation of log p(y | phi), constants included, with the search begun at its end:
/// then the mode is exact.
inline double laplace(PivotModel& m, const Vector& phi) {
  for (int time = 0; time < 4; ++time) m.pivot.anchor(phi);
  const auto place = m.pivot.make_place();
  BOOST_TEST_REQUIRE(place->set(phi));
  const auto d = static_cast<Eigen::Index>(m.pivot.latents());
  const double constants = 0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);
  return place->log_density(Vector::Zero(d)) + constants;
}

}  // namespace tarn::test

namespace {

using namespace tarn;
using namespace tarn::test;
namespace data = boost::unit_test::data;

}  // namespace

BOOST_DATA_TEST_CASE(the_gradient_is_that_of_differences, data::make(pivot_cases()), c) {
  PivotModel m(family_design(c.made), c.priors);
  const auto place = m.pivot.make_place();
  const Vector phi = m.hyperparameters(m.start(1));
  BOOST_TEST_REQUIRE(place->set(phi));
  const auto d = static_cast<Eigen::Index>(m.pivot.latents());
  for (const double size : {0.0, 1.0, 2.5}) {
    const Vector xi = some(d, 1, size);
    Vector gradient(d);
    const double value = place->log_density_gradient(xi, gradient);
    BOOST_TEST(value == place->log_density(xi));
    const Vector differences =
        gradient_of([&](const Vector& x) { return place->log_density(x); }, xi, 1e-3);
    // Differences are good to 1e-13 |value| / 1e-3, and to the fourth power of their step.
    const double tolerance = 1e-6 + 1e-9 * std::abs(value) + 1e-6 * differences.norm();
    BOOST_TEST((gradient - differences).cwiseAbs().maxCoeff() < tolerance,
               "size " << size << ": " << (gradient - differences).cwiseAbs().maxCoeff());
  }
}

BOOST_DATA_TEST_CASE(coordinates_go_there_and_back, data::make(pivot_cases()), c) {
  PivotModel m(family_design(c.made), c.priors);
  const auto place = m.pivot.make_place();
  const Vector theta = m.start(2);
  const Vector phi = m.hyperparameters(theta);
  BOOST_TEST_REQUIRE(place->set(phi));
  const auto d = static_cast<Eigen::Index>(m.pivot.latents());
  Vector xi(d), back(theta.size());
  place->to_standard(theta, xi);
  place->from_standard(xi, back);
  m.model->derive(back);
  Vector expected = theta;
  m.model->derive(expected);
  BOOST_TEST((back - expected).cwiseAbs().maxCoeff() < 1e-9 * (1 + expected.cwiseAbs().maxCoeff()));
  const Vector other = some(d, 2, 1);
  place->from_standard(other, back);
  BOOST_TEST((m.hyperparameters(back) == phi));
  place->to_standard(back, xi);
  BOOST_TEST((xi - other).cwiseAbs().maxCoeff() < 1e-9);
}

BOOST_DATA_TEST_CASE(the_density_is_that_of_the_draw, data::make(pivot_cases()), c) {
  // p(y, phi, xi) = p(y, theta) |d theta / d xi|: the same constant at all phi and xi. The Jacobian
  // is had from from_standard() itself, which is affine in xi.
  PivotModel m(family_design(c.made), c.priors);
  const auto place = m.pivot.make_place();
  const auto latents = m.latents();
  const auto d = static_cast<Eigen::Index>(m.pivot.latents());
  BOOST_TEST_REQUIRE(std::ssize(latents) == d);
  double constant = NAN;
  std::size_t seen = 0;
  for (std::uint32_t number = 0; number < 12; ++number) {
    Vector theta = m.start(number);
    const Vector phi = m.hyperparameters(theta);
    if (!place->set(phi)) continue;
    Vector origin = theta;
    place->from_standard(Vector::Zero(d), origin);
    Matrix jacobian(d, d);
    for (Eigen::Index k = 0; k < d; ++k) {
      Vector moved = theta;
      place->from_standard(Vector::Unit(d, k), moved);
      jacobian.col(k) = (moved - origin)(latents);
    }
    const double log_jacobian =
        jacobian.partialPivLu().matrixLU().diagonal().array().abs().log().sum();
    for (std::uint32_t k = 0; k < 3; ++k) {
      const Vector xi = some(d, 10 * number + k, k == 0 ? 0 : 1);
      place->from_standard(xi, theta);
      const double difference = place->log_density(xi) - m.log_density(theta) - log_jacobian;
      if (seen++ == 0) constant = difference;
      BOOST_TEST(std::abs(difference - constant) < 1e-9 * (1 + std::abs(place->log_density(xi))),
                 "phi " << phi.transpose() << ": " << difference << " instead of " << constant);
    }
  }
  BOOST_TEST(seen >= 30);
}

BOOST_DATA_TEST_CASE(the_place_depends_on_the_hyperparameters_alone, data::make(pivot_cases()), c) {
  PivotModel m(family_design(c.made), c.priors);
  const auto place = m.pivot.make_place();
  const auto d = static_cast<Eigen::Index>(m.pivot.latents());
  const Vector phi = m.hyperparameters(m.start(1));
  const Vector other = m.hyperparameters(m.start(2));
  const Vector xi = some(d, 1, 1), far = some(d, 2, 3);
  BOOST_TEST_REQUIRE(place->set(phi));
  const double before = place->log_density(xi);
  BOOST_TEST_REQUIRE(place->set(other));
  Vector theta = m.start(3), gradient(d), standard(d);
  place->log_density_gradient(far, gradient);
  place->from_standard(far, theta);
  place->to_standard(theta, standard);
  m.log_density(theta);
  BOOST_TEST_REQUIRE(place->set(phi));
  BOOST_TEST(place->log_density(xi) == before);
  const auto fresh = m.pivot.make_place();
  BOOST_TEST_REQUIRE(fresh->set(phi));
  BOOST_TEST(fresh->log_density(xi) == before);
}

namespace {

std::shared_ptr<const Table> read(const std::string& path) {
  return io::read_table(std::vector<std::string>{shared(path)});
}

/// A fit of R's in reference/families/ml.csv, and its formula here.
struct Known {
  std::string dataset, formula, family;
};

std::ostream& operator<<(std::ostream& out, const Known& known) { return out << known.dataset; }

const std::vector<Known> fits = {
    {"Contraception", "use ~ age + I(age^2) + urban + factor(livch) + (1 | district)", "bernoulli"},
    {"cbpp", "incidence | trials(size) ~ factor(period) + (1 | herd)", "binomial"},
    {"grouseticks", "TICKS ~ factor(YEAR) + cHEIGHT + (1 | BROOD)", "poisson"},
    {"VerbAgg", "r2 ~ Anger + Gender + btype + situ + (1 | id) + (1 | item)", "bernoulli"}};

struct Estimate {
  std::vector<double> b, se, sd;
  double log_likelihood = NAN;
};

Estimate estimate(const std::string& dataset, const std::string& program) {
  const auto table = read("reference/families/ml.csv");
  const auto text = [&](const char* column, std::size_t i) {
    const Column& of = table->at(column);
    return of.levels[static_cast<std::size_t>(of.codes[i])];
  };
  Estimate found;
  for (std::size_t i = 0; i < table->rows; ++i) {
    if (text("dataset", i) != dataset || text("program", i) != program) continue;
    const std::string parameter = text("parameter", i);
    if (parameter.starts_with("fixef:")) found.se.push_back(table->at("se").numbers[i]);
    (parameter.starts_with("sd:") ? found.sd : found.b).push_back(table->at("estimate").numbers[i]);
    found.log_likelihood = table->at("loglik").numbers[i];
  }
  return found;
}

Design design_of(const Known& known) {
  ParsedDesign parsed =
      make_design(known.formula, read("datasets/" + known.dataset + ".csv"),
                  {.center = false, .response = response_kind(registry(), known.family)});
  set_family(registry(), known.family, parsed.design, parsed.row_numbers);
  return parsed.design;
}

/// The design with its coefficients fixed: they are in the offset.
Design with_fixed(const Design& design, const std::vector<double>& b) {
  Rows rows = design.all_rows();
  BOOST_TEST_REQUIRE(std::ssize(b) == rows.X.cols());
  rows.offset = rows.X * Eigen::Map<const Vector>(b.data(), std::ssize(b));
  rows.X.resize(rows.X.rows(), 0);
  Design fixed = design.with_rows(std::make_shared<MatrixRows>(std::move(rows)));
  fixed.coefficients.clear();
  fixed.column_scale.clear();
  fixed.center.resize(0);
  fixed.has_intercept = false;
  fixed.has_offset = true;
  return fixed;
}

}  // namespace

BOOST_DATA_TEST_CASE(laplace_s_approximation_is_r_s, data::make(fits), known) {
  if (!reference_is_there(0)) return;
  const Estimate r = estimate(known.dataset, "glmer nAGQ=1");
  const Design design = design_of(known);
  BOOST_TEST_REQUIRE(r.sd.size() == design.groupings.size());
  std::vector<std::string> priors;
  for (const Grouping& grouping : design.groupings) {
    priors.push_back("sd(" + grouping.name + ") ~ flat()");
  }
  PivotModel m(with_fixed(design, r.b), priors);
  const Vector phi = Eigen::Map<const Vector>(r.sd.data(), std::ssize(r.sd));
  BOOST_TEST_REQUIRE(std::ssize(r.sd) == m.hyperparameters(m.start(1)).size());
  // glmer takes its own mode to be found at 1e-3 or so.
  BOOST_TEST(std::abs(laplace(m, phi) - r.log_likelihood) < 1e-3,
             laplace(m, phi) << " instead of " << r.log_likelihood);
}

BOOST_DATA_TEST_CASE(the_gradient_vanishes_at_r_s_maximum,
                     data::make(std::vector<Known>(fits.begin(), fits.begin() + 3)), known) {
  // Of the marginal likelihood by 25 nodes.
  if (!reference_is_there(0)) return;
  const Estimate r = estimate(known.dataset, "glmer nAGQ=25");
  const Design design = design_of(known);
  const std::string group = design.groupings.front().name;
  PivotModel m(design, {"Intercept ~ flat()", "b ~ flat()", "sd(" + group + ") ~ flat()"});
  auto& marginal = *query<Collapsed>(*m.model);
  query<NumericalMarginal>(*m.model)->set_nodes(25);
  Vector theta = m.start(1);
  for (std::size_t k = 0; k < m.layout().blocks(); ++k) {
    const std::string& name = m.layout().block(k).name;
    VectorRef of = m.layout().of(VectorRef(theta), k);
    if (name == "b") of = Eigen::Map<const Vector>(r.b.data(), std::ssize(r.b));
    if (name.starts_with("sd_")) of[0] = r.sd[0];
  }
  Vector phi(static_cast<Eigen::Index>(marginal.marginal_layout().size()));
  Vector gradient(phi.size());
  marginal.to_marginal(theta, phi);
  query<CollapsedGradient>(*m.model)->log_marginal_gradient(phi, gradient);
  // Times their standard errors: how much the log likelihood would rise by a step of one. glmer
  // stops when its own scaled gradient is 2e-3.
  for (std::size_t k = 0; k < r.b.size(); ++k) {
    const ColumnScale& x = design.column_scale[k];
    gradient[static_cast<Eigen::Index>(k)] *= r.se[k] * (x.sd > 0 ? x.sd : 1);
  }
  BOOST_TEST(gradient.cwiseAbs().maxCoeff() < 1e-3, gradient.transpose());
}

BOOST_AUTO_TEST_CASE(one_factor_s_marginal_is_that_of_two_dimensional_quadrature) {
  // p(y, sd) of binomial data in two groups about one intercept, from both sides: the place's
  // density integrated over its three coordinates; and the integral over the intercept of the
  // product of the groups' integrals.
  FamilyData made{.family = {"binomial(logit)", {}, 20}, .sizes = {4, 7}, .coefficients = 1};
  PivotModel m(family_design(made), {"Intercept ~ normal(0, 1.5)", "sd(g) ~ exponential(1)"});
  const Rows rows = m.design.all_rows();
  const auto place = m.pivot.make_place();
  constexpr double step = 0.5;
  constexpr int reach = 18;
  std::vector<double> difference;
  for (const double sd : {0.05, 0.3, 1.0, 2.5}) {
    BOOST_TEST_REQUIRE(place->set(Vector::Constant(1, sd)));
    const double top = place->log_density(Vector::Zero(3));
    double sum = 0;
    Vector xi(3);
    for (int i = -reach; i <= reach; ++i) {
      for (int j = -reach; j <= reach; ++j) {
        for (int k = -reach; k <= reach; ++k) {
          if (i * i + j * j + k * k > reach * reach) continue;
          xi << i * step, j * step, k * step;
          sum += std::exp(place->log_density(xi) - top);
        }
      }
    }
    const double pivot = top + std::log(sum) + 3 * std::log(step);
    const auto outer = [&](double b) {
      double log_density = -b * b / (2 * 1.5 * 1.5) - std::log(1.5);
      for (std::int32_t g = 0; g < 2; ++g) {
        log_density += log_integral(
            [&](double u) {
              const double eta = b + u;
              double l = -u * u / (2 * sd * sd) - std::log(sd);
              for (std::size_t i = 0; i < rows.count(); ++i) {
                const auto at = static_cast<Eigen::Index>(i);
                if (rows.level[0][i] != g) continue;
                l += rows.y[at] * eta - rows.trials[at] * std::log1p(std::exp(eta));
              }
              return l;
            },
            0, std::min(sd, 1.0));
      }
      return log_density;
    };
    const double reference = log_integral(outer, 0, 1) - sd;
    difference.push_back(pivot - reference);
  }
  for (const double d : difference) {
    BOOST_TEST(std::abs(d - difference.front()) < 1e-6, d << " and " << difference.front());
  }
}
