// A fit of the same model, with the same priors, to fewer rows.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tarn/draws.hpp"
#include "tarn/runtime.hpp"

namespace tarn {

/// How a fit was made. What it refers to must outlive it.
struct Refitted {
  const ModelType& model;  // narrowed by the priors
  ModelInput input;        // over all rows
  const SamplerType& sampler;
  const Settings& sampler_settings;
  RunPlan plan;
};

/// Draws as `Refit` (diagnostic.hpp) describes them. Levels without rows are taken out of the
/// design first, and their effects drawn afterwards by NewGroups: no model has to think of empty
/// levels. Throws PluginError where that capability is missing, InputError where the rows left do
/// not determine the coefficients and their priors are flat, SamplingError where a chain fails.
std::unique_ptr<Draws> refit(const Refitted& fit, const std::vector<std::size_t>& left_out,
                             std::uint32_t number);

}  // namespace tarn
