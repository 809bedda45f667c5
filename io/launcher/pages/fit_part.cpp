// Makes the report's sections of a fit from its chain file and its findings.
#include "pages/fit_part.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "figures.hpp"
#include "fits/judgement.hpp"
#include "fits/stored_configuration.hpp"
#include "fitting/centering.hpp"
#include "fitting/configuration.hpp"
#include "report/figure_json.hpp"
#include "report/numbers.hpp"
#include "report/summary_table.hpp"
#include "tarn/family.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_rows = 500;     // of a table in the page
constexpr std::size_t most_main = 40;      // parameters in the table
constexpr std::size_t worst_effects = 10;  // group effects beside them

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string sentence(const std::string& text) {
  const std::string capital = capitalised(text);
  return capital.ends_with('.') || capital.ends_with('?') ? capital : capital + '.';
}

std::vector<std::string> texts(const Json& object, const char* key) {
  return object.value(key, std::vector<std::string>{});
}

std::string rows_text(const Json& design) {
  FormulaSummary formula;
  formula.rows_read = design.value("rows_read", std::size_t{0});
  formula.rows_used = design.value("rows_used", std::size_t{0});
  formula.dropped = texts(design, "dropped");
  return rows_sentence(formula);
}

/// "county (85 levels)".
std::string groups_text(const Json& design) {
  std::vector<std::string> groups;
  for (const Json& factor : design.value("factors", Json::array())) {
    if (!factor.value("coding", "").empty()) continue;  // of the population part
    groups.push_back(fmt::format("{} ({})", factor.value("name", ""),
                                 count_of(factor.value("levels", Json::array()).size(), "level")));
  }
  return groups.empty() ? "" : list_of(groups);
}

void add(html::FitPart& part, std::string term, std::string description) {
  if (!description.empty()) part.card.emplace_back(std::move(term), std::move(description));
}

/// "poisson, link log".
std::string family_text(const LoadedFit& fit) {
  std::string name = fit.config().value("family", "gaussian");
  if (fit.model() == nullptr || name.find('(') != std::string::npos) return name;
  return fmt::format("{}, link {}", name, to_string(fit.design().family->link()));
}

void fill_card(html::FitPart& part, const LoadedFit& fit) {
  const io::ChainFile& file = fit.file();
  const Json& config = fit.config();
  const Json design = config.value("design", Json::object());
  const Json run = config.value("run", Json::object());
  add(part, "Formula", formulas_text(stored_formulas(config)));
  add(part, "Data", config.value("data", Json::object()).value("source", ""));
  if (!design.empty()) add(part, "Rows", rows_text(design));
  add(part, "Groups", groups_text(design));
  add(part, "Family", family_text(fit));
  add(part, "Model",
      fmt::format("{} {}", file.attribute("name"), file.attribute("tarn_model_plugin_version")));
  std::string sampler =
      fmt::format("{} {}", file.attribute("tarn_sampler"), file.attribute("tarn_sampler_version"));
  if (const std::string plan = file.attribute("tarn_plan"); !plan.empty()) sampler += ": " + plan;
  add(part, "Sampler", sampler);
  std::string draws = fmt::format("{} of {}", count_of(file.posterior().chains(), "chain"),
                                  count_of(file.posterior().draws(), "draw"));
  if (run.contains("warmup")) {
    draws += fmt::format(" after {} of warm-up", grouped(run.value("warmup", std::size_t{0})));
  }
  add(part, "Chains", draws);
  add(part, "Time", duration_text(file.sampling_seconds()) + " of sampling in the slowest chain");
  add(part, "Seed", file.attribute("tarn_seed"));
  add(part, "Made",
      fmt::format("{} by tarn {}", file.attribute("created_at"),
                  file.attribute("inference_library_version")));
  add(part, "Chain file", fit.path().string());
  add(part, "Data's SHA-256", file.attribute("tarn_data_sha256"));
}

html::PageTable priors_table(const Json& priors) {
  using Align = TextTable::Align;
  TextTable table({{"parameter", Align::left}, {"prior", Align::left}, {"from", Align::left}});
  for (const Json& prior : priors) {
    table.add({prior.value("key", "") + (prior.value("square", false) ? "²" : ""),
               prior.value("density", ""),
               source_text(prior.value("source", ""), prior.value("at_means", false))});
  }
  return {"Priors", std::move(table)};
}

bool is_group_effect(const std::string& name) { return name.starts_with("r_"); }

/// The main parameters, and those of the others that mix worst.
html::PageTable parameters_table(const ReportTable& table, double interval,
                                 const std::set<std::string>& internal) {
  const std::size_t rhat = column_of(table, "rhat");
  std::vector<std::size_t> shown, others;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const bool is_main = !is_group_effect(table.rows[row]) && !internal.contains(table.rows[row]) &&
                         shown.size() < most_main;
    (is_main ? shown : others).push_back(row);
  }
  const std::size_t main = shown.size();
  std::ranges::stable_sort(others, std::ranges::greater(),
                           [&](std::size_t row) { return table.at(row, rhat); });
  const std::size_t worst = std::min(others.size(), worst_effects);
  shown.insert(shown.end(), others.begin(), others.begin() + as_index(worst));
  html::PageTable result{
      fmt::format("Parameters, with {:g} % equal-tailed intervals", 100 * interval),
      summary_table(table, shown)};
  if (others.size() > worst) {
    result.note = fmt::format(
        "Of {} those {} are shown whose R-hat is largest, after {}. mcse: Monte Carlo standard "
        "error of the mean; digits that it does not support are left out.",
        count_of(others.size(),
                 is_group_effect(table.rows[others[0]]) ? "group effect" : "parameter"),
        worst, count_of(main, "other parameter"));
  } else {
    result.note =
        "mcse: Monte Carlo standard error of the mean; digits that it does not support are left "
        "out.";
  }
  return result;
}

html::PageTable plain(const ReportTable& table) {
  html::PageTable result{table.title.empty() ? capitalised(in_words(table.name)) : table.title,
                         plain_table(table, most_rows)};
  if (table.rows.size() > most_rows) {
    result.note = fmt::format("The first {} of {} are shown; tarn check --json prints them all.",
                              most_rows, count_of(table.rows.size(), "row"));
  }
  return result;
}

bool has_columns(const ReportTable& table, std::initializer_list<const char*> names) {
  return std::ranges::all_of(names, [&](const char* name) {
    return std::ranges::find(table.columns, name) != table.columns.end();
  });
}

/// Names of figures come from names of groups, too: made fit for files, and different.
void add_figures(const Diagnosed& one, html::Section& section, html::FitPart& part) {
  std::set<std::string> taken;
  for (const html::Section& other : part.sections) {
    for (const Figure& figure : other.figures) taken.insert(figure.name);
  }
  for (Figure figure : one.report.figures()) {
    std::ranges::replace_if(
        figure.name, [](unsigned char c) { return c >= 128 || !std::isalnum(c); }, '_');
    for (const std::string stem = figure.name; !taken.insert(figure.name).second;) {
      figure.name = fmt::format("{}_{}", stem, taken.size());
    }
    try {
      check(figure);
      section.figures.push_back(std::move(figure));
    } catch (const PluginError& error) {
      part.left_out.push_back(fmt::format("{}: {}", one.type->name, error.what()));
    }
  }
}

html::Section section(const Diagnosed& one, double interval,
                      const std::set<std::string>& internal) {
  html::Section result;
  result.title = one.type->title.empty() ? capitalised(in_words(one.type->name)) : one.type->title;
  result.introduction = sentence(one.type->summary);
  result.findings = one.report.findings();
  std::ranges::stable_sort(result.findings, std::ranges::greater(), &Finding::level);
  for (const ReportTable& table : one.report.tables()) {
    if (table.rows.empty()) continue;
    const bool is_parameters =
        has_columns(table, {"mean", "sd", "mcse_mean", "rhat", "ess_bulk", "ess_tail"});
    result.tables.push_back(is_parameters ? parameters_table(table, interval, internal)
                                          : plain(table));
  }
  return result;
}

}  // namespace

html::FitPart fit_part(const LoadedFit& fit, const std::vector<Diagnosed>& diagnosed,
                       double interval) {
  const io::ChainFile& file = fit.file();
  html::FitPart part;
  part.title = fit.path().string();
  part.approximate = is_approximate(file);
  if (!file.complete()) {
    part.notices.push_back(fmt::format(
        "This run is unfinished: {} of {} per chain are there, and the report is made of those.",
        grouped(file.posterior().draws()), count_of(file.draws_requested(), "draw")));
  }
  if (!fit.model()) {
    part.notices.push_back(sentence(fit.why_no_model()) +
                           " The report is made of what the draws alone give.");
  }
  fill_card(part, fit);
  const std::set<std::string> internal = internal_elements(file.posterior().layout());
  const Json priors = fit.config().value("priors", Json::array());
  if (!priors.empty()) part.tables.push_back(priors_table(priors));
  for (const Diagnosed& one : diagnosed) {
    const Report& said = one.report;
    if (!one.why_not.empty()) {
      part.left_out.push_back(
          fmt::format("{} ({}): {}", one.type->name, one.type->summary, one.why_not));
    } else if (!said.findings().empty() || !said.tables().empty() || !said.figures().empty()) {
      html::Section here = section(one, interval, internal);
      add_figures(one, here, part);
      part.sections.push_back(std::move(here));
    }
  }
  return part;
}

html::Section comparison_section(const Comparison& comparison) {
  html::Section section{.title = "Model comparison: which fit predicts best?",
                        .introduction = sentence(heading(comparison) + ", the best first")};
  for (const std::string& text : comparison.sentences) section.remarks.push_back(text + ".");
  section.tables.push_back({"Expected log predictive density", table_of(comparison),
                            "elpd: higher is better; elpd_diff: from the best, with its standard "
                            "error; weight: in the best combination; bad_k: rows for which the "
                            "estimate is not reliable."});
  FigureColumn names{"fit"}, low{"low"}, high{"high"}, difference{"difference"};
  for (const Compared& fit : comparison.fits) {
    names.texts.push_back(fit.name());
    difference.numbers.push_back(fit.difference.elpd);
    low.numbers.push_back(fit.difference.elpd - fit.difference.se);
    high.numbers.push_back(fit.difference.elpd + fit.difference.se);
  }
  section.figures.push_back(Figure{
      .name = "comparison",
      .title = "Difference in elpd from the best fit",
      .caption =
          "Difference in expected log predictive density from the best fit, and its standard "
          "error to both sides. A fit whose line comes near zero predicts about as well.",
      .specification = std::string(figures::comparison),
      .data = {{"fits", {names, difference, low, high}}}});
  return section;
}

}  // namespace tarn::launcher
