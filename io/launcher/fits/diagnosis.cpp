// All diagnostics that apply to a fit.
#include "fits/diagnosis.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <tuple>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "command_line/option_file.hpp"
#include "fits/refitting.hpp"
#include "fits/stored_configuration.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

/// Why a diagnostic does not apply to a fit, or nothing.
std::string why_not(const DiagnosticType& type, const LoadedFit& fit) {
  for (const std::string& need : type.needs) {
    if (need == "statistics") {
      if (fit.file().statistics().layout().blocks() > 0) continue;
      return fmt::format("the sampler '{}' reported no statistics",
                         fit.file().attribute("tarn_sampler"));
    }
    if (fit.model() == nullptr) return fit.why_no_model();
    if (need == "model") continue;
    const ModelType& model = fit.model()->type;
    const auto has = [&need](const std::vector<std::string>& ids) {
      return std::ranges::find(ids, need) != ids.end();
    };
    if (!has(model.offers) || has(model.withheld)) {
      return fmt::format("it needs {}, which model '{}' does not offer", need, model.name);
    }
  }
  return "";
}

/// What a column was called before 0.4: written beside the new name for one more release.
std::string old_name(const std::string& column) {
  if (column == "prior_half_width") return "prior_spread";
  if (column == "posterior_half_width") return "posterior_spread";
  return "";
}

std::vector<const DiagnosticType*> chosen(const Registry& registry,
                                          const std::vector<std::string>& only) {
  std::vector<const DiagnosticType*> types;
  if (!only.empty()) {
    for (const std::string& name : only) types.push_back(registry.diagnostic(name).type);
  } else {
    for (const auto& plugin : registry.plugins()) {
      for (const DiagnosticType& type : plugin->types.diagnostics) types.push_back(&type);
    }
  }
  std::ranges::sort(types, [](const DiagnosticType* a, const DiagnosticType* b) {
    return std::tie(a->place, a->name) < std::tie(b->place, b->name);
  });
  return types;
}

}  // namespace

std::vector<Diagnosed> diagnose(const LoadedFit& fit, const DiagnosisOptions& options) {
  std::vector<Diagnosed> all;
  const Refitting refitting(fit);
  Fit what{.posterior = fit.file().posterior(),
           .statistics = &fit.file().statistics(),
           .model = fit.model(),
           .truth = options.truth,
           .wants_figures = options.figures,
           .seed = stored_seed(fit.file(), fit.path()),
           .threads = std::max(1u, std::thread::hardware_concurrency())};
  if (fit.model() != nullptr) what.observed = &fit.data().observed;
  refitting.offer(what);
  for (const DiagnosticType* type : chosen(fit.registry(), options.only)) {
    Diagnosed& here = all.emplace_back(Diagnosed{type, {}, why_not(*type, fit)});
    if (!here.why_not.empty()) continue;
    const auto given = options.settings.find(type->name);
    const Settings settings(
        type->settings,
        given == options.settings.end() ? std::vector<std::string>{} : given->second,
        fmt::format("diagnostic '{}'", type->name));
    try {
      guarded("diagnostic", type->name, "evaluate()",
              [&] { type->make(settings)->evaluate(what, here.report); });
    } catch (const UsageError&) {
      throw;
    } catch (const io::DamagedFile&) {
      throw;
    } catch (const IoError&) {
      throw;
    } catch (const Error& error) {
      here.report = {};
      here.why_not = error.what();
    }
  }
  return all;
}

Finding::Level worst(const std::vector<Diagnosed>& all) {
  Finding::Level level = Finding::Level::good;
  for (const Diagnosed& one : all) {
    for (const Finding& finding : one.report.findings()) level = std::max(level, finding.level);
  }
  return level;
}

std::map<std::string, double> read_truth(const std::string& file) {
  if (!std::filesystem::exists(file)) throw InputError(fmt::format("there is no file '{}'", file));
  try {
    return nlohmann::json::parse(read_option_file(file, "--truth"))
        .get<std::map<std::string, double>>();
  } catch (const nlohmann::json::exception& error) {
    throw InputError(
        fmt::format("'{}' holds no true values: an object such as {{\"b[x]\": 1.5}} was expected "
                    "({})",
                    file, error.what()));
  }
}

nlohmann::ordered_json to_json(const std::vector<Finding>& findings) {
  constexpr const char* levels[] = {"good", "note", "bad"};
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    list.push_back(
        {{"level", levels[static_cast<int>(finding.level)]}, {"sentence", finding.sentence}});
  }
  return list;
}

nlohmann::ordered_json to_json(const ReportTable& table) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    nlohmann::ordered_json entry{{"name", table.rows[row]}};
    for (std::size_t k = 0; k < table.columns.size(); ++k) {
      entry[table.columns[k]] = table.at(row, k);  // NaN, "cannot say", becomes null
    }
    for (std::size_t k = 0; k < table.columns.size(); ++k) {
      if (const auto old = old_name(table.columns[k]); !old.empty()) entry[old] = table.at(row, k);
    }
    rows.push_back(std::move(entry));
  }
  return {{"name", table.name}, {"rows", std::move(rows)}};
}

}  // namespace tarn::launcher
