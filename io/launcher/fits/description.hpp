// What a chain file says that its fit was: formula, priors, run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "command_line/arguments.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::launcher {

/// Whether the words name one chain file in the place of DATA and FORMULA. Throws UsageError for an
/// option that asks for something else than what the file holds.
bool is_about_a_fit(const Arguments& arguments);

/// The words that name chain files: the first, and those after it that are files of HDF5 or are
/// called so; the others follow.
std::vector<std::string> leading_files(const std::vector<std::string>& words);

/// `label         value`, wrapped.
std::string labelled(const std::string& label, const std::string& value);

/// What the formulas became; with a design, what the further ones predict.
std::string formula_text(const FormulaSummary& formula, const Design* design);
FormulaSummary stored_formula(const nlohmann::ordered_json& config);

/// Stored priors in the columns of `tarn priors`.
std::string priors_text(const nlohmann::ordered_json& config);

/// Formula, family, data, model, sampler, run, priors: what this file is.
std::string description_text(const io::ChainFile& file, const nlohmann::ordered_json& config);
nlohmann::ordered_json description_json(const io::ChainFile& file,
                                        const nlohmann::ordered_json& config);

}  // namespace tarn::launcher
