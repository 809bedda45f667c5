// What was run, as JSON.
#include "fitting/configuration.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/join.hpp>

#include "command_line/reading.hpp"
#include "fitting/centering.hpp"
#include "report/numbers.hpp"
#include "tarn/index.hpp"
#include "tarn/io/libraries.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

using Json = nlohmann::ordered_json;

/// The declared options of one part with the values they have in this run.
Json settings_of(const std::vector<Setting>& declared, const Settings& settings) {
  Json object = Json::object();
  for (const Setting& setting : declared) {
    std::visit([&](const auto& value) { object[setting.name] = value; },
               settings.all().at(setting.name));
  }
  return object;
}

Json centres(const Design& design) {
  Json object = Json::object();
  for (std::size_t k = 0; k < design.coefficients.size(); ++k) {
    object[design.coefficients[k]] = design.center[as_index(k)];
  }
  return object;
}

}  // namespace

Json to_json(const Priors& priors, const Design& design) {
  Json list = Json::array();
  for (const ParameterPrior& prior : priors.all()) {
    list.push_back({{"key", prior.key()},
                    {"square", prior.on_square},
                    {"density", prior.density.text()},
                    {"text", prior.text()},
                    {"source", prior.source},
                    {"at_means", is_at_means(prior.parameter.subject, design)}});
  }
  return list;
}

Json to_json(const FormulaSummary& formula) {
  Json factors = Json::array();
  for (const auto& factor : formula.factors) {
    factors.push_back({{"name", factor.name},
                       {"levels", factor.levels},
                       {"coding", factor.coding},
                       {"reference", factor.reference}});
  }
  Json object{{"formula", formula.formula},
              {"terms", formula.terms},
              {"response", formula.response},
              {"columns", formula.columns},
              {"group_terms", formula.group_terms},
              {"factors", std::move(factors)},
              {"rows_read", formula.rows_read},
              {"rows_used", formula.rows_used},
              {"dropped", formula.dropped},
              {"learnt", formula.learnt},
              {"notes", formula.notes}};
  for (const FormulaSummary& predictor : formula.predictors) {
    object["predictors"].push_back(to_json(predictor));
  }
  return object;
}

Json to_json(const FormulaState& state) {
  Json object{{"numbers", state.numbers},   {"levels", state.levels},
              {"others", state.others},     {"coefficients", state.coefficients},
              {"center", state.center},     {"group_center", state.group_center},
              {"left_out", state.left_out}, {"intercept", state.intercept}};
  for (const FormulaState& predictor : state.predictors) {
    object["predictors"].push_back(to_json(predictor));
  }
  return object;
}

FormulaState formula_state(const Json& object) {
  FormulaState state;
  object.at("numbers").get_to(state.numbers);
  object.at("levels").get_to(state.levels);
  object.at("others").get_to(state.others);
  object.at("coefficients").get_to(state.coefficients);
  object.at("center").get_to(state.center);
  // Files of earlier versions do not have it.
  if (object.contains("group_center")) object.at("group_center").get_to(state.group_center);
  // Files of versions that refused empty cells do not have it.
  if (object.contains("left_out")) object.at("left_out").get_to(state.left_out);
  // Files of versions whose families all had one do not have it.
  if (object.contains("intercept")) object.at("intercept").get_to(state.intercept);
  if (!object.contains("predictors")) return state;  // there is one formula
  for (const Json& predictor : object.at("predictors")) {
    state.predictors.push_back(formula_state(predictor));
  }
  return state;
}

std::string formulas_text(const std::vector<std::string>& formulas) {
  return boost::algorithm::join(formulas, "; ");
}

std::string predicted_text(const std::string& parameter, const Design& design) {
  for (const FamilyParameter& one : design.family->parameters(design)) {
    if (one.block.name != parameter) continue;
    const Link link = parameter_link(one.block.support);
    if (link == Link::identity) break;
    return fmt::format("{}({})", to_string(link), parameter);
  }
  return parameter;
}

std::vector<std::string> settings_of(const Json& object) {
  std::vector<std::string> texts;
  for (const auto& [name, value] : object.items()) {
    texts.push_back(name + "=" + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return texts;
}

Json configuration(const Configured& run) {
  const RunPlan& plan = run.plan;
  Json max_time = nullptr;
  if (plan.max_time) max_time = plan.max_time->count();
  return {{"schema_version", 1},
          {"tarn", TARN_VERSION},
          {"command", "fit"},
          {"data",
           {{"files", run.question.files},
            {"source", run.data.table->source},
            {"sha256", run.data.table->sha256},
            {"na", run.arguments.text("na")},
            {"reading", to_json(read_reading(run.arguments))}}},
          {"formula", run.question.formulas.front()},
          {"further_formulas", std::vector<std::string>(run.question.formulas.begin() + 1,
                                                        run.question.formulas.end())},
          {"family", run.arguments.text("family")},
          {"design", to_json(run.data.formula())},
          {"coefficients", run.data.design().coefficients},
          {"center", run.arguments.text("center")},
          {"centres", centres(run.data.design())},
          {"formula_state", to_json(run.data.parsed.state)},
          {"model",
           {{"name", run.model.name},
            {"plugin", run.model_plugin.name},
            {"version", run.model_plugin.version},
            {"sha256", io::sha256_of(run.model_plugin.file)},
            {"settings", settings_of(run.model.settings, run.settings)}}},
          {"sampler",
           {{"name", run.sampler.name},
            {"plugin", run.sampler_plugin.name},
            {"version", run.sampler_plugin.version},
            {"sha256", io::sha256_of(run.sampler_plugin.file)},
            {"settings", settings_of(run.sampler.settings, run.settings)}}},
          {"priors", to_json(run.priors, run.data.design())},
          {"run",
           {{"chains", plan.chains},
            {"warmup", plan.warmup},
            {"draws", plan.draws},
            {"thin", plan.thin},
            {"seed", std::to_string(plan.seed)},  // beyond 2^53 other readers would lose digits
            {"threads", plan.threads},
            {"max_time_seconds", max_time}}},
          {"output", run.output.string()},
          {"plugin_path", run.arguments.texts("plugin-path")}};
}

std::string dumped(const Json& object) {
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string rows_sentence(const FormulaSummary& formula) {
  if (formula.dropped.empty()) return fmt::format("{} used", count_of(formula.rows_used, "row"));
  return fmt::format("{} of {} used; dropped: {}", grouped(formula.rows_used),
                     count_of(formula.rows_read, "row"), list_of(formula.dropped));
}

}  // namespace tarn::launcher
