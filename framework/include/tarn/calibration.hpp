// Simulation-based calibration (Talts et al. 2018; Modrak et al. 2023): parameters drawn from the
// prior rank uniformly among posterior draws given data simulated from them, if model and sampler
// are right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "tarn/plugin.hpp"

namespace tarn {

struct CalibrationPlan {
  std::uint64_t seed = 0;
  std::size_t warmup = 1000;
  std::size_t draws = 1000;  // kept
  std::size_t thin = 1;      // transitions per kept draw
};

/// What is ranked: functions of theta, given the simulated data and the model over them.
using Quantities = std::function<Vector(Model& model, const Design& data, ConstVectorRef theta)>;

/// One simulated data set and its fit.
struct Replicate {
  Vector truth;  // of each quantity
  Matrix draws;  // one row per quantity, one column per draw
};

/// Data set `number`, and everything else about it, depends on the plan's seed and that number
/// alone. `input` gives covariates, groups and priors; its response is replaced. Throws PluginError
/// for a model without PriorDraws or Predictive, InputError for a prior that cannot be drawn from.
Replicate replicate(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
                    const Settings& sampler_settings, const CalibrationPlan& plan,
                    std::uint32_t number, const Quantities& quantities);

/// How many of `among` draws, evenly spaced, lie below the truth, for each quantity. Those that
/// equal it, as correlations do that round to 1, lie below it by chance.
std::vector<std::size_t> ranks(const Replicate& replicate, std::size_t among, Rng& rng);

}  // namespace tarn
