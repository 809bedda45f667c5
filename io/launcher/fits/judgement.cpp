// Main parameters first: group effects are judged where that costs little, shown where asked for.
#include "fits/judgement.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "expressions/pattern.hpp"
#include "fits/diagnosis.hpp"
#include "report/numbers.hpp"
#include "report/summary_table.hpp"
#include "report/text_table.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_shown = 25;
constexpr std::size_t cheap_to_judge = 2000;  // parameters: a fraction of a second

bool is_group_effect(const Block& block) { return block.name.starts_with("r_"); }

/// A parameter by its own name or by its variable's.
struct Name {
  std::string element;
  std::size_t block;
};

std::vector<Name> names_of(const Layout& layout) {
  std::vector<Name> names;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    for (std::size_t e = 0; e < layout.block(b).size(); ++e) {
      if (layout.block(b).is_own(e)) names.push_back({layout.element_name(b, e), b});
    }
  }
  return names;
}

[[noreturn]] void no_match(const std::string& pattern, const Layout& layout) {
  std::vector<std::string> variables;
  for (std::size_t b = 0; b < layout.blocks(); ++b) variables.push_back(layout.block(b).name);
  throw UsageError(fmt::format("no parameter '{}' in this file; {}its variables are {}", pattern,
                               expressions::hint(expressions::Names(layout), pattern),
                               list_of(variables)));
}

/// The names that some pattern matches; all patterns must match something.
std::vector<std::string> matching(const std::vector<std::string>& patterns, const Layout& layout,
                                  std::vector<bool>& blocks) {
  const std::vector<Name> names = names_of(layout);
  std::vector<bool> taken(names.size(), false);
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string& variable = layout.block(names[i].block).name;
      if (!expressions::matches(names[i].element, pattern) &&
          !expressions::matches(variable, pattern)) {
        continue;
      }
      any = taken[i] = blocks[names[i].block] = true;
    }
    if (!any) no_match(pattern, layout);
  }
  std::vector<std::string> result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (taken[i]) result.push_back(names[i].element);
  }
  return result;
}

std::string joined(const Layout& layout, const std::vector<bool>& blocks) {
  std::string text;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    if (blocks[b]) text += (text.empty() ? "" : ",") + layout.block(b).name;
  }
  return text;
}

std::string quantiles(double interval) {
  // Rounded, so that 0.95 gives 0.025 and not 0.025000000000000022.
  const double tail = std::round((1 - interval) / 2 * 1e12) / 1e12;
  return fmt::format("{},{}", tail, 1 - tail);
}

}  // namespace

bool is_approximate(const io::ChainFile& file) {
  return !file.attribute("tarn_approximate").empty();
}

std::set<std::string> internal_elements(const Layout& layout) {
  std::set<std::string> names;
  for (const Name& name : names_of(layout)) {
    if (layout.block(name.block).internal) names.insert(name.element);
  }
  return names;
}

std::vector<bool> judged_blocks(const Layout& layout) {
  std::vector<bool> judged(layout.blocks(), true);
  if (layout.size() <= cheap_to_judge) return judged;
  for (std::size_t b = 0; b < layout.blocks(); ++b) judged[b] = !is_group_effect(layout.block(b));
  return judged;
}

std::size_t judged_parameters(const Layout& layout) {
  const std::vector<bool> judged = judged_blocks(layout);
  std::size_t count = 0;
  for (std::size_t b = 0; b < layout.blocks(); ++b) count += judged[b] ? layout.block(b).size() : 0;
  return count;
}

Judgement evaluate(const Registry& registry, const io::ChainFile& file, const Vector* observed,
                   const Selection& selection) {
  const Layout& layout = file.posterior().layout();
  std::vector<bool> judged(layout.blocks(), true);
  std::vector<std::string> wanted;
  const bool all_judged = selection.all || layout.size() <= cheap_to_judge;
  if (!selection.patterns.empty()) {
    judged.assign(layout.blocks(), false);
    wanted = matching(selection.patterns, layout, judged);
  } else if (!all_judged) {
    judged = judged_blocks(layout);
  }

  const std::string ends = quantiles(selection.interval);
  const Fit fit{
      .posterior = file.posterior(), .statistics = &file.statistics(), .observed = observed};
  Report report;
  const auto add = [&](const std::string& name, const std::vector<std::string>& given) {
    const DiagnosticType& type = *registry.diagnostic(name).type;
    const Settings settings(type.settings, given, "diagnostic '" + name + "'");
    guarded("diagnostic", name, "evaluate()", [&] { type.make(settings)->evaluate(fit, report); });
  };
  add("noise", {});  // where there is none, the rest follows from that
  add("convergence",
      {"quantiles=" + ends, "mcse_quantiles=" + ends, "blocks=" + joined(layout, judged)});

  Judgement result;
  result.approximate = is_approximate(file);
  result.findings = report.findings();
  const auto table = std::ranges::find(report.tables(), "parameters", &ReportTable::name);
  if (table == report.tables().end()) {
    throw PluginError("diagnostic 'convergence' gives no table 'parameters'");
  }
  result.parameters = *table;

  // Rows are in the order of the layout, so one pass is enough.
  const std::set<std::string> hidden = internal_elements(layout);
  std::size_t group_effects = 0, internal = 0, cut = 0, next = 0;
  const auto row_names = result.parameters.rows;
  for (std::size_t row = 0; row < row_names.size(); ++row) {
    if (!wanted.empty()) {
      if (next < wanted.size() && row_names[row] == wanted[next]) {
        result.shown.push_back(row);
        ++next;
      }
    } else if (!selection.all && row_names[row].starts_with("r_")) {
      ++group_effects;
    } else if (!selection.all && hidden.contains(row_names[row])) {
      ++internal;
    } else if (!selection.all && result.shown.size() == most_shown) {
      ++cut;
    } else {
      result.shown.push_back(row);
    }
  }
  if (!all_judged && wanted.empty()) {
    for (std::size_t b = 0; b < layout.blocks(); ++b) {
      if (!judged[b]) group_effects += layout.block(b).size();
    }
    result.left_out = fmt::format("{} neither shown nor judged: --all does both",
                                  count_of(group_effects, "group effect"));
  } else if (group_effects + internal + cut > 0) {
    std::string what = count_of(group_effects + internal + cut, "parameter");
    if (cut == 0 && group_effects > 0) {
      what = count_of(group_effects, "group effect");
      if (internal > 0) what += " and " + count_of(internal, "internal parameter");
    }
    result.left_out = fmt::format("{} judged but not shown: --all shows them", what);
  }
  return result;
}

nlohmann::ordered_json to_json(const Judgement& judgement, const io::ChainFile& file,
                               const Selection& selection) {
  nlohmann::ordered_json parameters = nlohmann::ordered_json::array();
  const ReportTable& table = judgement.parameters;
  for (const std::size_t row : judgement.shown) {
    nlohmann::ordered_json entry{{"name", table.rows[row]}};
    for (std::size_t k = 0; k < table.columns.size(); ++k) {
      const std::string& column = table.columns[k];
      // NaN, "cannot say", becomes null.
      entry[column == "mcse_mean" ? "mcse" : column] = table.at(row, k);
    }
    parameters.push_back(std::move(entry));
  }
  return {{"schema_version", 1},
          {"model", file.attribute("name")},
          {"sampler", file.attribute("tarn_sampler")},
          {"seed", file.attribute("tarn_seed")},
          {"chains", file.posterior().chains()},
          {"draws", file.posterior().draws()},
          {"draws_requested", file.draws_requested()},
          {"complete", file.complete()},
          {"approximate", judgement.approximate},
          {"sampling_seconds", file.sampling_seconds()},
          {"interval", {{"kind", "equal_tailed"}, {"probability", selection.interval}}},
          {"parameters", std::move(parameters)},
          {"left_out", judgement.left_out},
          {"verdict", verdict_word(judgement.findings)},
          {"findings", to_json(judgement.findings)}};
}

std::string to_text(const Judgement& judgement) {
  std::string text = summary_table(judgement.parameters, judgement.shown).text();
  if (!judgement.left_out.empty()) text += "(" + judgement.left_out + ")\n";
  return text + '\n' + verdict_text(judgement.findings, judgement.approximate);
}

std::string heading(const io::ChainFile& file, double interval) {
  return fmt::format("{} of {}, {:g} % equal-tailed intervals",
                     count_of(file.posterior().chains(), "chain"),
                     count_of(file.posterior().draws(), "draw"), 100 * interval);
}

}  // namespace tarn::launcher
