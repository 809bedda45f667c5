// Samplers that walk, on posteriors of two modes: right, or not called good.
#define BOOST_TEST_MODULE modes
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "shared_data.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// y ~ 1 + (1 | g) in groups of one size; inverse-gamma priors that contradict the data (Liu &
/// Hodges 2003): either the groups differ as the data say, or not at all, as the prior does.
struct Planted {
  Data data;
  std::int32_t groups;
  double shape_sigma, scale_sigma, shape_sd, scale_sd;
  double cut = 0;    // sd between the modes
  double below = 0;  // mass of the mode with the smaller sd

  std::vector<std::string> priors() const {
    return {"Intercept ~ normal(0, 5)",
            fmt::format("sigma^2 ~ inv_gamma({}, {})", shape_sigma, scale_sigma),
            fmt::format("sd(g)^2 ~ inv_gamma({}, {})", shape_sd, scale_sd)};
  }
};

/// Logarithms on a grid wide enough for all problems here.
Vector logs(Eigen::Index grid, double low, double high) {
  return Vector::LinSpaced(grid, std::log(low), std::log(high));
}

/// p(log sigma, log sd | y): rows by sigma, columns by sd.
Matrix posterior(const Planted& p, const Vector& log_sigma, const Vector& log_sd) {
  const auto J = static_cast<double>(p.groups);
  const auto N = static_cast<double>(p.data.y.size());
  const double n = N / J;
  Vector mean = Vector::Zero(p.groups);
  for (std::size_t i = 0; i < p.data.level.size(); ++i) {
    mean[p.data.level[i]] += p.data.y[static_cast<Eigen::Index>(i)] / n;
  }
  const double within = p.data.y.squaredNorm() - n * mean.squaredNorm();
  const double squares_of_means = mean.squaredNorm(), sum_of_means = mean.sum();
  Matrix log_p(log_sigma.size(), log_sd.size());
  for (Eigen::Index i = 0; i < log_sigma.size(); ++i) {
    for (Eigen::Index k = 0; k < log_sd.size(); ++k) {
      const double ls = log_sigma[i], lt = log_sd[k];
      const double s2 = std::exp(2 * ls), t2 = std::exp(2 * lt);
      const double v = s2 / n + t2;  // of a group's mean, given the intercept
      const double precision = J / v + 1.0 / 25;
      const double squares =
          squares_of_means / v - sum_of_means * sum_of_means / (v * v * precision);
      log_p(i, k) = -(N - J) * ls - within / (2 * s2) - J / 2 * std::log(v) -
                    0.5 * std::log(precision) - squares / 2 - 2 * p.shape_sigma * ls -
                    p.scale_sigma / s2 - 2 * p.shape_sd * lt - p.scale_sd / t2;
    }
  }
  Matrix density = (log_p.array() - log_p.maxCoeff()).exp();
  return density / density.sum();
}

/// Finds two modes with a valley of less than 2 % between them, the smaller of 5 % and more.
bool split(Planted& p, Eigen::Index grid) {
  const Vector log_sd = logs(grid, 1e-3, 60);
  const Matrix density = posterior(p, logs(grid, 0.02, 60), log_sd);
  std::vector<Eigen::Index> peaks;
  for (Eigen::Index i = 1; i + 1 < grid; ++i) {
    for (Eigen::Index k = 1; k + 1 < grid; ++k) {
      const double here = density(i, k);
      if (here > 1e-12 && here >= density.block(i - 1, k - 1, 3, 3).maxCoeff()) peaks.push_back(k);
    }
  }
  if (peaks.size() != 2) return false;
  const auto [left, right] = std::ranges::minmax(peaks);
  const Vector by_sd = density.colwise().sum();
  Eigen::Index lowest = 0;
  by_sd.segment(left, right - left + 1).minCoeff(&lowest);
  lowest += left;
  p.cut = std::exp(log_sd[lowest]);
  p.below = by_sd.head(lowest).sum();
  return by_sd[lowest] < 0.02 * std::min(by_sd[left], by_sd[right]) &&
         std::min(p.below, 1 - p.below) >= 0.05;
}

std::vector<Planted> planted(std::size_t count) {
  Rng rng({81, 0, Purpose::test});
  const auto between = [&rng](double low, double high) {
    return low + (high - low) * rng.uniform();
  };
  std::vector<Planted> all;
  while (all.size() < count) {
    Planted p;
    p.groups = static_cast<std::int32_t>(between(4, 12));
    const auto n = static_cast<std::int32_t>(between(2, 5));
    const double gap = between(2, 4);
    p.data.X.resize(p.groups * n, 0);
    p.data.y.resize(p.groups * n);
    for (std::int32_t i = 0; i < p.groups * n; ++i) {
      p.data.level.push_back(i / n);
      p.data.y[i] = (static_cast<double>(i / n) - p.groups / 2.0) * gap + 0.5 * rng.normal();
    }
    p.shape_sigma = between(1.5, 5);
    p.scale_sigma = between(0.3, 2);
    p.shape_sd = between(2, 6);
    p.scale_sd = std::pow(10, between(-4, -1));
    if (split(p, 70) && split(p, 250)) all.push_back(p);
  }
  return all;
}

/// Share of draws with the sd below the cut, and its error.
std::pair<double, double> share_below(const Fitted& fitted, const std::string& sd, double cut) {
  const Matrix below = (fitted.column(sd).array() < cut).cast<double>();
  const ReportTable table = summarise(below, {"below"}, fitted.draws.chains());
  const auto column = [&](const char* name) {
    return table.at(0, static_cast<std::size_t>(std::ranges::find(table.columns, name) -
                                                table.columns.begin()));
  };
  return {column("mean"), column("mcse_mean")};
}

/// Called good and wrong: all draws on one side, or a share off by more than 4 of its errors.
bool misleads(const Fitted& fitted, double cut, double below) {
  if (!fitted.called_good()) return false;
  const auto [share, error] = share_below(fitted, "sd_g[Intercept]", cut);
  return share == 0 || share == 1 || std::abs(share - below) > 4 * error;
}

const std::vector<std::string> walking{"nuts", "gibbs", "slice", "metropolis"};

}  // namespace

BOOST_AUTO_TEST_CASE(a_mode_of_5_percent_and_more_is_not_missed_by_what_is_called_good) {
  std::size_t number = 0;
  for (const Planted& p : planted(40)) {
    ++number;
    const Design design = design_of(p.data);
    for (const std::string& sampler : walking) {
      const Fitted fitted = fit(design, {.sampler = sampler,
                                         .priors = p.priors(),
                                         .plan = {.warmup = 1000, .draws = 1000, .seed = number}});
      BOOST_TEST(!misleads(fitted, p.cut, p.below), sampler << " on problem " << number
                                                            << " of mass " << p.below << " below "
                                                            << p.cut);
    }
  }
}

BOOST_AUTO_TEST_CASE(two_equal_modes_are_told_by_every_seed,
                     *boost::unit_test::precondition(reference_is_there)) {
  const std::vector<std::string> priors{"Intercept ~ normal(0, 5)", "sigma^2 ~ inv_gamma(3, 1)",
                                        "sd(g)^2 ~ inv_gamma(4, 0.004)"};
  const std::string file = shared("cases/T01-two-modes/data.csv");
  const Design design =
      make_design("y ~ 1 + (1 | g)", io::read_table(std::vector<std::string>{file})).design;
  for (const std::string& sampler : walking) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Fitted fitted = fit(design, {.sampler = sampler,
                                         .priors = priors,
                                         .plan = {.warmup = 1000, .draws = 1000, .seed = seed}});
      BOOST_TEST(!misleads(fitted, 0.2, 0.5), sampler << ", seed " << seed);
    }
  }
}

BOOST_AUTO_TEST_CASE(chains_of_all_of_theta_start_in_both_modes_of_a_heavy_prior) {
  // A Cauchy prior far from where the data put the coefficient: one mode at each. With known errors
  // the density of b is at hand.
  Rng rng({82, 0, Purpose::test});
  Data data{Matrix(12, 1), Vector(12)};
  for (Eigen::Index i = 0; i < 12; ++i) {
    data.X(i, 0) = i % 2 == 0 ? -1 : 1;
    data.y[i] = rng.normal();
  }
  data.se = Vector::Ones(12);
  data.intercept = false;
  const Vector x = data.X.col(0);
  const double least = x.dot(data.y) / 12;
  constexpr double distance = 1.22;
  const auto log_density = [&](double b) {
    return -6 * (b - least) * (b - least) - std::log1p(std::pow((b - least - distance) / 0.002, 2));
  };
  // By quadrature on both sides of a point between the modes.
  const auto mass = [&](double from, double to, double step) {
    double sum = 0;
    for (double b = from; b < to; b += step) sum += std::exp(log_density(b)) * step;
    return sum;
  };
  const double cut = least + distance - 0.1;
  const double left = mass(least - 3, cut, 1e-4);
  const double right = mass(cut, least + distance + 0.3, 2e-6);
  const double below = left / (left + right);
  BOOST_TEST(below > 0.05);
  BOOST_TEST(below < 0.95);
  const std::string prior = fmt::format("b ~ cauchy({}, 0.002)", least + distance);
  for (const std::string& sampler : walking) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const Fitted fitted =
          fit(design_of(data), {.model = "pooled",
                                .sampler = sampler,
                                .priors = {prior},
                                .plan = {.warmup = 1000, .draws = 1000, .seed = seed}});
      if (!fitted.called_good()) continue;
      const auto [share, error] = share_below(fitted, "b[x1]", cut);
      BOOST_TEST(std::abs(share - below) < 4 * error,
                 sampler << ", seed " << seed << ": " << share << " against " << below);
    }
  }
}
