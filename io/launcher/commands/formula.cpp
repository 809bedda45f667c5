// tarn formula: what a formula becomes over a data set.
#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"
#include "report/text_table.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t label_width = 14;

void add_line(std::string& text, const std::string& label, const std::string& value) {
  std::string line = label;
  line.append(label_width - std::min(label.size(), label_width - 1), ' ');
  text += wrapped(line + value, 100, label_width) + '\n';
}

std::string describe(const FormulaSummary::Factor& factor) {
  std::string text =
      fmt::format("{} with {}", factor.name, count_of(factor.levels.size(), "level"));
  if (!factor.coding.empty()) text += fmt::format(", {} coding", factor.coding);
  if (!factor.reference.empty()) text += fmt::format(", reference {}", factor.reference);
  return text + fmt::format(": {}", list_of(factor.levels));
}

/// What is said of each formula.
void add_formula(std::string& text, const FormulaSummary& formula, const std::string& predicted) {
  add_line(text, "formula", formula.formula);
  if (!predicted.empty()) add_line(text, "predicts", predicted);
  for (const std::string& meaning : formula.response) add_line(text, "response", meaning);
  add_line(text, "terms", list_of(formula.terms, 100));
  add_line(text, "columns", list_of(formula.columns, 100));
  if (!formula.group_terms.empty())
    add_line(text, "group terms", list_of(formula.group_terms, 100));
  for (const auto& factor : formula.factors) {
    add_line(text, factor.coding.empty() ? "groups" : "factor", describe(factor));
  }
  for (const std::string& learnt : formula.learnt) add_line(text, "learnt", learnt);
}

std::string as_text(const FormulaSummary& formula, const Design& design) {
  std::string text;
  add_formula(text, formula, "");
  for (std::size_t k = 0; k < formula.predictors.size(); ++k) {
    add_formula(text, formula.predictors[k],
                predicted_text(design.predictors[k].parameter, design));
  }
  for (const std::string& note : formula.notes) add_line(text, "note", note);
  add_line(text, "rows", rows_sentence(formula));
  return text;
}

ExitCode formula(const Arguments& arguments) {
  const Question asked = question(arguments);
  const bool json = arguments.flag("json");
  const Data data = read_data(load_plugins(arguments, true), arguments, asked);
  if (json) {
    nlohmann::ordered_json object{{"schema_version", 1}};
    object.update(to_json(data.formula()));
    print(dumped(object));
  } else {
    print(as_text(data.formula(), data.design()));
  }
  return ExitCode::done;
}

}  // namespace

Command formula_command() {
  Command command;
  command.name = "formula";
  command.summary = "expanded terms, columns, levels, rows kept and dropped";
  command.usage = {"DATA... FORMULA... [options]"};
  command.description =
      "Shows what a formula becomes over the data: its terms as they are expanded, the columns of "
      "the design matrix, factors with their levels and reference levels, what transformations "
      "learnt from the data, and how many rows are used. Nothing is drawn.";
  command.groups = {data_options(), {"what comes out", {json_option()}}, common_options()};
  command.examples = {
      {"which coefficients will there be?", "tarn formula d.csv 'y ~ (a + b)^2 + log(x)'"},
      {"another reference level", "tarn formula d.csv 'y ~ C(treatment, ref=placebo)'"},
      {"a formula for the residual standard deviation, too",
       "tarn formula d.csv 'y ~ x' 'sigma ~ x'"}};
  command.run = formula;
  return command;
}

}  // namespace tarn::launcher
