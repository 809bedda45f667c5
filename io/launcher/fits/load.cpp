// A finished fit taken up again.
#include "fits/load.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "fits/stored_configuration.hpp"
#include "fits/unfinished.hpp"
#include "fitting/centering.hpp"
#include "fitting/configuration.hpp"

namespace tarn::launcher {
namespace {

using Json = nlohmann::ordered_json;

/// Files of versions that left group terms as they are do not say what was subtracted there.
FormulaOptions formula_options(const Json& config) {
  const auto center = config.at("center").get<std::string>();
  if (center != "yes" && center != "no" && center != "population") {
    throw InputError(fmt::format(
        "it was fitted with centring '{}', which this tarn does not know; use a newer tarn",
        center));
  }
  FormulaOptions options;
  set_centering(center, options);
  if (!config.at("formula_state").contains("group_center")) options.center_groups = false;
  return options;
}

/// What the user said, word by word.
std::vector<std::string> given_priors(const Json& priors) {
  std::vector<std::string> given;
  for (const Json& prior : priors) {
    const auto source = prior.at("source").get<std::string>();
    constexpr std::string_view mark = "given: ";
    if (!source.starts_with(mark)) continue;
    const std::string text = source.substr(mark.size());  // may stand for several parameters
    if (std::ranges::find(given, text) == given.end()) given.push_back(text);
  }
  return given;
}

/// Defaults as they were when the fit was made, whatever they would be today. Throws PluginError
/// where the model has other parameters now.
void set_standards(std::vector<Parameter>& declared, const Json& priors, const std::string& name) {
  for (const Json& prior : priors) {
    const auto source = prior.at("source").get<std::string>();
    constexpr std::string_view mark = "default: ";
    if (!source.starts_with(mark)) continue;
    const auto key = prior.at("key").get<std::string>();
    const auto found = std::ranges::find_if(
        declared, [&](const Parameter& parameter) { return parameter.keys.front() == key; });
    if (found == declared.end()) {
      throw PluginError(fmt::format(
          "model '{}' has no parameter '{}' any more; it has changed since the fit, so fit again",
          name, key));
    }
    found->default_prior = prior.at("density").get<std::string>();
    found->reason = source.substr(mark.size());
    Density::parse(found->default_prior);
  }
}

/// Throws PluginError unless the priors are those of the file, in its order.
void check_priors(const Priors& priors, const Json& stored, const std::string& name) {
  const bool same = std::ranges::equal(
      priors.all(), stored, {}, [](const ParameterPrior& prior) { return prior.text(); },
      [](const Json& prior) { return prior.at("text").get<std::string>(); });
  if (!same) {
    throw PluginError(fmt::format(
        "model '{}' takes other priors than those of the fit; it has changed since, so fit again",
        name));
  }
}

/// Throws PluginError unless a draw of the model is laid out as those of the file.
void check_layout(const Layout& model, const Layout& file, const std::string& name) {
  bool same = model.blocks() == file.blocks() && model.size() == file.size();
  for (std::size_t b = 0; same && b < model.blocks(); ++b) {
    same =
        model.block(b).name == file.block(b).name && model.block(b).size() == file.block(b).size();
  }
  if (!same) {
    throw PluginError(
        fmt::format("model '{}' lays out its draws otherwise than the file; it has changed since "
                    "the fit, so fit again",
                    name));
  }
}

template <class Value>
bool same_lengths(const std::map<std::string, std::vector<Value>>& a,
                  const std::map<std::string, std::vector<Value>>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.size() == y.second.size();
  });
}

/// Another machine may round otherwise.
bool is_same(const Vector& stored, const Vector& again) {
  constexpr double rounding = 1e-9;
  return stored.size() == again.size() &&
         (stored.size() == 0 ||
          (stored - again).cwiseAbs().maxCoeff() <= rounding * again.cwiseAbs().maxCoeff());
}

/// Of group terms; none are stored where nothing was subtracted from any.
bool same_centers(const std::vector<std::vector<double>>& stored,
                  const std::vector<std::vector<double>>& again) {
  const auto vector = [](const std::vector<double>& x) -> Vector {
    return Eigen::Map<const Vector>(x.data(), std::ssize(x));
  };
  if (stored.empty()) {
    return std::ranges::all_of(again, [](const auto& center) { return center.empty(); });
  }
  return std::ranges::equal(
      stored, again, [&](const auto& x, const auto& y) { return is_same(vector(x), vector(y)); });
}

/// Whether what the file says that the formula learnt can be used for other rows: it has the parts
/// that the formula learns from the rows of the file.
bool is_learnt(const FormulaState& stored, const FormulaState& again) {
  return stored.coefficients == again.coefficients && stored.others == again.others &&
         is_same(Eigen::Map<const Vector>(stored.center.data(), std::ssize(stored.center)),
                 Eigen::Map<const Vector>(again.center.data(), std::ssize(again.center))) &&
         same_centers(stored.group_center, again.group_center) &&
         same_lengths(stored.numbers, again.numbers) && stored.levels == again.levels &&
         stored.intercept == again.intercept &&
         std::ranges::equal(stored.predictors, again.predictors, is_learnt);
}

}  // namespace

struct LoadedFit::Model {
  Model(io::FitData used, const Json& config, const Registry& registry, const Layout& stored,
        const std::string& file)
      : data(std::move(used)) {
    // The table belongs to `data`, which lives as long as the design.
    const std::shared_ptr<const Table> table(std::shared_ptr<const Table>(), &data.table);
    const std::string family = config.value("family", "gaussian");
    FormulaOptions options = formula_options(config);
    set_family(registry, family, options);
    parsed = make_design(stored_formulas(config), table, options);
    set_family(registry, family, parsed.design, parsed.row_numbers);
    state = launcher::formula_state(config.at("formula_state"));
    if (parsed.row_numbers.size() != data.row_numbers.size() ||
        !is_same(data.observed, parsed.response()) || !is_learnt(state, parsed.state)) {
      throw io::DamagedFile(fmt::format(
          "'{}' is damaged: its data and what its formula learnt from them do not go together",
          file));
    }
    const Json& model = config.at("model");
    const auto found = registry.model(model.at("name").get<std::string>());
    const auto refusal = guarded("model", found.type->name, "refuses()",
                                 [&] { return found.type->refuses(parsed.design); });
    if (refusal) throw InputError(*refusal);
    const std::vector<std::string> set = settings_of(model.at("settings"));
    settings = Settings(found.type->settings, set, fmt::format("model '{}'", found.type->name));
    std::vector<Parameter> declared = found.type->parameters(parsed.design);
    set_standards(declared, config.at("priors"), found.type->name);
    priors = Priors(std::move(declared), given_priors(config.at("priors")));
    check_priors(priors, config.at("priors"), found.type->name);
    type = narrowed(*found.type, parsed.design, priors);
    fitted = std::make_unique<FittedModel>(
        FittedModel{type, parsed.design, priors, data.row_numbers, [this] {
                      return guarded("model", type.name, "its constructor", [&] {
                        return type.make({parsed.design, priors, settings});
                      });
                    }});
    check_layout(fitted->make()->layout(), stored, type.name);
  }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  io::FitData data;
  ParsedDesign parsed;
  FormulaState state;
  Settings settings;
  Priors priors;
  ModelType type;
  std::unique_ptr<FittedModel> fitted;
};

LoadedFit::LoadedFit(std::filesystem::path path, const Registry& registry, Draws draws)
    : path_(std::move(path)), registry_(registry), file_(path_) {
  if (draws == Draws::needed && file_.posterior().draws() == 0) {
    throw no_draws_yet(path_);
  }
  open_model();
}

LoadedFit::~LoadedFit() = default;

void LoadedFit::open_model() {
  config_ = stored_configuration(file_, path_);
  std::optional<io::FitData> data = file_.data();
  if (!data) {
    why_no_model_ = fmt::format(
        "'{}' does not hold its data, so its model cannot be made again; fit again with this tarn",
        path_.string());
    return;
  }
  try {
    model_ = std::make_unique<Model>(std::move(*data), config_, registry_,
                                     file_.posterior().layout(), path_.string());
  } catch (const Json::exception& error) {
    throw io::DamagedFile(fmt::format("'{}' is damaged: its configuration cannot be read, {}",
                                      path_.string(), error.what()));
  } catch (const io::DamagedFile&) {
    throw;
  } catch (const Error& error) {
    plugin_is_why_ = error.code() == ExitCode::plugin || error.code() == ExitCode::usage;
    why_no_model_ =
        fmt::format("the model of '{}' cannot be made again: {}", path_.string(), error.what());
  }
}

const FittedModel* LoadedFit::model() const noexcept {
  return model_ ? model_->fitted.get() : nullptr;
}

const FittedModel& LoadedFit::required_model() const {
  if (model_) return *model_->fitted;
  if (plugin_is_why_) throw PluginError(why_no_model_);
  throw InputError(why_no_model_);
}

const io::FitData& LoadedFit::data() const {
  required_model();
  return model_->data;
}

const Design& LoadedFit::design() const { return required_model().design; }

const FormulaSummary& LoadedFit::formula() const {
  required_model();
  return model_->parsed.summary;
}

const FormulaState& LoadedFit::formula_state() const {
  required_model();
  return model_->state;
}

const Settings& LoadedFit::model_settings() const {
  required_model();
  return model_->settings;
}

}  // namespace tarn::launcher
