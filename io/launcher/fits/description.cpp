// Reads the stored configuration for people; nothing is computed, and no plugin is needed.
#include "fits/description.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "fitting/centering.hpp"
#include "fitting/configuration.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t label_width = 14;
constexpr std::size_t page = 100;

bool is_hdf5(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string signature(8, '\0');
  return file.read(signature.data(), 8) && signature == "\x89HDF\r\n\x1a\n";
}

std::string text_at(const Json& config, const char* part, const char* key) {
  const auto found = config.find(part);
  return found == config.end() ? std::string() : found->value(key, std::string());
}

std::vector<std::string> texts_at(const Json& object, const char* key) {
  return object.value(key, std::vector<std::string>());
}

std::string describe(const FormulaSummary::Factor& factor) {
  std::string text =
      fmt::format("{} with {}", factor.name, count_of(factor.levels.size(), "level"));
  if (!factor.coding.empty()) text += fmt::format(", {} coding", factor.coding);
  if (!factor.reference.empty()) text += fmt::format(", reference {}", factor.reference);
  return text + fmt::format(": {}", list_of(factor.levels));
}

/// `nuts 0.4.0 (steps=1, ...)`
std::string part_text(const Json& config, const char* part) {
  std::string text = text_at(config, part, "name");
  const std::string version = text_at(config, part, "version");
  if (!version.empty()) text += " " + version;
  const auto found = config.find(part);
  if (found == config.end() || !found->contains("settings")) return text;
  const std::vector<std::string> settings = settings_of(found->at("settings"));
  return settings.empty() ? text : text + fmt::format(" ({})", list_of(settings, 100));
}

std::string draws_text(const io::ChainFile& file, const Json& config) {
  const Draws& posterior = file.posterior();
  std::string text = fmt::format("{} of {}", count_of(posterior.chains(), "chain"),
                                 count_of(posterior.draws(), "draw"));
  if (const auto run = config.find("run"); run != config.end()) {
    const auto thin = run->value("thin", std::size_t{1});
    text += fmt::format(" after {} of warm-up", grouped(run->value("warmup", std::size_t{0})));
    if (thin > 1) text += fmt::format(", one of {} kept", grouped(thin));
  }
  if (!file.complete()) {
    text += fmt::format("; {} were asked for", grouped(file.draws_requested()));
  }
  return text;
}

std::string parameters_text(const Layout& layout) {
  std::vector<std::string> variables;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const Block& block = layout.block(b);
    if (block.internal || !block.stored) continue;
    std::string sizes;
    for (const Axis& axis : block.axes) {
      sizes += (sizes.empty() ? "" : " x ") + std::to_string(axis.labels.size());
    }
    variables.push_back(sizes.empty() ? block.name : fmt::format("{}[{}]", block.name, sizes));
  }
  return list_of(variables, 100);
}

/// What is said of each formula.
std::string parts_text(const FormulaSummary& formula, const std::string& predicted) {
  std::string text = labelled("formula", formula.formula);
  if (!predicted.empty()) text += labelled("predicts", predicted);
  for (const std::string& meaning : formula.response) text += labelled("response", meaning);
  text += labelled("terms", list_of(formula.terms, 100));
  text += labelled("columns", list_of(formula.columns, 100));
  if (!formula.group_terms.empty()) {
    text += labelled("group terms", list_of(formula.group_terms, 100));
  }
  for (const auto& factor : formula.factors) {
    text += labelled(factor.coding.empty() ? "groups" : "factor", describe(factor));
  }
  for (const std::string& learnt : formula.learnt) text += labelled("learnt", learnt);
  return text;
}

std::string data_text(const Json& config) {
  std::string text = text_at(config, "data", "source");
  const std::string digest = text_at(config, "data", "sha256");
  return digest.empty() ? text : text + fmt::format(" (SHA-256 {}...)", digest.substr(0, 12));
}

}  // namespace

bool is_about_a_fit(const Arguments& arguments) {
  if (arguments.words().size() != 1 || arguments.given("data") || arguments.given("formula") ||
      !is_hdf5(arguments.words().front())) {
    return false;
  }
  for (const char* option : {"family", "na", "center", "model", "prior", "missing", "decimal",
                             "skip", "comment", "encoding"}) {
    if (!arguments.given(option)) continue;
    arguments.refuse(option,
                     fmt::format("'{}' is a fit, of which this is told as it was; give DATA "
                                 "and FORMULA to try something else",
                                 shown(arguments.words().front())));
  }
  return true;
}

std::vector<std::string> leading_files(const std::vector<std::string>& words) {
  std::vector<std::string> files;
  for (const std::string& word : words) {
    const bool named = word.ends_with(".h5") || word.ends_with(".nc") || word.ends_with(".partial");
    if (!files.empty() && !named && !is_hdf5(word)) break;
    files.push_back(word);
  }
  return files;
}

std::string labelled(const std::string& label, const std::string& value) {
  std::string line = label;
  line.append(label_width - std::min(label.size(), label_width - 1), ' ');
  return wrapped(line + value, page, label_width) + '\n';
}

std::string formula_text(const FormulaSummary& formula, const Design* design) {
  std::string text = parts_text(formula, "");
  for (std::size_t k = 0; k < formula.predictors.size(); ++k) {
    text +=
        parts_text(formula.predictors[k],
                   design == nullptr ? std::string()
                                     : predicted_text(design->predictors[k].parameter, *design));
  }
  for (const std::string& note : formula.notes) text += labelled("note", note);
  return text + labelled("rows", rows_sentence(formula));
}

namespace {

FormulaSummary summary_in(const Json& design) {
  FormulaSummary formula;
  formula.formula = design.value("formula", std::string());
  formula.terms = texts_at(design, "terms");
  formula.response = texts_at(design, "response");
  formula.columns = texts_at(design, "columns");
  formula.group_terms = texts_at(design, "group_terms");
  for (const Json& factor : design.value("factors", Json::array())) {
    formula.factors.push_back({factor.value("name", std::string()), texts_at(factor, "levels"),
                               factor.value("coding", std::string()),
                               factor.value("reference", std::string())});
  }
  formula.rows_read = design.value("rows_read", std::size_t{0});
  formula.rows_used = design.value("rows_used", std::size_t{0});
  formula.dropped = texts_at(design, "dropped");
  formula.learnt = texts_at(design, "learnt");
  formula.notes = texts_at(design, "notes");
  for (const Json& further : design.value("predictors", Json::array())) {
    formula.predictors.push_back(summary_in(further));
  }
  return formula;
}

}  // namespace

FormulaSummary stored_formula(const Json& config) {
  FormulaSummary formula = summary_in(config.value("design", Json::object()));
  if (formula.formula.empty()) formula.formula = config.value("formula", std::string());
  return formula;
}

std::string priors_text(const Json& config) {
  using Align = TextTable::Align;
  TextTable table({{"parameter", Align::left}, {"prior", Align::left}, {"source", Align::left}});
  for (const Json& prior : config.at("priors")) {
    table.add({prior.value("key", std::string()) + (prior.value("square", false) ? "^2" : ""),
               prior.value("density", std::string()),
               source_text(prior.value("source", std::string()), prior.value("at_means", false))});
  }
  return table.text();
}

std::string description_text(const io::ChainFile& file, const Json& config) {
  const FormulaSummary formula = stored_formula(config);
  std::string text = labelled("formula", formula.formula);
  for (const FormulaSummary& further : formula.predictors) {
    text += labelled("", further.formula);
  }
  text += labelled("family", config.value("family", std::string("gaussian")));
  text += labelled("data", data_text(config));
  text += labelled("rows", rows_sentence(formula));
  text += labelled("columns", list_of(formula.columns, 100));
  for (const auto& factor : formula.factors) {
    text += labelled(factor.coding.empty() ? "groups" : "factor", describe(factor));
  }
  text += labelled("model", part_text(config, "model"));
  text += labelled("sampler", part_text(config, "sampler"));
  if (const std::string plan = file.attribute("tarn_plan"); !plan.empty()) {
    text += labelled("plan", plan);
  }
  text += labelled("draws", draws_text(file, config));
  text += labelled("parameters", parameters_text(file.posterior().layout()));
  text += labelled("seed", file.attribute("tarn_seed"));
  text += labelled("fitted", fmt::format("{} by tarn {}, drawn in {}", file.attribute("created_at"),
                                         config.value("tarn", std::string("?")),
                                         duration_text(file.sampling_seconds())));
  return text + '\n' + priors_text(config);
}

Json description_json(const io::ChainFile& file, const Json& config) {
  const Draws& posterior = file.posterior();
  Json variables = Json::array();
  for (std::size_t b = 0; b < posterior.layout().blocks(); ++b) {
    const Block& block = posterior.layout().block(b);
    Json sizes = Json::array();
    for (const Axis& axis : block.axes) sizes.push_back(axis.labels.size());
    variables.push_back({{"name", block.name},
                         {"size", std::move(sizes)},
                         {"describes", block.describes},
                         {"derived", block.derived},
                         {"internal", block.internal}});
  }
  Json object{{"formula", config.value("formula", std::string())},
              {"further_formulas", config.value("further_formulas", Json::array())},
              {"family", config.value("family", std::string("gaussian"))},
              {"data", config.value("data", Json::object())},
              {"design", to_json(stored_formula(config))},
              {"model", config.at("model")},
              {"sampler", config.value("sampler", Json::object())},
              {"plan", file.attribute("tarn_plan")},
              {"priors", config.at("priors")},
              {"run", config.value("run", Json::object())},
              {"chains", posterior.chains()},
              {"draws", posterior.draws()},
              {"draws_requested", file.draws_requested()},
              {"complete", file.complete()},
              {"sampling_seconds", file.sampling_seconds()},
              {"seed", file.attribute("tarn_seed")},
              {"created_at", file.attribute("created_at")},
              {"tarn", config.value("tarn", std::string())},
              {"format_version", file.attribute("tarn_format_version")},
              {"variables", std::move(variables)}};
  return object;
}

}  // namespace tarn::launcher
