// tarn formula: what a formula becomes over a data set.
#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/description.hpp"
#include "fits/stored_configuration.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"

namespace tarn::launcher {
namespace {

/// Of a chain file: what its formula became.
ExitCode formula_of_fit(const Arguments& arguments) {
  const std::string& name = arguments.words().front();
  const io::ChainFile file(name);
  const FormulaSummary formula = stored_formula(stored_configuration(file, name));
  if (arguments.flag("json")) {
    nlohmann::ordered_json object{{"schema_version", 1}, {"file", name}};
    object.update(to_json(formula));
    print(dumped(object));
  } else {
    print(fmt::format("{}, as it was fitted\n\n{}", name, formula_text(formula, nullptr)));
  }
  return ExitCode::done;
}

ExitCode formula(const Arguments& arguments) {
  if (is_about_a_fit(arguments)) return formula_of_fit(arguments);
  const Question asked = question(arguments);
  const bool json = arguments.flag("json");
  const Data data = read_data(load_plugins(arguments, true), arguments, asked);
  if (json) {
    nlohmann::ordered_json object{{"schema_version", 1}};
    object.update(to_json(data.formula()));
    print(dumped(object));
  } else {
    print(formula_text(data.formula(), &data.design()));
  }
  return ExitCode::done;
}

}  // namespace

Command formula_command() {
  Command command;
  command.name = "formula";
  command.summary = "expanded terms, columns, levels, rows kept and dropped";
  command.usage = {"DATA... FORMULA... [options]", "FILE [--json]"};
  command.description =
      "Shows what a formula becomes over the data: its terms as they are expanded, the columns of "
      "the design matrix, factors with their levels and reference levels, what transformations "
      "learnt from the data, and how many rows are used. Nothing is drawn. Of a chain file it "
      "shows "
      "what the formula of the fit became.";
  command.groups = {data_options(), {"what comes out", {json_option()}}, common_options()};
  command.examples = {
      {"which coefficients will there be?", "tarn formula d.csv 'y ~ (a + b)^2 + log(x)'"},
      {"what a fit had", "tarn formula fit.h5"},
      {"another reference level", "tarn formula d.csv 'y ~ C(treatment, ref=placebo)'"},
      {"a formula for the residual standard deviation, too",
       "tarn formula d.csv 'y ~ x' 'sigma ~ x'"}};
  command.run = formula;
  return command;
}

}  // namespace tarn::launcher
