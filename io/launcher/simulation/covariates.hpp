// What simulations start from: covariates, groups, a model and its priors, but not a response.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "fitting/preparation.hpp"
#include "tarn/response.hpp"

namespace tarn::launcher {

/// The options --design, and those of data, model and priors.
OptionGroup simulation_options();

struct Covariates {
  std::vector<std::string> formulas;
  Response response;
  std::shared_ptr<const Table>
      table;  // the rows used, all columns; a response is made up if absent
  bool has_response = false;
  std::string scaled_as;  // what default priors are scaled by where it is absent
  ParsedDesign parsed;
};

/// The response's column from the numbers of its levels (Response::levels).
Column column_of_levels(const Response& response, const Vector& number);

/// Reads DATA, or makes the table of --design, and makes the design.
Covariates read_covariates(const Registry& registry, const Arguments& arguments,
                           std::uint64_t seed);

/// The model, narrowed by the priors. Throws InputError where a prior is flat, PluginError where
/// the model cannot simulate.
struct Simulator {
  ModelType type;
  std::string reason;
  const LoadedPlugin* plugin = nullptr;
  Priors priors;
  Settings settings;
};
Simulator make_simulator(const Registry& registry, const Arguments& arguments,
                         const Design& design);

/// --seed, or a random one.
std::uint64_t read_seed(const Arguments& arguments);

/// The rest of the sentence "240 rows, 8 levels of g, ...".
std::string described(const Covariates& covariates);

}  // namespace tarn::launcher
