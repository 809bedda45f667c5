// The full effective configuration of a run, as it is stored in the chain file.
#pragma once

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include "preparation.hpp"
#include "tarn/runtime.hpp"

namespace tarn::launcher {

struct Configured {
  const Arguments& arguments;
  const Question& question;
  const Data& data;
  const ModelType& model;
  const LoadedPlugin& model_plugin;
  const SamplerType& sampler;
  const LoadedPlugin& sampler_plugin;
  const Settings& settings;
  const Priors& priors;
  const RunPlan& plan;
  const std::filesystem::path& output;
};

/// Everything that is needed to say what was run, all defaults spelled out.
nlohmann::ordered_json configuration(const Configured& run);

nlohmann::ordered_json to_json(const Priors& priors);
nlohmann::ordered_json to_json(const FormulaSummary& formula);

/// Indented, with a line end; bytes that are no UTF-8 are replaced.
std::string dumped(const nlohmann::ordered_json& object);

/// "919 rows read, 919 used"; with the reasons where some were dropped.
std::string rows_sentence(const FormulaSummary& formula);

}  // namespace tarn::launcher
