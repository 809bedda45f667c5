// The full effective configuration of a run, as it is stored in the chain file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fitting/preparation.hpp"
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

/// `at_means`: the prior is that of the parameter at the covariates' means.
nlohmann::ordered_json to_json(const Priors& priors, const Design& design);
nlohmann::ordered_json to_json(const FormulaSummary& formula);

/// What a formula learnt, there and back. Throws what nlohmann::json throws.
nlohmann::ordered_json to_json(const FormulaState& state);
FormulaState formula_state(const nlohmann::ordered_json& object);

/// "y ~ x; sigma ~ z"
std::string formulas_text(const std::vector<std::string>& formulas);

/// "log(sigma)": what the predictor of a parameter of the design's family is.
std::string predicted_text(const std::string& parameter, const Design& design);

/// The options of one part of a run, NAME=VALUE as `--set` takes them.
std::vector<std::string> settings_of(const nlohmann::ordered_json& object);

/// Indented, with a line end; bytes that are no UTF-8 are replaced.
std::string dumped(const nlohmann::ordered_json& object);

/// "919 rows read, 919 used"; with the reasons where some were dropped.
std::string rows_sentence(const FormulaSummary& formula);

}  // namespace tarn::launcher
