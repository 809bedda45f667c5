// One replicate of simulation-based calibration.
#include "tarn/calibration.hpp"

#include <fmt/format.h>

#include "base/guard.hpp"

namespace tarn {
namespace {

template <class Capability>
Capability& required(Model& model, const std::string& name) {
  if (Capability* found = query<Capability>(model)) return *found;
  throw PluginError(fmt::format("model '{}' does not offer {}: no data can be simulated from it",
                                name, Capability::id));
}

Vector simulate(Model& model, const std::string& name, const Design& design,
                const CalibrationPlan& plan, std::uint32_t number, Vector& truth) {
  Rng prior({plan.seed, number, Purpose::prior});
  Rng predict({plan.seed, number, Purpose::predict});
  guarded("model", name, "draw_prior()",
          [&] { required<PriorDraws>(model, name).draw_prior(truth, prior); });
  const Rows rows = design.all_rows();
  Vector y(rows.y.size());
  guarded("model", name, "predict()",
          [&] { required<Predictive>(model, name).predict(truth, rows, y, predict); });
  return y;
}

}  // namespace

Replicate replicate(const ModelType& type, const ModelInput& input, const SamplerType& sampler_type,
                    const Settings& sampler_settings, const CalibrationPlan& plan,
                    std::uint32_t number, const Quantities& quantities) {
  const auto prior = type.make(input);
  Vector theta(as_index(prior->layout().size()));
  const Vector y = simulate(*prior, type.name, input.design, plan, number, theta);

  const Design design = input.design.with_response(y);
  const auto model = type.make({design, input.priors, input.settings});
  Replicate result;
  result.truth = quantities(*model, design, theta);
  result.draws.resize(result.truth.size(), as_index(plan.draws));

  const auto sampler = sampler_type.make(*model, sampler_settings);
  std::vector<double> statistics(sampler->statistics().size());
  Rng start({plan.seed, number, Purpose::start});
  Rng rng({plan.seed, number, Purpose::draw});
  guarded("model", type.name, "start()", [&] { model->start(theta, start); });
  guarded("sampler", sampler_type.name, "step()", [&] {
    for (std::size_t i = 0; i < plan.warmup; ++i) {
      sampler->warm_up(theta, statistics, rng, {i, plan.warmup});
    }
    sampler->end_warm_up();
    for (auto draw : result.draws.colwise()) {
      for (std::size_t k = 0; k < plan.thin; ++k) sampler->step(theta, statistics, rng);
      draw = quantities(*model, design, theta);
    }
  });
  return result;
}

std::vector<std::size_t> ranks(const Replicate& replicate, std::size_t among, Rng& rng) {
  const auto draws = as_size(replicate.draws.cols());
  std::vector<std::size_t> all(as_size(replicate.truth.size()), 0);
  std::vector<std::size_t> equal = all;
  for (std::size_t k = 0; k < among; ++k) {
    const auto column = as_index((k + 1) * draws / among - 1);
    for (std::size_t q = 0; q < all.size(); ++q) {
      const auto row = as_index(q);
      if (replicate.draws(row, column) < replicate.truth[row]) ++all[q];
      if (replicate.draws(row, column) == replicate.truth[row]) ++equal[q];
    }
  }
  for (std::size_t q = 0; q < all.size(); ++q) {
    if (equal[q] == 0) continue;
    all[q] += static_cast<std::size_t>(rng.uniform() * static_cast<double>(equal[q] + 1));
  }
  return all;
}

}  // namespace tarn
