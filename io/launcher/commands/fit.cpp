// tarn fit: data and a formula to draws in a chain file.
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/drawing.hpp"
#include "drawing/interrupt.hpp"
#include "fitting/centering.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/io/libraries.hpp"
#include "tarn/io/unfinished_run.hpp"
#include "tarn/runtime.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

/// R-hat compares the halves of chains: of fewer draws nothing can be said.
constexpr std::uint64_t fewest_draws = 4;
constexpr std::size_t most_for_target = 20;  // draws for each effective one, by default
constexpr std::uint64_t most_chains = 1000;
constexpr std::uint64_t most_draws = 1'000'000'000;

RunPlan read_plan(const Arguments& arguments) {
  RunPlan plan;
  plan.chains = arguments.count("chains", 1, most_chains);
  if (arguments.given("warmup")) plan.warmup = arguments.count("warmup", 0, most_draws);
  if (const auto target = target_of(arguments); target && !arguments.given("draws")) {
    plan.draws = std::max(plan.draws, most_for_target * *target / plan.chains);
  } else {
    plan.draws = arguments.count("draws", fewest_draws, most_draws);
  }
  plan.thin = arguments.count("thin", 1, 1'000'000);
  if (arguments.given("threads")) plan.threads = arguments.count("threads", 1, 4096);
  plan.max_time = arguments.time("max-time");
  plan.seed = arguments.given("seed")
                  ? arguments.count("seed", 0, std::numeric_limits<std::uint64_t>::max())
                  : std::random_device{}();
  return plan;
}

/// Where a sampler learns nothing, a chain only has to forget its start. The same for any number of
/// draws, so that more of them are those of a longer run.
std::size_t enough_warmup(const SamplerType& sampler) {
  constexpr std::size_t to_forget = 500;
  return sampler.learns ? RunPlan{}.warmup : to_forget;
}

/// `radon.csv.gz` -> `radon.h5`, in the working directory.
fs::path standard_output(const std::string& data) {
  fs::path stem = data == "-" ? fs::path("stdin") : fs::path(data).filename();
  if (stem.extension() == ".gz") stem = stem.stem();
  return stem.stem() += ".h5";
}

Settings make_settings(const Arguments& arguments, const ModelType& model,
                       const SamplerType& sampler) {
  std::vector<Setting> declared = model.settings;
  declared.insert(declared.end(), sampler.settings.begin(), sampler.settings.end());
  return Settings(declared, arguments.texts("set"),
                  fmt::format("model '{}' with sampler '{}'", model.name, sampler.name));
}

/// The rows used of the columns used.
std::shared_ptr<const io::FitData> used_data(const Data& data) {
  const ParsedDesign& parsed = data.parsed;
  auto used = std::make_shared<io::FitData>();
  used->row_numbers = parsed.row_numbers;
  used->response = data.design().response;
  used->observed = parsed.response();
  used->table = rows_of(*data.table, parsed.columns, parsed.row_numbers);
  return used;
}

io::Provenance provenance(const Configured& run, const std::string& plan, std::size_t tuning) {
  io::Provenance result;
  result.plan = plan;
  result.name = run.model.name;
  result.model_plugin = run.model_plugin.name;
  result.model_plugin_version = run.model_plugin.version;
  result.sampler = run.sampler.name;
  result.sampler_version = run.sampler_plugin.version;
  result.seed = run.plan.seed;
  result.config = dumped(configuration(run));
  result.data_sha256 = run.data.table->sha256;
  result.build = io::build_text();
  result.thin = run.plan.thin;
  result.warmup = run.plan.warmup;
  result.draws_requested = run.plan.draws;
  result.data = used_data(run.data);
  result.tuning = tuning;
  return result;
}

/// A sampler with what it was told, and the run that it began.
struct Begun {
  SamplerChoice choice;
  Settings settings;
  RunPlan plan;
  std::unique_ptr<Run> run;
};

Begun begin(const Arguments& arguments, const ModelType& model, const Data& data,
            const Priors& priors, SamplerChoice choice, RunPlan plan) {
  const SamplerType& sampler = *choice.sampler.type;
  if (!arguments.given("warmup")) plan.warmup = enough_warmup(sampler);
  Begun begun{std::move(choice), make_settings(arguments, model, sampler), plan, nullptr};
  begun.run = std::make_unique<Run>(model, ModelInput{data.design(), priors, begun.settings},
                                    sampler, begun.settings, plan);
  return begun;
}

/// By the sampler that was chosen; where nobody asked for it and it cannot start, by the next one
/// that fits.
Begun begin_by_any(const Registry& registry, const Arguments& arguments, const ModelType& model,
                   const Data& data, const Priors& priors, const RunPlan& plan) {
  const ModelType fitting = narrowed(model, data.design(), priors);
  SamplerChoice choice = choose_sampler(registry, arguments, fitting);
  const std::string first = choice.sampler.type->name;
  try {
    return begin(arguments, model, data, priors, std::move(choice), plan);
  } catch (const PluginError& why) {
    if (arguments.given("sampler") || arguments.given("set")) throw;
    for (const std::string& name : registry.samplers_fitting(fitting)) {
      if (name == first || registry.sampler(name).type->preference < 0) continue;
      try {
        Begun begun = begin(arguments, model, data, priors,
                            {registry.sampler(name), "the next that fits it"}, plan);
        warn(fmt::format("{}; sampler '{}' is taken instead", why.what(), name));
        return begun;
      } catch (const PluginError&) {  // the first reason is the one to tell
      }
    }
    throw;
  }
}

/// Why draws cost more than they might: a prior that keeps effects and coefficients from being
/// integrated out.
std::string why_not_collapsed(const ModelType& model, const Data& data, const Priors& priors) {
  const auto offers = [](const ModelType& type) {
    return std::ranges::find(type.offers, Collapsed::id) != type.offers.end();
  };
  if (!offers(model) || offers(narrowed(model, data.design(), priors))) return "";
  for (const ParameterPrior& prior : priors.all()) {
    const Subject& subject = prior.parameter.subject;
    if (subject.kind != Subject::Kind::coefficient || !subject.parameter.empty()) continue;
    const Density& density = prior.density;
    if (density.is_conditionally_gaussian() && !density.is_scale_mixture()) continue;
    return fmt::format(
        "note: '{}' is neither normal, scaled_normal nor flat, so nothing is integrated out and "
        "effective draws are fewer",
        prior.text());
  }
  return "";
}

ExitCode fit(const Arguments& arguments) {
  const bool quiet = arguments.flag("quiet");
  const bool json = arguments.flag("json");
  const bool force = arguments.flag("force");
  const RunPlan asked_for = read_plan(arguments);
  const auto target = target_of(arguments);
  const std::string left = "before the first draw; no file is left";
  Interrupt interrupt([&] { return left; }, late(asked_for));
  const Question asked = question(arguments);
  const fs::path out = arguments.given("output") ? fs::path(arguments.text("output"))
                                                 : standard_output(asked.files.front());
  check_data_options(arguments);
  const Registry registry = load_plugins(arguments, quiet);
  check_names(registry, arguments);
  io::check_output(out, force);
  io::check_unfinished(out, force);

  Stopwatch watch;
  const Data data = read_data(registry, arguments, asked);
  const auto [model, model_reason] = choose_model(registry, arguments, data.design());
  const Priors priors = make_priors(arguments, *model.type, data.design());
  if (!quiet) {
    say(rows_sentence(data.formula()));
    for (const std::string& meaning : data.formula().response) say(meaning);
    for (const std::string& note : data.formula().notes) say("note: " + note);
    for (const std::string& note : notes_on_stated(priors, data.design())) say("note: " + note);
  }
  const Begun begun = begin_by_any(registry, arguments, *model.type, data, priors, asked_for);
  const auto& [sampler, sampler_reason] = begun.choice;
  const RunPlan& plan = begun.plan;
  Run& run = *begun.run;
  if (!quiet) {
    say(fmt::format("model {} ({}), sampler {} ({}), seed {}", model.type->name, model_reason,
                    sampler.type->name, sampler_reason, plan.seed));
    const std::string why = why_not_collapsed(*model.type, data, priors);
    if (!why.empty()) say(why);
  }
  Timings timings{.read = data.reading, .set_up = watch.lap() - data.reading};
  const std::string how = run.plan();
  if (!quiet && !how.empty()) say("plan: " + how);
  if (target) check_target(run, sampler.type->name);
  check_size(run, plan, quiet);
  const auto statistics = run.statistics();
  io::ChainWriter writer(
      out, run.layout(), {statistics.begin(), statistics.end()}, plan.chains, plan.draws,
      provenance({arguments, asked, data, *model.type, *model.plugin, *sampler.type,
                  *sampler.plugin, begun.settings, priors, plan, out},
                 how, run.tuning_size()),
      force, nullptr, arguments.flag("durable"));
  timings.create = watch.lap();
  return carry_out({registry, run, writer, interrupt, plan, target, timings, data.parsed.response(),
                    quiet, json});
}

}  // namespace

Command fit_command() {
  Command command;
  command.name = "fit";
  command.summary = "draw from the posterior of a regression";
  command.usage = {"DATA... FORMULA... [options]"};
  command.description =
      "Reads DATA (.csv, .csv.gz or - for standard input; several files are one table), draws from "
      "the posterior of FORMULA, stores the draws in a chain file (HDF5, which ArviZ and netCDF "
      "readers open as it is), and prints the main parameters with a verdict on the draws. Further "
      "formulas predict parameters of the family: 'sigma ~ x', on their links. Model "
      "and sampler are chosen by the formula unless they are named. A signal ends the run and "
      "keeps the draws: SIGINT with exit code 130, SIGTERM and SIGHUP with 75.";
  OptionGroup what = data_options();
  what.options.insert(
      what.options.end(),
      {{"model", "NAME", "model; 'tarn plugin list' shows all"},
       {"sampler", "NAME", "sampler"},
       {"prior",
        "'KEY ~ DENSITY'",
        "a prior; 'tarn priors' shows the keys and the defaults",
        {},
        true},
       {"set", "KEY=VALUE", "an option of model or sampler; see 'tarn plugin info'", {}, true}});
  OptionGroup how_much = {
      "how much",
      {{"chains", "N", "independent chains", "4"},
       {"warmup", "N",
        "transitions of each chain before its first draw; by default 1000, with gibbs 500"},
       {"draws", "N",
        "draws to keep of each chain; with --target-ess by default at most 20 N over all chains, "
        "or 1000",
        "1000"},
       {"thin", "N", "transitions for each draw kept", "1"},
       {"threads", "N", "chains that run at once; by default one on every processor"},
       {"seed", "N", "same seed, same draws, on any number of threads; by default at random"}}};
  const auto stopping = stopping_options();
  how_much.options.insert(how_much.options.end() - 2, stopping.begin(), stopping.end());
  command.groups = {
      what,
      how_much,
      {"what comes out",
       {{"output", "FILE", "chain file; by default DATA's name with .h5", {}, false, 'o'},
        {"force", {}, "replace the chain file if there is one; never that of a run that goes on"},
        durable_option(),
        json_option(),
        {"quiet", {}, "no progress, no remarks", {}, false, 'q'}}},
      common_options()};
  command.examples = {
      {"counties share what they have in common",
       "tarn fit radon.csv 'log_radon ~ floor + (1 | county)' -o radon.h5"},
      {"a prior of one's own, and a seed to repeat the run by",
       "tarn fit radon.csv 'log_radon ~ floor' --prior 'sigma ~ half_normal(1)' --seed 1"},
      {"a residual standard deviation that depends on a covariate",
       "tarn fit d.csv 'y ~ x + (1 | g)' 'sigma ~ x'"},
      {"compressed data from elsewhere",
       "curl -s https://example.org/d.csv.gz | tarn fit - 'y ~ x' -o d.h5"}};
  command.run = fit;
  return command;
}

}  // namespace tarn::launcher
