// tarn resume and tarn extend: a chain file goes on, with the bits of a run that was never broken
// off.
#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "command_line/arguments.hpp"
#include "command_line/terminal.hpp"
#include "commands.hpp"
#include "drawing/drawing.hpp"
#include "fits/load.hpp"
#include "fits/unfinished.hpp"
#include "fitting/configuration.hpp"
#include "fitting/preparation.hpp"
#include "report/numbers.hpp"
#include "tarn/io/libraries.hpp"
#include "tarn/io/unfinished_run.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view partial_suffix = ".partial";

bool is_partial(const fs::path& file) { return file.extension() == partial_suffix; }

/// FILE, or where a run left off or finished under its other name.
fs::path find(const fs::path& asked) {
  std::error_code error;
  if (fs::exists(asked, error)) return asked;
  fs::path other = asked;
  is_partial(asked) ? other.replace_extension() : other += partial_suffix;
  if (!fs::exists(other, error)) return asked;
  say(fmt::format("there is no {}; going on with {}", asked.string(), other.string()));
  return other;
}

/// What a killed run left beside a file has more of the same run, or is of another.
fs::path latest(const fs::path& file, bool extends, bool force) {
  const auto left = is_partial(file) ? std::nullopt : io::unfinished_run(file);
  if (!left || left->goes_on || force) return file;
  const std::string partial = left->partial.string();
  if (!goes_on_from(file, left->partial)) {
    throw UsageError(fmt::format(
        "beside '{0}' lies '{1}', which was left by a run that was killed, of another fit; go on "
        "with that (tarn resume {1} --force), or with '{0}' and without that (--force)",
        file.string(), partial));
  }
  if (extends) {
    throw UsageError(
        fmt::format("'{0}' was left by a run that was killed and holds more of the same draws; "
                    "finish it first: tarn resume {0}",
                    partial));
  }
  say(fmt::format("going on with {}, which holds more of the same run", partial));
  return left->partial;
}

/// Throws UsageError where a file of another run has the name that the result will get.
void check_same_run(const fs::path& out, const fs::path& source) {
  std::error_code error;
  if (!fs::is_regular_file(out, error) || goes_on_from(out, source)) return;
  throw UsageError(
      fmt::format("'{}' exists, and '{}' is of another run; replace the former with --force",
                  out.string(), source.string()));
}

void add(std::string& list, const std::string& sentence) {
  if (!list.empty()) list += "; ";
  list += sentence;
}

/// What a plugin was and what it is, where these differ.
void compare(std::string& differences, const char* role, const Json& was, const LoadedPlugin& is) {
  const auto name = was.at("plugin").get<std::string>();
  const auto version = was.at("version").get<std::string>();
  const std::string plugin = fmt::format("{} '{}'", role, was.at("name").get<std::string>());
  if (name != is.name || version != is.version) {
    add(differences, fmt::format("{} came from plugin {} {}, and there is {} {}", plugin, name,
                                 version, is.name, is.version));
  } else if (was.value("sha256", "") != io::sha256_of(is.file)) {
    add(differences, fmt::format("{} came from another build of plugin {} {} (its SHA-256 differs)",
                                 plugin, name, version));
  }
}

/// Throws PluginError unless all that draws is what it was: other code may draw other bits.
void check_unchanged(const LoadedFit& fit, const Registry::Found<SamplerType>& sampler) {
  const Json& config = fit.config();
  std::string differences;
  const auto release = config.at("tarn").get<std::string>();
  if (release != TARN_VERSION) {
    add(differences, fmt::format("it was begun by tarn {}, and this is {}", release, TARN_VERSION));
  }
  const auto model = fit.registry().model(config.at("model").at("name").get<std::string>());
  compare(differences, "model", config.at("model"), *model.plugin);
  compare(differences, "sampler", config.at("sampler"), *sampler.plugin);
  if (differences.empty()) return;
  throw PluginError(fmt::format(
      "'{}' cannot be gone on with to the same bits: {}; use what it was begun with, or fit again",
      fit.path().string(), differences));
}

/// A plan of which only what ends it is known.
RunPlan stopping(const Arguments& arguments) {
  RunPlan plan;
  if (arguments.given("threads")) plan.threads = arguments.count("threads", 1, 4096);
  plan.max_time = arguments.time("max-time");
  return plan;
}

RunPlan plan_of(const LoadedFit& fit, RunPlan plan, std::size_t more) {
  const Json& run = fit.config().at("run");
  plan.chains = fit.file().posterior().chains();
  plan.warmup = run.at("warmup").get<std::size_t>();
  plan.draws = run.at("draws").get<std::size_t>() + more;
  plan.thin = run.at("thin").get<std::size_t>();
  plan.seed = std::stoull(run.at("seed").get<std::string>());
  return plan;
}

io::Provenance provenance(const LoadedFit& fit, const RunPlan& plan, const Run& run) {
  const io::ChainFile& file = fit.file();
  Json config = fit.config();
  config["run"]["draws"] = plan.draws;
  io::Provenance result;
  result.name = file.attribute("name");
  result.model_plugin = file.attribute("tarn_model_plugin");
  result.model_plugin_version = file.attribute("tarn_model_plugin_version");
  result.sampler = file.attribute("tarn_sampler");
  result.sampler_version = file.attribute("tarn_sampler_version");
  result.plan = run.plan();
  result.seed = plan.seed;
  result.config = dumped(config);
  result.data_sha256 = file.attribute("tarn_data_sha256");
  result.build = io::build_text();
  result.thin = plan.thin;
  result.warmup = plan.warmup;
  result.draws_requested = plan.draws;
  result.data = std::make_shared<io::FitData>(fit.data());
  result.tuning = run.tuning_size();
  return result;
}

std::string where(const std::vector<ChainState>& states, const RunPlan& plan) {
  const std::size_t draws = states.front().draws;
  if (draws > 0) {
    return fmt::format("going on after {} of {} per chain", grouped(draws),
                       count_of(plan.draws, "draw"));
  }
  std::size_t least = plan.warmup;
  for (const ChainState& state : states) least = std::min(least, state.warmed_up);
  return fmt::format("going on after {} of {} of the warm-up", grouped(least),
                     count_of(plan.warmup, "transition"));
}

ExitCode go_on(const Arguments& arguments, const char* command, std::size_t more) {
  if (arguments.words().size() != 1) {
    throw UsageError(fmt::format("tarn {0} needs one chain file, for example: tarn {0} radon.h5{1}",
                                 command, more > 0 ? " --draws 1000" : ""));
  }
  const bool quiet = arguments.flag("quiet");
  const bool durable = arguments.flag("durable");
  const fs::path source =
      latest(find(arguments.words().front()), more > 0, arguments.flag("force"));
  fs::path out = source;
  if (is_partial(source)) out.replace_extension();
  const RunPlan limits = stopping(arguments);
  const std::string left = fmt::format("before another draw; {} is as it was", source.string());
  Interrupt interrupt([&] { return left; }, late(limits));
  Stopwatch watch;
  const Registry registry = load_plugins(arguments, quiet);
  const LoadedFit fit(source, registry, LoadedFit::Draws::not_needed);
  const RunPlan plan = plan_of(fit, limits, more);
  // Only what it goes on from may be replaced, not what appears meanwhile.
  if (out != source && !arguments.flag("force")) check_same_run(out, source);
  std::error_code error;
  const bool force = arguments.flag("force") || fs::exists(out, error);
  io::check_output(out, force);
  if (fit.file().posterior().draws() >= plan.draws) {
    if (out != source) io::recover(source, out, force, durable);
    say(fmt::format("{0} is whole, with all its {1} per chain; for more: tarn extend {0} --draws N",
                    out.string(), count_of(plan.draws, "draw")));
    return ExitCode::done;
  }
  const auto states = fit.file().states();
  if (!states) {
    throw InputError(fmt::format(
        "'{}' does not say where its chains stand (tarn {} wrote it, in format {}), so it cannot "
        "be gone on with; fit again",
        source.string(), fit.file().attribute("inference_library_version"),
        fit.file().attribute("tarn_format_version")));
  }
  const FittedModel& model = fit.required_model();
  const auto sampler = registry.sampler(fit.config().at("sampler").at("name").get<std::string>());
  check_unchanged(fit, sampler);

  std::vector<Setting> declared = model.type.settings;
  declared.insert(declared.end(), sampler.type->settings.begin(), sampler.type->settings.end());
  std::vector<std::string> set = settings_of(fit.config().at("model").at("settings"));
  std::ranges::move(settings_of(fit.config().at("sampler").at("settings")),
                    std::back_inserter(set));
  const Settings settings(declared, set, fmt::format("'{}'", source.string()));
  Run run(model.type, {model.design, model.priors, settings}, *sampler.type, settings, plan);
  if (target_of(arguments)) check_target(run, sampler.type->name);
  run.resume(*states);
  if (!quiet) say(where(*states, plan));
  Timings timings{.read = {}, .set_up = watch.lap()};
  check_size(run, plan, quiet);
  const auto statistics = run.statistics();
  const io::Continued continued{fit.file(), *states, is_partial(source)};
  io::ChainWriter writer(out, run.layout(), {statistics.begin(), statistics.end()}, plan.chains,
                         plan.draws, provenance(fit, plan, run), force, &continued, durable);
  // Where draws were copied, they are collected; a warm-up can be left as it is.
  if (states->front().draws > 0) interrupt.ask();
  timings.create = watch.lap();
  return carry_out({registry, run, writer, interrupt, plan, target_of(arguments), timings,
                    fit.data().observed, quiet, arguments.flag("json"), &continued});
}

ExitCode resume(const Arguments& arguments) { return go_on(arguments, "resume", 0); }

ExitCode extend(const Arguments& arguments) {
  if (!arguments.given("draws")) {
    throw UsageError(
        "how many more draws? For example: tarn extend radon.h5 --draws 1000, for each chain");
  }
  return go_on(arguments, "extend", arguments.count("draws", 1, 1'000'000'000));
}

OptionGroup how_to_go_on() {
  OptionGroup group{"how to go on",
                    {{"threads", "N", "chains that run at once; by default one on every processor"},
                     {"force", {}, "replace OUT.h5 where FILE is its .partial"},
                     durable_option(),
                     json_option(),
                     {"quiet", {}, "no progress, no remarks", {}, false, 'q'}}};
  const auto stopping = stopping_options();
  group.options.insert(group.options.begin(), stopping.begin(), stopping.end());
  return group;
}

}  // namespace

Command resume_command() {
  Command command;
  command.name = "resume";
  command.summary = "go on with a run that was stopped or killed";
  command.usage = {"FILE [options]"};
  command.description =
      "Goes on where the run of FILE stopped (OUT.h5) or was killed (OUT.h5.partial), in its "
      "warm-up too. The draws are those of a run that was never broken off, bit for bit, on any "
      "number of threads. FILE alone is needed: it holds data, formula, priors and settings. What "
      "is there stays until a file that holds it all takes its place. Other code may draw other "
      "bits, so another tarn or plugin is refused. A file that is whole is left as it is.";
  command.groups = {how_to_go_on(), common_options()};
  command.examples = {{"after Ctrl-C, --max-time or a time limit", "tarn resume radon.h5"},
                      {"after a kill or a power cut", "tarn resume radon.h5.partial"}};
  command.run = resume;
  return command;
}

Command extend_command() {
  Command command;
  command.name = "extend";
  command.summary = "more draws, as if they had been asked for at the start";
  command.usage = {"FILE --draws N [options]"};
  command.description =
      "Adds N draws to every chain of FILE: 1000 and 1000 more are the 2000 of one run, bit for "
      "bit. What was still missing of a run that was stopped is drawn, too. Otherwise as 'tarn "
      "resume'.";
  OptionGroup how = how_to_go_on();
  how.options.insert(how.options.begin(), {"draws", "N", "more draws of each chain"});
  command.groups = {how, common_options()};
  command.examples = {{"too few effective draws", "tarn extend radon.h5 --draws 4000"}};
  command.run = extend;
  return command;
}

}  // namespace tarn::launcher
