// From the command line to a design, a model and a sampler: what fitting commands share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "fitting/stopwatch.hpp"
#include "tarn/formula.hpp"
#include "tarn/prior.hpp"
#include "tarn/registry.hpp"
#include "tarn/settings.hpp"
#include "tarn/table.hpp"

namespace tarn::launcher {

/// All plugins of the search path; those refused are told in one line each, unless `quiet`.
Registry load_plugins(const Arguments& arguments, bool quiet = false);

/// What is asked: of the words, those that hold a `~` are formulas, the response's first; the
/// others are files.
struct Question {
  std::vector<std::string> files;
  std::vector<std::string> formulas;
};

/// Throws UsageError if a part is missing.
Question question(const Arguments& arguments);

/// Throws UsageError for an option on the data that cannot be.
void check_data_options(const Arguments& arguments);

struct Data {
  std::shared_ptr<const Table> table;
  ParsedDesign parsed;
  Seconds reading;  // the design not counted

  const Design& design() const { return parsed.design; }
  const FormulaSummary& formula() const { return parsed.summary; }
};

/// Reads the columns that the formula uses, and makes the design with its family.
Data read_data(const Registry& registry, const Arguments& arguments, const Question& question);

/// The model of --model, or the most specific that takes the design; and why that.
struct ModelChoice {
  Registry::Found<ModelType> model;
  std::string reason;
};
ModelChoice choose_model(const Registry& registry, const Arguments& arguments,
                         const Design& design);

/// The sampler of --sampler, or the best that fits the model and has the options that --set names.
struct SamplerChoice {
  Registry::Found<SamplerType> sampler;
  std::string reason;
};
SamplerChoice choose_sampler(const Registry& registry, const Arguments& arguments,
                             const ModelType& model);

/// The priors that the model's parameters get from --prior and their defaults.
Priors make_priors(const Arguments& arguments, const ModelType& model, const Design& design);

/// Throws UsageError, with the nearest name, before any data are read.
void check_names(const Registry& registry, const Arguments& arguments);

}  // namespace tarn::launcher
