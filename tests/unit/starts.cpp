// Where chains start: apart from each other, and around every mode that weighs something.
#define BOOST_TEST_MODULE starts
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "sample/modes.hpp"
#include "sample/starts.hpp"
#include "tarn/error.hpp"
#include "tarn/plugin.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// Normal densities in two free coordinates, each of this weight, place and sd.
struct Hill {
  double weight, x, y, sd;
};

Target landscape(const std::vector<Hill>& hills) {
  Layout layout;
  layout.add({"x", {{"which", {"first", "second"}}}});
  Target target(layout, [hills](ConstVectorRef at) {
    double sum = 0;
    for (const Hill& h : hills) {
      const double squares = std::pow(at[0] - h.x, 2) + std::pow(at[1] - h.y, 2);
      sum += h.weight / (h.sd * h.sd) * std::exp(-squares / (2 * h.sd * h.sd));
    }
    return std::log(sum);
  });
  target.take_differences();
  return target;
}

std::vector<Vector> corners() {
  return {Vector{{-3, -3}}, Vector{{3, 3}}, Vector{{-3, 3}}, Vector{{3, -3}}};
}

Design groups_far_apart() {
  Data data{Matrix(18, 0), Vector(18)};
  Rng rng({83, 0, Purpose::test});
  for (std::int32_t i = 0; i < 18; ++i) {
    data.level.push_back(i / 3);
    data.y[i] = 3 * static_cast<double>(i / 3) - 7.5 + 0.5 * rng.normal();
  }
  return design_of(data);
}

/// The sd of the groups where each of four chains starts.
std::vector<double> starts_of_sd(const std::vector<std::string>& given, std::uint64_t seed) {
  const ModelType& type = *registry().model("random_intercept").type;
  const Design design = groups_far_apart();
  const Priors priors(type.parameters(design), given);
  const Settings none(type.settings, {}, "random_intercept");
  const auto model = type.make({design, priors, none});
  std::vector<double> sds;
  for (const Vector& theta : dispersed_starts(*model, "random_intercept", seed, 4).points) {
    sds.push_back(model->layout().of(ConstVectorRef(theta), *model->layout().find("sd_g"))[0]);
  }
  return sds;
}

}  // namespace

BOOST_AUTO_TEST_CASE(ascents_find_modes_and_their_weights) {
  const std::vector<Mode> modes = modes_from(
      landscape({{0.3, -3, -3, 0.5}, {0.699, 3, 3, 1}, {0.001, -3, 3, 0.2}}), corners(), 0.01);
  BOOST_REQUIRE(modes.size() == 2u);  // the third weighs less than 1 %
  BOOST_TEST((modes[0].z - Vector{{3, 3}}).norm() < 0.1);
  BOOST_TEST((modes[1].z - Vector{{-3, -3}}).norm() < 0.1);
  // Exact for normal densities, but for how near the ascent has come to the top.
  BOOST_TEST(std::abs(std::exp(modes[1].log_weight - modes[0].log_weight) - 0.3 / 0.699) < 0.02);
  BOOST_TEST(std::abs(modes[1].root(0, 0) - 0.5) < 0.02);
}

BOOST_AUTO_TEST_CASE(a_density_without_a_top_has_no_mode) {
  Layout layout;
  layout.add({"x"});
  Target slope(layout, [](ConstVectorRef at) { return at[0]; });
  slope.take_differences();
  BOOST_TEST(modes_from(slope, {Vector::Zero(1), Vector::Ones(1)}, 0.01).empty());
}

BOOST_AUTO_TEST_CASE(chains_start_in_both_modes) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> sds = starts_of_sd(
        {"Intercept ~ normal(0, 5)", "sigma^2 ~ inv_gamma(3, 1)", "sd(g)^2 ~ inv_gamma(4, 0.004)"},
        seed);
    BOOST_TEST(std::ranges::count_if(sds, [](double sd) { return sd < 0.3; }) == 2);
  }
}

BOOST_AUTO_TEST_CASE(chains_start_apart_where_there_is_one_mode) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto [least, most] = std::ranges::minmax(starts_of_sd({}, seed));
    BOOST_TEST(most / least > std::numbers::e);
  }
}
