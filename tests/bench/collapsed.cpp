// What the sampler collapsed costs: its set-up, a draw, and how many draws one is worth.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;
using Clock = std::chrono::steady_clock;

struct Case {
  std::string name;
  Design design;
  std::vector<std::string> priors;
};

double microseconds(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

/// 8 groups of 15 rows, 3 coefficients.
Design simulated() {
  Rng rng({8, 0, Purpose::test});
  Data data{Matrix(120, 2), Vector(120)};
  for (Eigen::Index i = 0; i < 120; ++i) {
    data.X(i, 0) = rng.normal();
    data.X(i, 1) = rng.normal();
    data.level.push_back(static_cast<std::int32_t>(i % 8));
    const double effect = 0.2 * static_cast<double>(i % 8) - 0.7;
    data.y[i] = 1 + 0.5 * data.X(i, 0) + effect + rng.normal();
  }
  return design_of(data);
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const auto add = [&](const char* name, const std::string& path, const char* formula,
                       std::vector<std::string> priors) {
    if (!std::filesystem::exists(path)) return;
    auto table = io::read_table(std::vector<std::string>{path});
    all.push_back({name, make_design(formula, std::move(table)).design, std::move(priors)});
  };
  const std::string shared = TARN_SHARED_DIR "/";
  add("eight schools", shared + "reference/posteriordb/eight_schools/data.csv",
      "y | se(sigma) ~ 1 + (1 | school)",
      {"Intercept ~ normal(0, 5)", "sd(school) ~ half_cauchy(5)"});
  all.push_back({"8 x 15, conjugate",
                 simulated(),
                 {"Intercept ~ scaled_normal(0, 10)", "b ~ scaled_normal(0, 10)",
                  "sigma^2 ~ inv_gamma(2, 1)", "sd(g)^2 ~ inv_gamma(2, 1)"}});
  all.push_back({"8 x 15, half-normal",
                 simulated(),
                 {"Intercept ~ normal(0, 10)", "b ~ normal(0, 10)", "sigma ~ half_normal(2)",
                  "sd(g) ~ half_normal(2)"}});
  add("radon, 919 in 85", TARN_EXAMPLES "/radon.csv",
      "log_radon ~ floor + log_uranium + (1 | county)", {});
  const char* slopes = "Reaction ~ Days + (Days | Subject)";
  add("sleepstudy, lkj", shared + "datasets/sleepstudy.csv", slopes, {});
  add("sleepstudy, inverse Wishart", shared + "datasets/sleepstudy.csv", slopes,
      {"cov(Subject) ~ inv_wishart(4, 30)"});
  add("schools, 3 effects", shared + "datasets/MathAchieve.csv",
      "MathAch ~ SES + Minority + (SES + Minority | School)", {});
  const auto as_usual = [&](const char* name, const char* formula) {
    add(name, shared + "datasets/" + name + ".csv", formula, {});
  };
  as_usual("MathAchieve", "MathAch ~ SES + (SES | School)");
  as_usual("Exam", "normexam ~ standLRT + sex + (standLRT | school)");
  as_usual("Hsb82", "mAch ~ meanses * cses + sector * cses + (cses | school)");
  as_usual("nlschools", "lang ~ IQ + (IQ | class)");
  as_usual("Orthodont", "distance ~ age + (age | Subject)");
  as_usual("Oxboys", "height ~ age + (age | Subject)");
  as_usual("BodyWeight", "weight ~ Time * factor(Diet) + (Time | Rat)");
  as_usual("ChickWeight", "weight ~ Time * factor(Diet) + (Time | Chick)");
  return all;
}

struct Cost {
  double set_up_ms;
  double draw_us;
  std::string plan;
};

Cost measure(const Case& c) {
  const ModelType& model_type = *registry().model_for(c.design).type;
  const SamplerType& sampler_type = *registry().sampler("collapsed").type;
  const Priors priors(model_type.parameters(c.design), c.priors);
  const Settings none({}, {}, "bench");
  const auto model = model_type.make({c.design, priors, none});

  const auto begun = Clock::now();
  const auto sampler = sampler_type.make(*model, none);
  const double set_up = microseconds(Clock::now() - begun);

  constexpr std::uint64_t draws = 10'000;
  Vector theta(static_cast<Eigen::Index>(model->layout().size()));
  Rng start({1, 0, Purpose::start});
  model->start(theta, start);
  std::vector<double> statistics(sampler->statistics().size());
  const auto first = Clock::now();
  for (std::uint64_t draw = 0; draw < draws; ++draw) {
    Rng rng({1, 0, Purpose::draw, draw});
    sampler->step(theta, statistics, rng);
  }
  return {set_up / 1000, microseconds(Clock::now() - first) / draws, sampler->plan()};
}

/// The least over all parameters of effective draws per draw.
void effective_draws(const Case& c) {
  const ModelType& type = *registry().model_for(c.design).type;
  const Fitted fitted =
      fit(c.design, {.model = type.name,
                     .sampler = "collapsed",
                     .priors = c.priors,
                     .plan = {.chains = 4, .warmup = 500, .draws = 2500, .seed = 7}});
  const auto least = [&](const char* column) {
    double value = 1e300;
    for (const std::string& row : fitted.table.rows) {
      const double ess = fitted.at(row, column);
      if (ess < value) value = ess;
    }
    return value / static_cast<double>(fitted.draws.values().rows());
  };
  fmt::print(" {:>10.2f} {:>10.2f}\n", least("ess_bulk"), least("ess_tail"));
}

}  // namespace

/// Arguments pick the cases whose names begin with one of them.
int main(int argc, char** argv) {
  const std::vector<std::string> picked(argv + 1, argv + argc);
  fmt::print("{:<28} {:>10} {:>11} {:>10} {:>10}   best of 5; least ESS per draw\n", "",
             "set-up, ms", "a draw, us", "bulk", "tail");
  for (const Case& c : cases()) {
    const auto is_picked = [&](const std::string& begin) { return c.name.starts_with(begin); };
    if (!picked.empty() && std::ranges::none_of(picked, is_picked)) continue;
    Cost best{1e300, 1e300, {}};
    for (int repeat = 0; repeat < 5; ++repeat) {
      const Cost cost = measure(c);
      best = {std::min(best.set_up_ms, cost.set_up_ms), std::min(best.draw_us, cost.draw_us),
              cost.plan};
    }
    fmt::print("{:<28} {:>10.2f} {:>11.2f}", c.name, best.set_up_ms, best.draw_us);
    effective_draws(c);
    fmt::print("  {}\n", best.plan);
  }
}
