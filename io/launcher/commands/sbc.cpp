// tarn sbc: simulation-based calibration of model and sampler on the user's design and priors.
#include <algorithm>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <boost/algorithm/string/join.hpp>
#include <nlohmann/json.hpp>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/interrupt.hpp"
#include "fitting/configuration.hpp"
#include "report/numbers.hpp"
#include "simulation/calibration.hpp"
#include "simulation/calibration_file.hpp"
#include "simulation/calibration_verdict.hpp"
#include "simulation/covariates.hpp"
#include "tarn/calibration.hpp"
#include "tarn/io/table_writer.hpp"
#include "tarn/parallel_for.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

/// Fits the data sets that the file lacks. A signal ends the process between two lines of the file.
void fill(CalibrationFile& file, const Calibration& calibration, std::size_t sets,
          std::size_t threads, bool quiet, const fs::path& path) {
  std::mutex mutex;
  const Interrupt interrupt([&] {
    mutex.lock();  // for good
    return fmt::format("after {}; the same command goes on from {}",
                       count_of(file.sets().size(), "data set"), path.string());
  });
  ProgressLine line(quiet);
  Stopwatch watch;
  double seconds = 0;
  const std::size_t before = file.sets().size();
  std::size_t done = before;
  parallel_for(sets - before, threads, [&](std::size_t part, std::size_t) {
    Ranked one = calibration.rank(static_cast<std::uint32_t>(before + part));
    const std::lock_guard lock(mutex);
    file.add(before + part, std::move(one));
    seconds += watch.lap().wall;
    line.show({.done = ++done, .total = sets, .seconds = seconds});
  });
}

/// A mark of all that decides the numbers (FNV-1a).
std::string mark(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::string everything(const Covariates& covariates, const Simulator& simulator,
                       const SamplerType& sampler, const LoadedPlugin& sampler_plugin,
                       const Settings& settings, const CalibrationPlan& plan) {
  const std::string formulas = boost::algorithm::join(covariates.formulas, "\n");
  std::string text =
      fmt::format("{}\n{}\n{} {}\n{} {}\n{} {} {} {}\n", io::csv_text(*covariates.table), formulas,
                  simulator.type.name, simulator.plugin->version, sampler.name,
                  sampler_plugin.version, plan.seed, plan.warmup, plan.draws, ranked);
  for (const ParameterPrior& prior : simulator.priors.all()) text += prior.text() + '\n';
  for (const auto& [name, value] : settings.all()) {
    text +=
        name + '=' + std::visit([](const auto& v) { return fmt::format("{}", v); }, value) + '\n';
  }
  return text;
}

ExitCode sbc(const Arguments& arguments) {
  const bool quiet = arguments.flag("quiet");
  const std::size_t sets = arguments.count("data-sets", 20, 1'000'000);
  CalibrationPlan plan{.seed = read_seed(arguments)};
  plan.warmup = arguments.count("warmup", 0, 1'000'000);
  plan.draws = arguments.count("draws", ranked, 1'000'000);
  const std::size_t threads = arguments.given("threads")
                                  ? arguments.count("threads", 1, 4096)
                                  : std::max(1U, std::thread::hardware_concurrency());
  const Registry registry = load_plugins(arguments, quiet);
  check_names(registry, arguments);
  const Covariates covariates = read_covariates(registry, arguments, plan.seed);
  const Design& design = covariates.parsed.design;
  const Simulator simulator = make_simulator(registry, arguments, design);
  const auto [sampler, reason] = choose_sampler(registry, arguments, simulator.type);
  const Settings settings(sampler.type->settings, arguments.texts("set"),
                          fmt::format("sampler '{}'", sampler.type->name));
  const Calibration calibration(registry, simulator, design, *sampler.type, settings, plan);
  const fs::path path = arguments.text("output");
  CalibrationFile file(
      path, mark(everything(covariates, simulator, *sampler.type, *sampler.plugin, settings, plan)),
      calibration.quantities(), arguments.flag("force"));
  if (!quiet) {
    say(described(covariates));
    say(fmt::format("model {} ({}), sampler {} ({}), seed {}", simulator.type.name,
                    simulator.reason, sampler.type->name, reason, plan.seed));
    if (!file.sets().empty()) {
      say(fmt::format("{} of {} are in {} already", grouped(std::min(sets, file.sets().size())),
                      count_of(sets, "data set"), path.string()));
    }
  }
  fill(file, calibration, std::max(sets, file.sets().size()), threads, quiet, path);
  const std::vector<Verdict> verdicts = evaluate(file.sets(), calibration.quantities());
  const auto bad = std::ranges::count(verdicts, false, &Verdict::within);
  const auto slow = std::ranges::count_if(
      file.sets(), [](const Ranked& set) { return set.ess < double(ranked); });
  if (arguments.flag("json")) {
    nlohmann::ordered_json quantities = nlohmann::ordered_json::array();
    for (const Verdict& v : verdicts) {
      quantities.push_back({{"name", v.name},
                            {"mean_rank", v.mean},
                            {"rank_sd", v.rank_sd},
                            {"spread", v.rank_sd},  // its name before 0.4, for one more release
                            {"distance", v.distance},
                            {"within", v.within},
                            {"verdict", v.words}});
    }
    print(dumped({{"schema_version", 1},
                  {"model", simulator.type.name},
                  {"sampler", sampler.type->name},
                  {"seed", std::to_string(plan.seed)},
                  {"data_sets", file.sets().size()},
                  {"ranks", ranked + 1},
                  {"probability", probability},
                  {"slow", slow},
                  {"quantities", quantities},
                  {"verdict", bad == 0 ? "good" : "bad"},
                  {"file", path.string()}}));
    return bad == 0 ? ExitCode::done : ExitCode::diagnostics;
  }
  std::string text =
      fmt::format("{}: model {} by {}, {} of {}\n\n{}\n", path.string(), simulator.type.name,
                  sampler.type->name, count_of(file.sets().size(), "data set"),
                  described(covariates), as_text(verdicts));
  if (slow > 0) {
    text += fmt::format(
        "{} had fewer than {} effective draws: their ranks come from draws that "
        "depend on each other; raise --draws or --warmup\n",
        count_of(std::size_t(slow), "fit"), ranked);
  }
  text +=
      bad == 0
          ? fmt::format(
                "verdict: calibrated: all ranks stay within bands that right ones leave "
                "once in {:.0f} runs\n",
                1 / (1 - probability))
          : fmt::format(
                "verdict: not calibrated: {} of {} quantities leave the band that right ones leave "
                "once in {:.0f} runs; the model, the sampler or their plugin is wrong, "
                "or the chains are too short (--warmup, --draws)\n",
                bad, verdicts.size(), 1 / (1 - probability));
  print(text);
  return bad == 0 ? ExitCode::done : ExitCode::diagnostics;
}

}  // namespace

Command sbc_command() {
  Command command;
  command.name = "sbc";
  command.summary = "simulation-based calibration of model and sampler";
  command.usage = {"DATA... FORMULA... [options]",
                   "--design 'NAME: WHAT; ...' FORMULA... [options]"};
  command.description =
      "Draws parameters from their priors and data given them, fits the data, and ranks the "
      "parameters among the draws; and again, many times. If model and sampler are right the ranks "
      "are uniform (Talts et al. 2018), and their distribution function stays within a band "
      "(Saeilynoja et al. 2022). Ranked are the population's parameters and the log likelihood. "
      "The ranks go to a CSV file as they come: the same command goes on where it was stopped, and "
      "--data-sets may grow. Same seed, same file, on any number of threads. Ends with exit code 6 "
      "if a rank leaves its band.";
  OptionGroup what = simulation_options();
  what.options.insert(
      what.options.end(),
      {{"sampler", "NAME", "sampler"}, {"set", "KEY=VALUE", "an option of the sampler", {}, true}});
  command.groups = {what,
                    {"how much",
                     {{"data-sets", "N", "data sets to simulate and fit", "200"},
                      {"warmup", "N", "transitions before the first draw", "1000"},
                      {"draws", "N", "draws of each fit; thinned to 99 that are ranked", "1000"},
                      {"threads", "N", "fits at once; by default one on every processor"},
                      {"seed", "N", "same seed, same ranks; by default at random"}}},
                    {"what comes out",
                     {{"output", "FILE", "the ranks, CSV", "sbc.csv", false, 'o'},
                      {"force", {}, "replace the file of another run"},
                      json_option(),
                      {"quiet", {}, "no progress, no remarks", {}, false, 'q'}}},
                    common_options()};
  command.examples = {
      {"is this model right for these counties?",
       "tarn sbc radon.csv 'log_radon ~ floor + (1 | county)' --seed 1 -o radon.sbc.csv"},
      {"a sampler, on a small design",
       "tarn sbc --design 'g: 6 levels x 4; x: normal(0, 1)' 'y ~ x + (1 | g)' --sampler nuts"}};
  command.run = sbc;
  return command;
}

}  // namespace tarn::launcher
