// Finds models, samplers and diagnostics by name, by fit and by rank.
#include <algorithm>
#include <iterator>
#include <optional>

#include <fmt/format.h>
#include <boost/algorithm/string/join.hpp>

#include "base/guard.hpp"
#include "tarn/registry.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

/// The capabilities that a sampler needs and a model does not offer.
std::vector<std::string> missing(const SamplerType& sampler, const ModelType& model) {
  std::vector<std::string> result;
  std::ranges::copy_if(sampler.needs, std::back_inserter(result), [&](const std::string& need) {
    return std::ranges::find(model.offers, need) == model.offers.end();
  });
  return result;
}

std::string cannot_serve(const SamplerType& sampler, const ModelType& model) {
  const std::vector<std::string> lacks = missing(sampler, model);
  const bool by_priors = std::ranges::any_of(lacks, [&](const std::string& capability) {
    return std::ranges::find(model.withheld, capability) != model.withheld.end();
  });
  return fmt::format("sampler '{}' needs {}, which model '{}' does not offer{}", sampler.name,
                     list_of(lacks), model.name, by_priors ? " with these priors" : "");
}

/// Others are taken only where they are asked for.
bool is_chosen(const SamplerType& sampler) { return sampler.preference >= 0; }

std::optional<std::string> refusal(const ModelType& model, const Design& design) {
  return guarded("model", model.name, "refuses()", [&] { return model.refuses(design); });
}

}  // namespace

std::string_view to_string(Takes part) noexcept {
  switch (part) {
    case Takes::weights:
      return "weights()";
    case Takes::offset:
      return "offset()";
    case Takes::trials:
      return "trials()";
    case Takes::standard_errors:
      return "se()";
    case Takes::gaps:
      return "gaps between rows";
    case Takes::group_centering:
      return "centred group terms";
    case Takes::predictors:
      return "further formulas";
  }
  return "";
}

std::optional<std::string> not_taken(const std::vector<Takes>& takes, const Design& design) {
  for (const auto& [is_there, part] :
       {std::pair(design.has_weights, Takes::weights), std::pair(design.has_offset, Takes::offset),
        std::pair(!design.predictors.empty(), Takes::predictors),
        std::pair(design.has_trials, Takes::trials),
        std::pair(design.known_errors, Takes::standard_errors),
        std::pair(design.has_gaps, Takes::gaps),
        std::pair(std::ranges::any_of(design.group_center, &Centering::moves),
                  Takes::group_centering)}) {
    if (!is_there || std::ranges::find(takes, part) != takes.end()) continue;
    return fmt::format("it does not declare that it takes {}, and might ignore {}{}",
                       to_string(part), part == Takes::offset ? "it" : "them",
                       part == Takes::gaps
                           ? ": rows between those used were left out; where the order of rows "
                             "means nothing, take them out of the file"
                       : part == Takes::group_centering
                           ? "; take --center population, which leaves them as they are"
                           : "");
  }
  return std::nullopt;
}

ModelType narrowed(ModelType type, const Design& design, const Priors& priors) {
  if (type.any_family) type.probability_mass = design.family->has_atoms();
  type.withheld =
      guarded("model", type.name, "withholds()", [&] { return type.withholds(design, priors); });
  std::erase_if(type.withheld, [&](const std::string& capability) {  // it never had them
    return std::ranges::find(type.offers, capability) == type.offers.end();
  });
  std::erase_if(type.offers, [&](const std::string& capability) {
    return std::ranges::find(type.withheld, capability) != type.withheld.end();
  });
  return type;
}

template <class Type>
std::vector<Registry::Found<Type>> Registry::all(std::vector<Type> Plugin::*types) const {
  std::vector<Found<Type>> result;
  for (const auto& plugin : plugins_) {
    for (const Type& type : plugin->types.*types) result.push_back({&type, plugin.get()});
  }
  return result;
}

template <class Type>
Registry::Found<Type> Registry::named(std::string_view role, std::vector<Type> Plugin::*types,
                                      std::string_view name) const {
  const auto with_name = [&]() -> std::optional<Found<Type>> {
    for (const Found<Type>& found : all(types)) {
      if (found.type->name == name) return found;
    }
    return std::nullopt;
  };
  if (const auto found = with_name()) return *found;
  take_waiting(role, name);
  if (const auto found = with_name()) return *found;
  take_all(role);  // the name of a library is not always that of what is in it
  if (const auto found = with_name()) return *found;

  std::vector<std::string> names;
  for (const Found<Type>& found : all(types)) names.push_back(found.type->name);
  for (const RefusedPlugin& refused : refused_) {
    if (refused.file.stem() == name) {
      throw PluginError(fmt::format("{} '{}' cannot be used, for '{}' is refused: {}", role, name,
                                    refused.file.string(), refused.reason));
    }
  }
  if (names.empty()) throw_none(role);
  std::ranges::sort(names);
  throw UsageError(fmt::format("there is no {} '{}'; {}known {}: {}", role, name,
                               did_you_mean(name, names),
                               role == "family" ? "families" : std::string(role) + 's',
                               boost::algorithm::join(names, ", ")));
}

void Registry::throw_none(std::string_view role) const {
  std::vector<std::string> folders;
  for (const auto& folder : folders_) folders.push_back(folder.string());
  throw PluginError(fmt::format(
      "there is no plugin with a {} in the plugin folders ({}); {}", role, list_of(folders),
      refused_.empty() ? "is tarn installed as a whole?"
                       : "'tarn doctor' shows which are refused and why"));
}

Registry::Found<FamilyType> Registry::family(std::string_view name) const {
  return named("family", &Plugin::families, name);
}

Registry::Found<ModelType> Registry::model(std::string_view name) const {
  return named("model", &Plugin::models, name);
}

Registry::Found<SamplerType> Registry::sampler(std::string_view name) const {
  return named("sampler", &Plugin::samplers, name);
}

Registry::Found<DiagnosticType> Registry::diagnostic(std::string_view name) const {
  return named("diagnostic", &Plugin::diagnostics, name);
}

Registry::Found<ModelType> Registry::model_for(const Design& design) const {
  std::vector<Found<ModelType>> models = all(&Plugin::models);
  std::erase_if(models, [](const auto& found) { return !found.type->generality; });
  if (models.empty()) throw_none("model");
  // Ties are broken by name: the choice must not depend on where a plugin was found.
  std::ranges::sort(models, {}, [](const auto& found) {
    return std::pair(*found.type->generality, std::string_view(found.type->name));
  });

  std::string reasons;
  for (const Found<ModelType>& found : models) {
    const auto reason = refusal(*found.type, design);
    if (!reason) return found;
    reasons += fmt::format("\n  {}: {}", found.type->name, *reason);
  }
  throw InputError("no model takes this formula:" + reasons);
}

Registry::Found<SamplerType> Registry::sampler_for(const ModelType& model) const {
  const std::vector<Found<SamplerType>> fitting = samplers_by_preference(model);
  if (!fitting.empty() && is_chosen(*fitting.front().type)) return fitting.front();

  std::string reasons;
  for (const Found<SamplerType>& found : all(&Plugin::samplers)) {
    reasons += fmt::format(
        "\n  {}",
        missing(*found.type, model).empty()
            ? fmt::format("sampler '{0}' is only taken where it is asked for: --sampler {0}",
                          found.type->name)
            : cannot_serve(*found.type, model));
  }
  if (reasons.empty()) throw_none("sampler");
  throw PluginError(fmt::format("no sampler fits model '{}':{}", model.name, reasons));
}

std::vector<Registry::Found<SamplerType>> Registry::samplers_by_preference(
    const ModelType& model) const {
  std::vector<Found<SamplerType>> fitting = all(&Plugin::samplers);
  std::erase_if(fitting, [&](const auto& found) { return !missing(*found.type, model).empty(); });
  std::ranges::sort(fitting, {}, [](const auto& found) {
    return std::pair(-found.type->preference, std::string_view(found.type->name));
  });
  return fitting;
}

std::vector<std::string> Registry::samplers_fitting(const ModelType& model) const {
  std::vector<std::string> names;
  for (const auto& found : samplers_by_preference(model)) names.push_back(found.type->name);
  return names;
}

void Registry::check_fit(const SamplerType& sampler, const ModelType& model) const {
  if (missing(sampler, model).empty()) return;
  const std::vector<std::string> fitting = samplers_fitting(model);
  throw PluginError(fmt::format(
      "{}; {}", cannot_serve(sampler, model),
      fitting.empty() ? "no other sampler fits it"
                      : "samplers that fit it: " + boost::algorithm::join(fitting, ", ")));
}

}  // namespace tarn
