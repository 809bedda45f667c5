// Covariances of group effects at the covariates' means and where they are 0, and both in a draw.
#define BOOST_TEST_MODULE group_centering
#include <Eigen/LU>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/covariance.hpp"
#include "tarn/target.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Slopes whose columns have the means `at` and at + 1.
Data data_at(double at, bool crossed = false) {
  Rng rng({7, 0, Purpose::test});
  Data data{Matrix(30, 2), Vector(30)};
  for (Eigen::Index i = 0; i < 30; ++i) {
    data.X(i, 0) = rng.normal();
    data.X(i, 1) = 1 + rng.normal();
    data.y[i] = data.X(i, 0) + rng.normal();
    data.level.push_back(static_cast<std::int32_t>(i % 6));
    if (crossed) data.other_level.push_back(static_cast<std::int32_t>(i % 4));
  }
  data.X.array() += at;
  data.slopes = data.X;
  data.center_groups = true;
  return data;
}

struct Made {
  explicit Made(const std::string& name, const Data& data)
      : design(design_of(data)),
        type(*registry().model(name).type),
        priors(type.parameters(design), std::vector<std::string>{"cor(g) ~ lkj(2)"}),
        settings(type.settings, {}, name),
        model(type.make({design, priors, settings})),
        theta(static_cast<Eigen::Index>(model->layout().size())) {
    Rng rng({8, 0, Purpose::test});
    query<PriorDraws>(*model)->draw_prior(theta, rng);
  }

  Vector block(const std::string& name) const {
    const Layout& layout = model->layout();
    const Eigen::Ref<const Vector> all(theta);
    return layout.of(all, layout.find(name).value());
  }

  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
  Vector theta;
};

Matrix covariance_of(const Vector& sd, const Vector& correlation) {
  return sd.asDiagonal() * correlation.reshaped(sd.size(), sd.size()) * sd.asDiagonal();
}

const std::vector<std::string> models{"random_slope", "crossed", "group_variance"};

}  // namespace

BOOST_DATA_TEST_CASE(a_draw_holds_both_covariances, boost::unit_test::data::make(models), name) {
  const Made made(name, data_at(5, name == "crossed"));
  const Layout& layout = made.model->layout();
  for (const std::string block : {"sd_g", "cor_g"}) {
    const Block& user = layout.block(layout.find(block).value());
    const Block& working = layout.block(layout.find("centered_" + block).value());
    BOOST_TEST(user.derived);
    BOOST_TEST(!user.internal);
    BOOST_TEST(!working.derived);
    BOOST_TEST(working.internal);
    BOOST_TEST(working.describes == user.describes + " at the covariates' means");
  }
  BOOST_TEST(layout.block(layout.find("r_g").value()).scaled_by == "centered_sd_g");
  if (name == "crossed") BOOST_TEST(!layout.find("centered_sd_h").has_value());

  // T Sigma_user T' = Sigma.
  Matrix T = Matrix::Identity(3, 3);
  T.row(0).tail(2) = made.design.group_center[0].mean.tail(2).transpose();
  const Matrix user = covariance_of(made.block("sd_g"), made.block("cor_g"));
  const Matrix working = covariance_of(made.block("centered_sd_g"), made.block("centered_cor_g"));
  BOOST_TEST((T * user * T.transpose() - working).norm() < 1e-12 * user.norm());
  // What does not depend on the origin has the same bits.
  BOOST_TEST(made.block("sd_g").tail(2) == made.block("centered_sd_g").tail(2));
  BOOST_TEST(made.block("cor_g")[5] == made.block("centered_cor_g")[5]);
}

BOOST_DATA_TEST_CASE(a_model_without_centring_has_the_blocks_of_before,
                     boost::unit_test::data::make(models), name) {
  Data data = data_at(5, name == "crossed");
  data.center_groups = false;
  const Made made(name, data);
  const Layout& layout = made.model->layout();
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    BOOST_TEST(!layout.block(b).derived);
    BOOST_TEST(!layout.block(b).internal);
    BOOST_TEST(!layout.block(b).name.starts_with("centered_"));
  }
}

BOOST_AUTO_TEST_CASE(the_users_correlations_may_be_singular_and_the_density_stays) {
  // At 1e12 no digit of the correlations tells the intercepts' own variance.
  const Made far("random_slope", data_at(1e12));
  const Made near("random_slope", data_at(0));
  BOOST_TEST(std::abs(Matrix(far.block("cor_g").reshaped(3, 3)).determinant()) < 1e-14);
  const double value = query<LogPrior>(*far.model)->log_prior(far.theta);
  const double expected = query<LogPrior>(*near.model)->log_prior(near.theta);
  // b[Intercept] at 0 is 1e12 times a slope: it has four digits at the means.
  BOOST_TEST(std::abs(value - expected) < 1e-2);
  BOOST_TEST(far.block("centered_cor_g") == near.block("centered_cor_g"));
}

BOOST_AUTO_TEST_CASE(covariances_go_there_and_back) {
  const Design design = design_of(data_at(5));
  const ModelType& type = *registry().model("random_slope").type;
  const Priors priors(type.parameters(design), {});
  const GroupCovariance covariance(design, priors, 0);
  BOOST_TEST(covariance.centred());
  BOOST_TEST(covariance.moves(0));
  BOOST_TEST(!covariance.moves(1));
  const Covariance sigma{Vector{{0.7, 1.3, 0.4}},
                         Matrix{{1, 0.3, -0.5}, {0.3, 1, 0.2}, {-0.5, 0.2, 1}}};
  const Covariance back = covariance.to_working(covariance.to_user(sigma));
  BOOST_TEST((back.sd - sigma.sd).norm() < 1e-13);
  BOOST_TEST((back.correlation - sigma.correlation).norm() < 1e-13);
  // Standard deviations of 0 are no special case.
  const Covariance none{Vector::Zero(3), Matrix::Identity(3, 3)};
  BOOST_TEST(covariance.to_user(none).sd.isZero(0));
}

BOOST_DATA_TEST_CASE(free_coordinates_leave_out_what_is_derived,
                     boost::unit_test::data::make(models), name) {
  const Made made(name, data_at(5, name == "crossed"));
  const Target target = full_target(*made.model);
  const Layout& layout = made.model->layout();
  std::size_t numbers = 0;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const Block& block = layout.block(b);
    if (block.derived) continue;
    for (std::size_t e = 0; e < block.size(); ++e) numbers += block.is_own(e) ? 1 : 0;
  }
  BOOST_TEST(static_cast<std::size_t>(target.size()) == numbers);
  // All of theta comes back, derived blocks too.
  const Vector back = target.natural(target.free(made.theta));
  BOOST_TEST((back - made.theta).cwiseAbs().maxCoeff() < 1e-11 * made.theta.cwiseAbs().maxCoeff());
  // Effects in units of their sd are standard normal at the means, so that r' = 0 and r = 0 are
  // one.
  for (const Target::Effects& effects : target.effects()) {
    BOOST_TEST(effects.sd >=
               static_cast<Eigen::Index>(layout.offset(
                   layout.find(name == "crossed" && effects.count == 4 ? "sd_h" : "centered_sd_g")
                       .value())));
  }
}

BOOST_AUTO_TEST_CASE(free_coordinates_are_the_same_about_any_origin) {
  const Made near("random_slope", data_at(0));
  const Made far("random_slope", data_at(1e6));
  const Vector here = full_target(*near.model).free(near.theta);
  const Vector there = full_target(*far.model).free(far.theta);
  // Six digits are lost in the user's intercepts.
  BOOST_TEST((here - there).cwiseAbs().maxCoeff() < 1e-8 * here.cwiseAbs().maxCoeff());
}

BOOST_DATA_TEST_CASE(rows_and_groups_are_the_same_about_any_origin,
                     boost::unit_test::data::make(models), name) {
  const bool crossed = name == "crossed";
  Made near(name, data_at(0, crossed));
  const Rows here = near.design.all_rows();
  // As many digits as the user's intercepts lose are lost in what they make.
  for (const auto& [origin, digits] : {std::pair(1e6, 1e-8), std::pair(1e9, 1e-5)}) {
    Made far(name, data_at(origin, crossed));
    const Rows there = far.design.all_rows();
    const auto agree = [&, digits = digits](const Vector& a, const Vector& b) {
      BOOST_TEST((a - b).cwiseAbs().maxCoeff() < digits * (1 + b.cwiseAbs().maxCoeff()));
    };
    Vector mean_near(30), mean_far(30);
    query<Expectation>(*near.model)->expect(near.theta, here, mean_near);
    query<Expectation>(*far.model)->expect(far.theta, there, mean_far);
    agree(mean_far, mean_near);
    query<PointwiseLogLikelihood>(*near.model)->log_likelihood(near.theta, here, mean_near);
    query<PointwiseLogLikelihood>(*far.model)->log_likelihood(far.theta, there, mean_far);
    agree(mean_far, mean_near);
    // All rows of level 2, without its effects.
    std::vector<std::size_t> rows;
    for (std::size_t i = 2; i < 30; i += 6) rows.push_back(i);
    Vector level_near(1), level_far(1);
    query<GroupwiseLogLikelihood>(*near.model)
        ->log_likelihood_of_levels(near.theta, here.select(rows), 0, level_near);
    query<GroupwiseLogLikelihood>(*far.model)
        ->log_likelihood_of_levels(far.theta, there.select(rows), 0, level_far);
    agree(level_far, level_near);
    // A new level's effects, drawn from the same stream.
    Rng one({11, 0, Purpose::test}), two({11, 0, Purpose::test});
    Vector new_near = near.theta, new_far = far.theta;
    query<NewGroups>(*near.model)->draw_group(0, 2, new_near, one);
    query<NewGroups>(*far.model)->draw_group(0, 2, new_far, two);
    query<Expectation>(*near.model)->expect(new_near, here, mean_near);
    query<Expectation>(*far.model)->expect(new_far, there, mean_far);
    agree(mean_far, mean_near);
  }
}

BOOST_DATA_TEST_CASE(steps_change_what_they_say_and_leave_the_draw_whole,
                     boost::unit_test::data::make(models), name) {
  Made made(name, data_at(5, name == "crossed"));
  const Layout& layout = made.model->layout();
  auto& conditionals = *query<FullConditionals>(*made.model);
  Rng rng({9, 0, Purpose::test});
  for (const bool plain : {false, true}) {
    for (const auto& step : plain ? conditionals.plain_steps() : conditionals.steps()) {
      const Vector before = made.theta;
      conditionals.draw(step.id, made.theta, rng);
      const Eigen::Ref<const Vector> old(before), now(made.theta);
      for (std::size_t b = 0; b < layout.blocks(); ++b) {
        if (std::ranges::find(step.blocks, b) != step.blocks.end()) continue;
        // r and b go to working coordinates and back.
        BOOST_TEST((layout.of(old, b) - layout.of(now, b)).norm() <= 1e-12 * before.norm(),
                   step.name << " changes " << layout.block(b).name);
      }
      Vector derived = made.theta;
      made.model->derive(derived);
      BOOST_TEST((derived == made.theta), step.name << " leaves what is derived as it was");
    }
  }
}
