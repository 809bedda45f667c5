// Formulas for parameters of a family: densities, gradients and marginals of the models that have
// them.
#define BOOST_TEST_MODULE predictors
#include <cmath>
#include <numbers>

#include <Eigen/Cholesky>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "differences.hpp"
#include "family_cases.hpp"
#include "predictor_fits.hpp"
#include "tarn/distributions.hpp"
#include "tarn/target.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using Texts = std::vector<std::string>;

/// Every parameter of every family that has one, and every structure.
const std::vector<PredictorCase> cases = {
    {"gaussian", {"y ~ x", "sigma ~ x"}},
    {"gaussian", {"y ~ x + f", "sigma ~ 0 + f"}},
    {"gaussian", {"y | weights(w) ~ x + offset(z)", "sigma ~ x * z + offset(w)"}},
    {"gaussian", {"y ~ x + (1 | g)", "sigma ~ x"}},
    {"gaussian", {"y ~ x + (1 + x | g)", "sigma ~ poly(x, 2)"}, {"cor(g) ~ lkj(2)"}},
    {"gaussian", {"y ~ x + (1 | g) + (1 | h)", "sigma ~ z"}},
    {"gaussian", {"y ~ x", "sigma ~ z + (1 | g)"}},
    {"gaussian", {"y ~ x + (1 | g)", "sigma ~ 1 + (1 + x | g) + (1 | h)"}},
    {"student", {"y ~ x", "sigma ~ x"}},
    {"student", {"y ~ x + (1 | g)", "nu ~ z"}},
    {"student", {"y ~ x", "nu ~ z", "sigma ~ x"}},
    {"lognormal", {"y ~ x + (1 | g)", "sigma ~ x"}},
    {"gamma", {"y ~ x + (1 | g)", "shape ~ x"}},
    {"beta", {"y ~ x + (1 | g)", "phi ~ x + (1 | h)"}},
    {"negbinomial", {"y ~ x + (1 | g)", "shape ~ x"}},
    {"zero_inflated_poisson", {"y ~ x + (1 | g)", "zi ~ x"}},
    {"zero_inflated_negbinomial", {"y ~ x", "zi ~ x", "shape ~ z"}},
    {"hurdle_poisson", {"y ~ x + (1 | g)", "hu ~ x + (1 | g)"}},
    {"hurdle_negbinomial", {"y ~ x", "hu ~ f"}},
    {"hurdle_gamma", {"y ~ x", "shape ~ x", "hu ~ z"}},
    {"hurdle_lognormal", {"y ~ x", "hu ~ z", "sigma ~ z"}}};

/// 1e-6 relative: differences of sums of size 1e3, extrapolated, err by 1e-9 or so.
void check(const Target& target, const Vector& z) {
  Vector gradient = Vector::Constant(target.size(), std::nan(""));
  const double value = target.log_density_gradient(z, gradient);
  BOOST_TEST(std::abs(value - target.log_density(z)) <= 1e-12 * std::abs(value));
  const Vector numerical = gradient_of([&](const Vector& at) { return target.log_density(at); }, z);
  for (Eigen::Index i = 0; i < z.size(); ++i) {
    BOOST_TEST(std::abs(gradient[i] - numerical[i]) <= 1e-6 * (1 + std::abs(numerical[i])),
               "coordinate " << i << ": " << gradient[i] << " against " << numerical[i]);
  }
}

Vector moved(Vector z, std::uint32_t seed) {
  Rng rng({63, seed, Purpose::test});
  for (double& x : z) x += 0.1 * rng.normal();
  return z;
}

Vector rows_of(const Made& made, const Vector& theta) {
  const Rows rows = made.design.all_rows();
  Vector by_row(rows.y.size());
  query<PointwiseLogLikelihood>(*made.model)->log_likelihood(theta, rows, by_row);
  return by_row;
}

}  // namespace

BOOST_DATA_TEST_CASE(gradients_are_those_of_differences, boost::unit_test::data::make(cases)) {
  const Made made(sample);
  for (std::uint32_t chain = 0; chain < 3; ++chain) {
    const Vector theta = made.start(chain);
    BOOST_TEST(std::isfinite(query<LogDensity>(*made.model)->log_density(theta)));
    const Target full = full_target(*made.model);
    check(full, moved(full.free(theta), chain));
    if (query<Collapsed>(*made.model) == nullptr) continue;
    // Nodes are placed anew at each point: with many of them what is left of that is rounding.
    if (auto* numerical = query<NumericalMarginal>(*made.model)) numerical->set_nodes(25);
    const Target phi = kept_target(*made.model);
    Vector values(phi.natural_size());
    query<Collapsed>(*made.model)->to_marginal(theta, values);
    check(phi, moved(phi.free(values), chain));
  }
}

BOOST_AUTO_TEST_CASE(engines_follow_from_structure_and_family) {
  const auto offers = [](const PredictorCase& c) {
    const Made made(c);
    std::string all;
    if (query<FullConditionals>(*made.model) != nullptr) all += "gibbs ";
    if (query<Collapsed>(*made.model) != nullptr) all += "collapsed ";
    if (query<Pivot>(*made.model) != nullptr) all += "pivot ";
    if (query<GroupwiseLogLikelihood>(*made.model) != nullptr) all += "groupwise ";
    return all + made.type.name;
  };
  BOOST_TEST(offers({"gaussian", {"y ~ x", "sigma ~ x"}}) == "collapsed pivot pooled");
  BOOST_TEST(offers({"gaussian", {"y ~ x + (1 | g)", "sigma ~ x"}}) ==
             "collapsed pivot groupwise random_intercept");
  BOOST_TEST(offers({"gaussian", {"y ~ x + (1 + x | g)", "sigma ~ x"}}) == "pivot random_slope");
  BOOST_TEST(offers({"gaussian", {"y ~ x + (1 | g) + (1 | h)", "sigma ~ x"}}) == "pivot crossed");
  BOOST_TEST(offers({"student", {"y ~ x + (1 | g)", "nu ~ x"}}) == "pivot random_intercept");
  // Effects in a predictor of a parameter, or many coefficients of it: all of theta moves.
  BOOST_TEST(offers({"gaussian", {"y ~ x + (1 | g)", "sigma ~ x + (1 | g)"}}) ==
             "random_intercept");
  BOOST_TEST(offers({"gaussian", {"y ~ x + (1 | g) + (1 | h)", "sigma ~ bs(x, df = 12)"}}) ==
             "crossed");
}

BOOST_DATA_TEST_CASE(an_intercept_alone_is_the_parameter_itself,
                     boost::unit_test::data::make(cases)) {
  // The response's formula alone, and with an intercept for each parameter that had more.
  PredictorCase plain{sample.family, {sample.formulas.front()}};
  PredictorCase intercepts = plain;
  const Design whole = predictor_design(sample.family, sample.formulas);
  for (const PredictorDesign& predictor : whole.predictors) {
    intercepts.formulas.push_back(predictor.parameter + " ~ 1");
  }
  const Made a(plain), b(intercepts);
  Vector of_a = a.start(1), of_b = b.start(1);
  const Layout& layout = a.model->layout();
  for (std::size_t k = 0; k < layout.blocks(); ++k) {
    const std::string& name = layout.block(k).name;
    if (b.model->layout().find(name)) b.of(of_b, name) = a.of(of_a, name);
  }
  double priors = query<LogPrior>(*b.model)->log_prior(of_b);
  for (const PredictorDesign& predictor : whole.predictors) {
    const std::string& name = predictor.parameter;
    const bool logit = name == "zi" || name == "hu";
    a.of(of_a, name)[0] = logit ? 0.3 : 1.7;
    b.of(of_b, "b_" + name)[0] = logit ? std::log(0.3 / 0.7) : std::log(1.7);
  }
  priors = query<LogPrior>(*b.model)->log_prior(of_b) - query<LogPrior>(*a.model)->log_prior(of_a);
  const Vector rows_a = rows_of(a, of_a), rows_b = rows_of(b, of_b);
  // The link and its inverse round by a few digits of the last place.
  BOOST_TEST((rows_a - rows_b).cwiseAbs().maxCoeff() < 1e-11 * (1 + rows_a.cwiseAbs().maxCoeff()));
  const double density_a = query<LogDensity>(*a.model)->log_density(of_a);
  const double density_b = query<LogDensity>(*b.model)->log_density(of_b);
  BOOST_TEST(std::abs(density_b - density_a - priors) < 1e-10 * (1 + std::abs(density_a)));
}

BOOST_DATA_TEST_CASE(rows_that_differ_in_one_predictor_alone_are_kept_apart,
                     boost::unit_test::data::make({0, 1, 2})) {
  // Most rows agree in y and z; densities merge those that agree in all.
  const char* const shapes[] = {"shape ~ x", "shape ~ 0 + z + offset(x)", "shape ~ (1 | g)"};
  const Made made({"negbinomial", {"y ~ z", shapes[sample]}});
  Vector theta = made.start(5);
  double rows = rows_of(made, theta).sum() + query<LogPrior>(*made.model)->log_prior(theta);
  if (sample == 2) {
    const double sd = made.of(theta, "sd_g__shape")[0];
    for (const double r : made.of(theta, "r_g__shape")) rows += normal_log_density(r, 0, sd);
  }
  const double density = query<LogDensity>(*made.model)->log_density(theta);
  BOOST_TEST(std::abs(density - rows) < 1e-11 * std::abs(density));
}

BOOST_AUTO_TEST_CASE(priors_are_at_the_means_whatever_the_origin_of_covariates) {
  const Texts formulas{"y ~ x + (1 | g)", "sigma ~ x"};
  const auto family = make_family(registry(), "gaussian");
  const double shift = 64;
  const Made a(predictor_design("gaussian", formulas, predictor_table(*family, ResponseKind::real)),
               {});
  const Made b(predictor_design("gaussian", formulas,
                                predictor_table(*family, ResponseKind::real, 48, shift)),
               {});
  Vector of_a = a.start(2), of_b = of_a;
  b.of(of_b, "b")[0] -= shift * b.of(of_b, "b")[1];
  b.of(of_b, "b_sigma")[0] -= shift * b.of(of_b, "b_sigma")[1];
  const double density_a = query<LogDensity>(*a.model)->log_density(of_a);
  const double density_b = query<LogDensity>(*b.model)->log_density(of_b);
  BOOST_TEST(std::abs(density_a - density_b) < 1e-9 * std::abs(density_a));
}

BOOST_AUTO_TEST_CASE(at_the_maximum_of_the_likelihood_flat_priors_leave_no_slope) {
  const Made made(
      {"gaussian",
       {"y ~ x + f", "sigma ~ x + z"},
       {"Intercept ~ flat()", "b ~ flat()", "Intercept_sigma ~ flat()", "b_sigma ~ flat()"}});
  const Rows rows = made.design.all_rows();
  const Matrix& X = rows.X;
  const Matrix& Z = rows.predictors.front().X;
  // Fisher's scoring (Aitkin 1987): weighted least squares, then a step of log sigma.
  Vector gamma = Vector::Zero(Z.cols()), beta;
  for (int i = 0; i < 200; ++i) {
    const Vector w = (-2 * (Z * gamma)).array().exp();
    beta =
        (X.transpose() * w.asDiagonal() * X).ldlt().solve(X.transpose() * w.asDiagonal() * rows.y);
    const Vector d = (rows.y - X * beta).array().square() * w.array() - 1;
    gamma += (2 * Z.transpose() * Z).ldlt().solve(Z.transpose() * d);
  }
  Vector user_b = beta, user_sigma = gamma;
  made.design.to_user(user_b);
  made.design.predictors.front().to_user(user_sigma);
  Vector theta = made.start(0);
  made.of(theta, "b") = user_b;
  made.of(theta, "b_sigma") = user_sigma;
  Vector gradient(theta.size());
  query<Gradient>(*made.model)->log_density_gradient(theta, gradient);
  BOOST_TEST(gradient.cwiseAbs().maxCoeff() < 1e-8);  // 48 rows, covariates of size 3
}

BOOST_AUTO_TEST_CASE(normal_effects_are_integrated_out_exactly) {
  const Made made({"gaussian", {"y | weights(w) ~ x + (1 | g)", "sigma ~ x"}});
  auto& collapsed = *query<Collapsed>(*made.model);
  for (const std::size_t nodes : {5, 15}) {
    query<NumericalMarginal>(*made.model)->set_nodes(nodes);
    double least = 1e300, most = -1e300;
    for (std::uint32_t chain = 0; chain < 4; ++chain) {
      Vector theta = made.start(chain);
      Vector phi(static_cast<Eigen::Index>(collapsed.marginal_layout().size()));
      collapsed.to_marginal(theta, phi);
      // Without effects rows are normal about X b; the joint density of those of a group is known.
      made.of(theta, "r_g").setZero();
      const Rows rows = made.design.all_rows();
      Vector mean(rows.y.size());
      query<Expectation>(*made.model)->expect(theta, rows, mean);
      const Vector eta = made.design.predictors.front().size() > 0
                             ? Vector(rows.predictors.front().X *
                                      [&] {
                                        Vector b = made.of(theta, "b_sigma");
                                        made.design.predictors.front().to_working(b);
                                        return b;
                                      }())
                             : Vector();
      const double sd = made.of(theta, "sd_g")[0];
      double truth = query<LogPrior>(*made.model)->log_prior(theta);
      for (std::int32_t j = 0; j < 6; ++j) {
        // A row of weight w is w rows.
        std::vector<double> e, variance;
        for (std::size_t i = 0; i < rows.count(); ++i) {
          const auto at = static_cast<Eigen::Index>(i);
          for (int k = 0; rows.level[0][i] == j && k < rows.frequency[at]; ++k) {
            e.push_back(rows.y[at] - mean[at]);
            variance.push_back(std::exp(2 * eta[at]));
          }
        }
        const auto n = std::ssize(e);
        const Vector residual = Eigen::Map<const Vector>(e.data(), n);
        Matrix V = Matrix::Constant(n, n, sd * sd);
        V.diagonal() += Eigen::Map<const Vector>(variance.data(), n);
        const Eigen::LLT<Matrix> llt(V);
        truth -= 0.5 * double(n) * std::log(2 * std::numbers::pi) +
                 llt.matrixLLT().diagonal().array().log().sum() +
                 0.5 * residual.dot(llt.solve(residual));
      }
      const double off = collapsed.log_marginal(phi) - truth;
      least = std::min(least, off);
      most = std::max(most, off);
    }
    // The integrands are normal densities: Hermite's rule is exact about any place near the mode.
    BOOST_TEST(most - least < 1e-7);
    BOOST_TEST(std::abs(most) < 1e-7);
  }
}

BOOST_AUTO_TEST_CASE(a_place_of_the_pivot_has_the_density_of_the_draw) {
  for (const PredictorCase& c : {PredictorCase{"gaussian", {"y ~ x + (1 + x | g)", "sigma ~ x"}},
                                 PredictorCase{"negbinomial", {"y ~ x + (1 | g)", "shape ~ x"}},
                                 PredictorCase{"zero_inflated_poisson", {"y ~ x", "zi ~ f"}}}) {
    const Made made(c);
    auto& pivot = *query<Pivot>(*made.model);
    Vector theta = made.start(3);
    Vector phi(static_cast<Eigen::Index>(pivot.hyperparameter_layout().size()));
    pivot.to_hyperparameters(theta, phi);
    pivot.anchor(phi);
    const auto place = pivot.make_place();
    BOOST_TEST_REQUIRE(place->set(phi));
    Rng rng({64, 0, Purpose::test});
    Vector xi(static_cast<Eigen::Index>(pivot.latents())), back(xi.size());
    double first = 0;
    for (int i = 0; i < 4; ++i) {
      for (double& x : xi) x = rng.normal();
      place->from_standard(xi, theta);
      made.model->derive(theta);
      place->to_standard(theta, back);
      BOOST_TEST((xi - back).cwiseAbs().maxCoeff() < 1e-9);
      const double off =
          place->log_density(xi) - query<LogDensity>(*made.model)->log_density(theta);
      if (i == 0) first = off;
      BOOST_TEST(std::abs(off - first) < 1e-9 * (1 + std::abs(first)), c);
    }
  }
}

BOOST_AUTO_TEST_CASE(new_levels_are_drawn_in_every_predictor) {
  const Made made({"gaussian", {"y ~ x + (1 | g)", "sigma ~ x + (1 | g)"}});
  BOOST_TEST(made.design.groupings_in_all() == 2U);
  BOOST_TEST(made.design.grouping(1).name == "g");
  auto& groups = *query<NewGroups>(*made.model);
  Vector theta = made.start(0);
  const Vector before = theta;
  groups.center_group(1, 2, theta);
  BOOST_TEST(made.of(theta, "r_g__sigma")[2] == 0);
  made.of(theta, "r_g__sigma")[2] = made.of(const_cast<Vector&>(before), "r_g__sigma")[2];
  BOOST_TEST((theta - before).isZero(0));
  made.of(theta, "sd_g__sigma")[0] = 0.5;
  Rng rng({65, 0, Purpose::test});
  double squares = 0;
  constexpr int many = 4000;
  for (int i = 0; i < many; ++i) {
    groups.draw_group(1, 2, theta, rng);
    squares += std::pow(made.of(theta, "r_g__sigma")[2], 2);
  }
  // The mean of squares has a relative error of sqrt(2 / 4000) = 0.022.
  BOOST_TEST(std::abs(std::sqrt(squares / many) - 0.5) < 0.5 * 0.011 * 4.5);
}

BOOST_AUTO_TEST_CASE(draws_of_the_response_have_the_row_s_own_parameters) {
  const Made made({"gaussian", {"y ~ x", "sigma ~ z"}});
  Vector theta = made.start(0);
  made.of(theta, "b_sigma") << std::log(0.5), std::log(4.0);
  const Rows rows = made.design.all_rows();
  Vector y(rows.y.size()), mean(rows.y.size());
  query<Expectation>(*made.model)->expect(theta, rows, mean);
  Rng rng({66, 0, Purpose::test});
  double squares[2] = {0, 0}, count[2] = {0, 0};
  for (int i = 0; i < 500; ++i) {
    query<Predictive>(*made.model)->predict(theta, rows, y, rng);
    for (Eigen::Index k = 0; k < y.size(); ++k) {
      const int of = rows.predictors[0].X(k, 1) > 0 ? 1 : 0;
      squares[of] += std::pow(y[k] - mean[k], 2);
      count[of] += 1;
    }
  }
  for (const int of : {0, 1}) {
    const double sd = of == 0 ? 0.5 : 2;
    const double error = sd / std::sqrt(2 * count[of]);
    BOOST_TEST(std::abs(std::sqrt(squares[of] / count[of]) - sd) < 4.5 * error);
  }
}

BOOST_AUTO_TEST_CASE(families_read_their_parameters_row_by_row) {
  for (const FamilyCase& c : family_cases()) {
    if (c.psi.empty() || c.piles_up()) continue;
    const auto family = c.make();
    const ResponseKind kind = response_kind(registry(), c.family);
    if (kind == ResponseKind::category) continue;  // cuts have no predictor
    Rows rows = predictor_design(c.family, {"y ~ x"}, predictor_table(*family, kind)).all_rows();
    const Eigen::Index n = rows.y.size(), k = std::ssize(c.psi);
    Matrix psi(n, k);
    Rng rng({67, 0, Purpose::test});
    for (Eigen::Index i = 0; i < n; ++i) {
      for (Eigen::Index e = 0; e < k; ++e) {
        psi(i, e) = c.psi[static_cast<std::size_t>(e)] * (0.6 + 0.6 * rng.uniform());
      }
    }
    const Vector eta = Vector::LinSpaced(n, -1, 1.5);
    Vector l(n), score(n), curvature(n), mean(n), below(n);
    Matrix scores(n, k);
    const auto* cdf = query<DistributionFunction>(*family);
    const auto all = [&](const Rows& of, const Vector& at, const Matrix& with, auto& out) {
      const auto m = at.size();
      for (Vector* part : {&l, &score, &curvature, &mean, &below}) part->setZero(m);
      scores.setZero(m, k);
      family->log_likelihood(of, at, with, l);
      family->derivatives(of, at, with, score, curvature);
      family->psi_scores(of, at, with, scores);
      family->mean(of, at, with, mean);
      if (cdf != nullptr) cdf->cumulative(of, at, with, below);
      out.resize(m, 5 + k);
      out << l, score, curvature, mean, below, scores;
    };
    Matrix together, alone;
    all(rows, eta, psi, together);
    for (std::size_t i = 0; i < rows.count(); ++i) {
      const auto at = static_cast<Eigen::Index>(i);
      all(rows.middle(i, 1), eta.segment(at, 1), psi.row(at), alone);
      // Blocks of rows with one psi may be worked out in lanes, in another order.
      for (Eigen::Index j = 0; j < alone.cols(); ++j) {
        BOOST_TEST(std::abs(together(at, j) - alone(0, j)) <= 1e-10 * (1 + std::abs(alone(0, j))),
                   c << ", row " << i << ", column " << j << ": " << together(at, j) << " and "
                     << alone(0, j));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(who_does_not_declare_them_is_refused) {
  const Design design = predictor_design("gaussian", {"y ~ x", "sigma ~ x"});
  BOOST_TEST(not_taken({Takes::gaps, Takes::weights}, design).value() ==
             "it does not declare that it takes further formulas, and might ignore them");
  BOOST_TEST(!not_taken({Takes::predictors}, design));
}

BOOST_AUTO_TEST_CASE(default_priors_are_on_the_link) {
  const auto text_of = [](const PredictorCase& c) {
    std::string all;
    const Made made(c);
    for (const ParameterPrior& prior : made.priors.all()) {
      if (prior.parameter.subject.parameter.empty()) continue;
      all += prior.text() + " (" + prior.source + ")\n";
    }
    return all;
  };
  const Made plain({"gaussian", {"y ~ x", "sigma ~ z + (1 | g)"}});
  const double log_sd = std::log(plain.design.response_scale.sd);
  const ParameterPrior& intercept = plain.priors.of("Intercept_sigma");
  BOOST_TEST(intercept.density.location() == log_sd, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(intercept.density.scale() == 2.5);
  BOOST_TEST(intercept.source == "default: log(sd(y)), 2.5");
  BOOST_TEST((intercept.parameter.subject ==
              Subject{Subject::Kind::coefficient, "Intercept", {}, "sigma"}));
  BOOST_TEST(plain.priors.of("sd_sigma(g, Intercept)").text() ==
             "sd_sigma(g, Intercept) ~ half_student_t(3, 0, 1)");
  BOOST_TEST(plain.priors.find("sigma") == nullptr);
  BOOST_TEST(text_of({"zero_inflated_poisson", {"y ~ x", "zi ~ (1 | g)"}}) ==
             "Intercept_zi ~ logistic(0, 1) (default: zi uniform)\n"
             "sd_zi(g, Intercept) ~ half_student_t(3, 0, 2.5) (default: 2.5)\n");
  BOOST_TEST(text_of({"negbinomial", {"y ~ x", "shape ~ 1"}}) ==
             "Intercept_shape ~ student_t(3, 0, 2.5) (default: 2.5)\n");
}
