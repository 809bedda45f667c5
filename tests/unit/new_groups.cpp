// What models say of rows: expectations, and the effects of levels that the data do not hold.
#define BOOST_TEST_MODULE new_groups
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/plugin.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

struct Case {
  std::string model;
  bool slopes;
  bool crossed = false;
  bool centred = false;
  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.model; }
};

const std::vector<Case> cases{{"random_intercept", false},
                              {"random_slope", true},
                              {"crossed", true, true},
                              {"group_variance", true},
                              {"random_slope", true, false, true},
                              {"crossed", true, true, true},
                              {"group_variance", true, false, true}};

Data data_of(const Case& c) {
  Rng rng({3, 0, Purpose::test});
  Data data{Matrix(24, 2), Vector(24)};
  for (Eigen::Index i = 0; i < 24; ++i) {
    data.X(i, 0) = 2 + rng.normal();
    data.X(i, 1) = rng.normal();
    data.y[i] = rng.normal();
    data.level.push_back(static_cast<std::int32_t>(i % 5));
    if (c.crossed) data.other_level.push_back(static_cast<std::int32_t>(i % 7));
  }
  if (c.slopes) data.slopes = data.X;
  data.center_groups = c.centred;
  return data;
}

struct Made {
  explicit Made(const Case& c)
      : design(design_of(data_of(c))),
        type(*registry().model(c.model).type),
        priors(type.parameters(design), {}),
        settings(type.settings, {}, c.model),
        model(type.make({design, priors, settings})),
        theta(model->layout().size()) {
    Rng rng({4, 0, Purpose::test});
    query<PriorDraws>(*model)->draw_prior(theta, rng);
  }

  auto block(const std::string& name) {
    const Layout& layout = model->layout();
    const std::size_t index = layout.find(name).value();
    return theta.segment(static_cast<Eigen::Index>(layout.offset(index)),
                         static_cast<Eigen::Index>(layout.block(index).size()));
  }

  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
  Vector theta;
};

}  // namespace

BOOST_DATA_TEST_CASE(expectations_are_covariates_times_coefficients_plus_effects,
                     boost::unit_test::data::make(cases), c) {
  Made made(c);
  const Rows rows = made.design.all_rows();
  Vector mean(24);
  query<Expectation>(*made.model)->expect(made.theta, rows, mean);
  const Data data = data_of(c);
  const auto b = made.block("b");
  const auto r = made.block("r_g");
  const Eigen::Index q = c.slopes ? 3 : 1;
  for (Eigen::Index i = 0; i < 24; ++i) {
    double by_hand = b[0] + data.X.row(i).dot(b.tail(2)) + r[(i % 5) * q];
    if (c.slopes) by_hand += data.X.row(i).dot(r.segment((i % 5) * q + 1, 2));
    if (c.crossed) by_hand += made.block("r_h")[i % 7];
    BOOST_TEST(mean[i] == by_hand, boost::test_tools::tolerance(1e-10));
  }
}

BOOST_DATA_TEST_CASE(predictors_of_new_levels_have_the_variance_of_their_effects,
                     boost::unit_test::data::make(cases), c) {
  Made made(c);
  const Rows rows = made.design.all_rows();
  auto& predictor = *query<LinearPredictor>(*made.model);
  Vector eta(24), mean(24), variance(24);
  const std::vector<std::size_t> groupings{0};
  predictor.predict_linear(made.theta, rows, eta);
  predictor.predict_linear_of_new(made.theta, rows, groupings, mean, variance);
  const Data data = data_of(c);
  const Vector sd = made.block("sd_g");
  Matrix sigma = sd * sd.transpose();
  if (c.slopes) sigma = sigma.cwiseProduct(Matrix(made.block("cor_g").reshaped(3, 3)));
  for (Eigen::Index i = 0; i < 24; ++i) {
    Vector z = Vector::Ones(sd.size());
    if (c.slopes) z.tail(2) = data.X.row(i);
    const double effects = z.dot(made.block("r_g").segment((i % 5) * z.size(), z.size()));
    BOOST_TEST(mean[i] == eta[i] - effects, boost::test_tools::tolerance(1e-9));
    BOOST_TEST(variance[i] == z.dot(sigma * z), boost::test_tools::tolerance(1e-9));
  }
  Vector of_mean(24), by_hand(24);
  predictor.mean_at(made.theta, rows, mean, of_mean);
  BOOST_TEST((of_mean - mean).norm() == 0);
  predictor.variance_at(made.theta, rows, mean, variance);
  for (Eigen::Index i = 0; i < 24; ++i) {
    const double own =
        c.model == "group_variance" ? made.block("sigma_g")[i % 5] : made.block("sigma")[0];
    BOOST_TEST(variance[i] == own * own, boost::test_tools::tolerance(1e-12));
  }
}

BOOST_AUTO_TEST_CASE(a_pooled_expectation_is_covariates_times_coefficients) {
  Data data = data_of(cases.front());
  data.level.clear();
  const Design design = design_of(data);
  const ModelType& type = *registry().model("pooled").type;
  const Priors priors(type.parameters(design), {});
  const Settings settings;
  const auto model = type.make({design, priors, settings});
  const Vector theta{{1.5, -2, 0.25, 3}};
  Vector mean(24);
  query<Expectation>(*model)->expect(theta, design.all_rows(), mean);
  const Vector by_hand = (1.5 + (data.X * Vector{{-2, 0.25}}).array()).matrix();
  BOOST_TEST((mean - by_hand).norm() < 1e-12);
}

BOOST_DATA_TEST_CASE(new_effects_have_the_covariance_of_the_population,
                     boost::unit_test::data::make(cases), c) {
  Made made(c);
  const Eigen::Index q = c.slopes ? 3 : 1;
  const Vector sd = made.block("sd_g");
  Matrix sigma = sd * sd.transpose();
  if (c.slopes) sigma = sigma.cwiseProduct(Matrix(made.block("cor_g").reshaped(3, 3)));

  const Vector before = made.theta;
  constexpr Eigen::Index level = 3;
  constexpr int draws = 20'000;
  Rng rng({5, 0, Purpose::test});
  Matrix r(q, draws);
  for (int i = 0; i < draws; ++i) {
    query<NewGroups>(*made.model)->draw_group(0, level, made.theta, rng);
    r.col(i) = made.block("r_g").segment(level * q, q);
  }
  const Matrix found = r * r.transpose() / draws;
  for (Eigen::Index k = 0; k < q; ++k) {
    BOOST_TEST(std::abs(r.row(k).mean()) < 5 * sd[k] / std::sqrt(double(draws)));
    for (Eigen::Index l = 0; l < q; ++l) {
      // Var(r_k r_l) = Sigma_kk Sigma_ll + Sigma_kl^2; five standard errors for some 30 figures.
      const double error =
          std::sqrt((sigma(k, k) * sigma(l, l) + sigma(k, l) * sigma(k, l)) / draws);
      BOOST_TEST(std::abs(found(k, l) - sigma(k, l)) < 5 * error, k << ", " << l);
    }
  }

  // Nothing else of theta has changed.
  const Vector after = made.theta;
  made.theta = before;
  made.block("r_g").segment(level * q, q) = r.col(draws - 1);
  if (made.model->layout().find("sigma_g")) {
    const auto at = static_cast<Eigen::Index>(
        made.model->layout().offset(*made.model->layout().find("sigma_g")) + level);
    made.theta[at] = after[at];
  }
  BOOST_TEST(made.theta == after);
}

BOOST_DATA_TEST_CASE(the_center_of_the_population_has_no_effects,
                     boost::unit_test::data::make(cases), c) {
  Made made(c);
  const Eigen::Index q = c.slopes ? 3 : 1;
  query<NewGroups>(*made.model)->center_group(0, 2, made.theta);
  BOOST_TEST(made.block("r_g").segment(2 * q, q).isZero(0));
  BOOST_TEST(!made.block("r_g").segment(3 * q, q).isZero(0));
}

BOOST_AUTO_TEST_CASE(the_second_factor_has_levels_of_its_own) {
  Made made(cases[2]);
  const Vector g = made.block("r_g");
  query<NewGroups>(*made.model)->center_group(1, 6, made.theta);
  BOOST_TEST(made.block("r_h")[6] == 0);
  BOOST_TEST(made.block("r_h")[5] != 0);
  BOOST_TEST(Vector(made.block("r_g")) == g);
}

BOOST_AUTO_TEST_CASE(a_new_group_has_a_residual_variance_of_the_population) {
  Made made(cases[3]);
  made.block("shape_g")[0] = 5;
  made.block("scale_g")[0] = 8;
  constexpr int draws = 20'000;
  Rng rng({6, 0, Purpose::test});
  double precision = 0;
  for (int i = 0; i < draws; ++i) {
    query<NewGroups>(*made.model)->draw_group(0, 1, made.theta, rng);
    const double sigma = made.block("sigma_g")[1];
    precision += 1 / (sigma * sigma) / draws;
  }
  // 1 / sigma^2 ~ gamma(5, 8): mean 5 / 8, standard deviation sqrt(5) / 8.
  BOOST_TEST(std::abs(precision - 0.625) < 4 * std::sqrt(5.0) / 8 / std::sqrt(double(draws)));
  query<NewGroups>(*made.model)->center_group(0, 1, made.theta);
  BOOST_TEST(made.block("sigma_g")[1] == std::sqrt(8.0 / 5));
}
