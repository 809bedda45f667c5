// tarn fit: data and a formula to draws in a chain file.
#include <filesystem>
#include <limits>
#include <optional>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "fits/judgement.hpp"
#include "report/numbers.hpp"
#include "run/configuration.hpp"
#include "run/interrupt.hpp"
#include "run/preparation.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/io/libraries.hpp"
#include "tarn/runtime.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

/// R-hat compares the halves of chains: of fewer draws nothing can be said.
constexpr std::uint64_t fewest_draws = 4;
constexpr std::uint64_t most_chains = 1000;
constexpr std::uint64_t most_draws = 1'000'000'000;

RunPlan read_plan(const Arguments& arguments) {
  RunPlan plan;
  plan.chains = arguments.count("chains", 1, most_chains);
  if (arguments.given("warmup")) plan.warmup = arguments.count("warmup", 0, most_draws);
  plan.draws = arguments.count("draws", fewest_draws, most_draws);
  plan.thin = arguments.count("thin", 1, 1'000'000);
  if (arguments.given("threads")) plan.threads = arguments.count("threads", 1, 4096);
  plan.max_time = arguments.time("max-time");
  plan.seed = arguments.given("seed")
                  ? arguments.count("seed", 0, std::numeric_limits<std::uint64_t>::max())
                  : std::random_device{}();
  return plan;
}

/// What forgets the start of any chain that is not refused for too few effective draws: there are a
/// hundred autocorrelation times in such a chain, so ten of them in this. A sampler that learns
/// needs its time whatever it has to draw.
std::size_t enough_warmup(const SamplerType& sampler, const RunPlan& plan) {
  if (sampler.learns) return RunPlan{}.warmup;
  return std::max<std::size_t>(100, plan.draws * plan.thin / 10);
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

std::string how_it_ended(const RunOutcome& outcome, const std::optional<fs::path>& file,
                         const Interrupt& interrupt) {
  const bool interrupted = outcome.end == RunOutcome::End::interrupted;
  if (!file) {
    return interrupted ? interrupt.words() + " before every chain had a draw; no file is left"
                       : "time was up before every chain had a draw, and no file is left; raise "
                         "--max-time or lower --warmup";
  }
  return fmt::format("{} after {} per chain; they are in {}",
                     interrupted ? interrupt.words() : "time is up",
                     count_of(outcome.draws, "draw"), file->string());
}

ExitCode exit_code(RunOutcome::End end, const Interrupt& interrupt) {
  switch (end) {
    case RunOutcome::End::interrupted:
      return interrupt.code();
    case RunOutcome::End::out_of_time:
      return ExitCode::stopped;
    case RunOutcome::End::complete:
      break;
  }
  return ExitCode::done;
}

/// Draws until the end, whatever it is. Leaves a file, or throws and leaves none.
RunOutcome draw(Run& run, io::ChainWriter& writer, const Interrupt& interrupt, bool quiet) {
  ProgressLine line(quiet);
  return run.go(
      writer, [&](const RunProgress& at) { line.show(at); }, interrupt.token());
}

struct Timings {
  Seconds read;         // files to columns
  Seconds set_up;       // columns to a model and a sampler that are ready for draws
  Seconds create = {};  // the chain file
  Seconds draw = {};    // warm-up and draws of all chains, written
};

nlohmann::ordered_json to_json(const Seconds& seconds) {
  return {{"wall", seconds.wall}, {"cpu", seconds.cpu}};
}

void show(const Registry& registry, const io::ChainFile& file, const fs::path& path, bool json,
          const RunOutcome& outcome, const Timings& timings) {
  const Selection selection;
  Judgement judgement = judge(registry, file, selection);
  for (const std::string& failure : outcome.failures) {
    judgement.findings.push_back(
        {Finding::Level::bad, failure + "; where one chain fails, the others may be wrong, too"});
  }
  if (json) {
    nlohmann::ordered_json object = to_json(judgement, file, selection);
    object["file"] = path.string();
    if (const std::string plan = file.attribute("tarn_plan"); !plan.empty()) object["plan"] = plan;
    object["warmup_seconds"] = outcome.warmup_seconds;
    object["seconds"] = {{"read", to_json(timings.read)},
                         {"set_up", to_json(timings.set_up)},
                         {"create", to_json(timings.create)},
                         {"draw", to_json(timings.draw)}};
    object["failures"] = outcome.failures;
    print(dumped(object));
  } else {
    print(fmt::format("{}\n\n{}\ndraws: {}\n", heading(file, selection.interval),
                      to_text(judgement), path.string()));
  }
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

io::Provenance provenance(const Configured& run, const std::string& plan) {
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
  return result;
}

/// Tells of chains that failed; throws where none is left.
void report_failures(const RunOutcome& outcome, std::size_t chains, io::ChainWriter& writer) {
  if (outcome.failed.size() == chains) {
    writer.discard();
    throw SamplingError(fmt::format("all {} failed, and no file is left; {}",
                                    count_of(chains, "chain"), outcome.failures.front()));
  }
  for (const std::string& failure : outcome.failures) {
    warn(failure + "; it is left out, the other chains are kept");
  }
}

ExitCode fit(const Arguments& arguments) {
  const bool quiet = arguments.flag("quiet");
  const bool json = arguments.flag("json");
  const bool force = arguments.flag("force");
  RunPlan plan = read_plan(arguments);
  Interrupt interrupt;
  const Question asked = question(arguments);
  const fs::path out = arguments.given("output") ? fs::path(arguments.text("output"))
                                                 : standard_output(asked.files.front());
  check_data_options(arguments);
  const Registry registry = load_plugins(arguments, quiet);
  check_names(registry, arguments);
  io::check_output(out, force);

  Stopwatch watch;
  const Data data = read_data(arguments, asked);
  const auto [model, model_reason] = choose_model(registry, arguments, data.design());
  const Priors priors = make_priors(arguments, *model.type, data.design());
  const auto [sampler, sampler_reason] =
      choose_sampler(registry, arguments, narrowed(*model.type, data.design(), priors));
  if (!arguments.given("warmup")) plan.warmup = enough_warmup(*sampler.type, plan);
  const Settings settings = make_settings(arguments, *model.type, *sampler.type);
  if (!quiet) {
    say(rows_sentence(data.formula()));
    for (const std::string& meaning : data.formula().response) say(meaning);
    say(fmt::format("model {} ({}), sampler {} ({}), seed {}", model.type->name, model_reason,
                    sampler.type->name, sampler_reason, plan.seed));
  }

  Run run(*model.type, {data.design(), priors, settings}, *sampler.type, settings, plan);
  Timings timings{.read = data.reading, .set_up = watch.lap() - data.reading};
  const std::string how = run.plan();
  if (!quiet && !how.empty()) say("plan: " + how);
  const auto statistics = run.statistics();
  io::ChainWriter writer(out, run.layout(), {statistics.begin(), statistics.end()}, plan.chains,
                         plan.draws,
                         provenance({arguments, asked, data, *model.type, *model.plugin,
                                     *sampler.type, *sampler.plugin, settings, priors, plan, out},
                                    how),
                         force);
  interrupt.keep_draws();
  timings.create = watch.lap();
  const RunOutcome outcome = draw(run, writer, interrupt, quiet);
  report_failures(outcome, plan.chains, writer);
  const auto path = writer.finish(outcome.failed);
  timings.draw = watch.lap();
  if (outcome.end != RunOutcome::End::complete) complain(how_it_ended(outcome, path, interrupt));
  if (!path || outcome.end == RunOutcome::End::interrupted)
    return exit_code(outcome.end, interrupt);
  if (!quiet) {
    say(fmt::format("warm-up {}, sampling {} (slowest chain)",
                    duration_text(outcome.warmup_seconds),
                    duration_text(outcome.sampling_seconds)));
  }
  show(registry, io::ChainFile(*path), *path, json, outcome, timings);
  return exit_code(outcome.end, interrupt);
}

}  // namespace

Command fit_command() {
  Command command;
  command.name = "fit";
  command.summary = "draw from the posterior of a regression";
  command.usage = {"DATA... FORMULA [options]"};
  command.description =
      "Reads DATA (.csv, .csv.gz or - for standard input; several files are one table), draws from "
      "the posterior of FORMULA, stores the draws in a chain file (HDF5, which ArviZ and netCDF "
      "readers open as it is), and prints the main parameters with a verdict on the draws. Model "
      "and sampler are chosen by the formula unless they are named. A signal ends the run and "
      "keeps "
      "the draws: SIGINT with exit code 130, SIGTERM and SIGHUP with 75.";
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
  command.groups = {
      what,
      {"how much",
       {{"chains", "N", "independent chains", "4"},
        {"warmup", "N",
         "transitions of each chain before its first draw; by default 1000, with gibbs as many as "
         "a "
         "tenth of those after it"},
        {"draws", "N", "draws to keep of each chain", "1000"},
        {"thin", "N", "transitions for each draw kept", "1"},
        {"max-time", "TIME", "stop after 30s, 10m or 1h30m and keep what there is"},
        {"threads", "N", "chains that run at once; by default one on every processor"},
        {"seed", "N", "same seed, same draws, on any number of threads; by default at random"}}},
      {"what comes out",
       {{"output", "FILE", "chain file; by default DATA's name with .h5", {}, false, 'o'},
        {"force", {}, "replace the chain file if there is one; never that of a run that goes on"},
        json_option(),
        {"quiet", {}, "no progress, no remarks", {}, false, 'q'}}},
      common_options()};
  command.examples = {
      {"counties share what they have in common",
       "tarn fit radon.csv 'log_radon ~ floor + (1 | county)' -o radon.h5"},
      {"a prior of one's own, and a seed to repeat the run by",
       "tarn fit radon.csv 'log_radon ~ floor' --prior 'sigma ~ half_normal(1)' --seed 1"},
      {"compressed data from elsewhere",
       "curl -s https://example.org/d.csv.gz | tarn fit - 'y ~ x' -o d.h5"}};
  command.run = fit;
  return command;
}

}  // namespace tarn::launcher
