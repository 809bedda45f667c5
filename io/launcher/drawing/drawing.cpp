// From the first draw to the exit code.
#include "drawing/drawing.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <unistd.h>

#include "command_line/terminal.hpp"
#include "drawing/run_sink.hpp"
#include "fits/judgement.hpp"
#include "fitting/configuration.hpp"
#include "report/numbers.hpp"
#include "tarn/index.hpp"
#include "tarn/io/unfinished.hpp"
#include "tarn/memory.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

std::string reason_to_stop(const RunOutcome& outcome, const Drawing& drawing) {
  switch (outcome.end) {
    case RunOutcome::End::interrupted:
      return drawing.interrupt.words();
    case RunOutcome::End::enough:
      return fmt::format(
          "every parameter is worth {} (estimated from the draws that decide when to stop, so a "
          "little too high)",
          count_of(*drawing.target, "effective draw"));
    default:
      return "time is up";
  }
}

std::string how_it_ended(const RunOutcome& outcome, const Drawing& drawing,
                         const std::optional<fs::path>& file) {
  const std::string stopped = reason_to_stop(outcome, drawing);
  if (file) {
    return fmt::format("{0} after {1} per chain; they are in {2}, and tarn resume {2} goes on",
                       stopped, count_of(outcome.draws, "draw"), file->string());
  }
  const std::optional<fs::path> left = drawing.writer.left();
  if (left && outcome.draws > 0) {
    return fmt::format(
        "{0} after {1} per chain; to cut them to the same draw would take a while, so they are "
        "left in {2}: tarn resume {2} goes on, tarn recover {2} cuts",
        stopped, count_of(outcome.draws, "draw"), left->string());
  }
  if (left) {
    return fmt::format("{} before every chain had a draw; tarn resume {} goes on", stopped,
                       left->string());
  }
  return stopped + " before the first draw, and no file is left";
}

ExitCode exit_code(RunOutcome::End end, const Interrupt& interrupt) {
  switch (end) {
    case RunOutcome::End::interrupted:
      return interrupt.code();
    case RunOutcome::End::out_of_time:
    case RunOutcome::End::enough:
      return ExitCode::stopped;
    case RunOutcome::End::complete:
      break;
  }
  return ExitCode::done;
}

nlohmann::ordered_json to_json(const Seconds& seconds) {
  return {{"wall", seconds.wall}, {"cpu", seconds.cpu}};
}

void show(const Registry& registry, const io::ChainFile& file, const Vector& observed,
          const fs::path& path, bool json, const RunOutcome& outcome, const Timings& timings) {
  const Selection selection;
  Judgement judgement = evaluate(registry, file, &observed, selection);
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

/// Tells of chains that failed; throws where none is left. What was there before stays.
void report_failures(const RunOutcome& outcome, const Drawing& drawing) {
  if (outcome.failed.size() == drawing.plan.chains) {
    if (!drawing.continued) drawing.writer.discard();
    throw SamplingError(
        fmt::format("all {} failed, and {}; {}", count_of(drawing.plan.chains, "chain"),
                    drawing.continued ? "the draws before are kept" : "no file is left",
                    outcome.failures.front()));
  }
  for (const std::string& failure : outcome.failures) {
    warn(failure + "; it is left out, the other chains are kept");
  }
}

/// Those of the file that is gone on with. Returns how many each chain has.
std::size_t add_drawn(const io::Continued& continued, std::optional<EffectiveTarget>& target) {
  const Draws& draws = continued.file.posterior();
  const std::size_t drawn = continued.states.front().draws;
  if (!target) return drawn;
  const std::size_t step = batch_length(draws.draws());
  for (std::size_t chain = 0; chain < draws.chains(); ++chain) {
    for (std::size_t first = 0; first < drawn; first += step) {
      DrawBatch batch;
      batch.chain = chain;
      batch.first = first;
      batch.theta.resize(as_index(draws.layout().size()), as_index(std::min(step, drawn - first)));
      draws.read_draws(chain, first, batch.theta);
      target->add(batch);
    }
  }
  return drawn;
}

/// A signal promises an end within a second.
constexpr double seconds_for_a_signal = 0.4;

ExitCode draw(Drawing& drawing) {
  auto& [registry, run, writer, told, plan, target, timings, observed, quiet, json, continued] =
      drawing;
  Interrupt& interrupt = told;
  Stopwatch watch;
  std::optional<EffectiveTarget> enough;
  if (target) enough.emplace(registry, run.layout(), plan, *target);
  const std::size_t drawn = continued != nullptr ? add_drawn(*continued, enough) : 0;
  RunSink sink(writer, judged_parameters(run.layout()), enough);
  RunOutcome outcome;
  if (sink.enough()) {
    outcome.end = RunOutcome::End::enough;
  } else {
    ProgressLine line(quiet);
    const auto progress = [&](const RunProgress& at) {
      interrupt.ask();  // the chains have begun
      line.show(at);
    };
    outcome = run.go(sink, progress, interrupt.token());
  }
  const auto say_where = [&interrupt](const char* doing, const fs::path& file, const char* next) {
    interrupt.end_at_once(
        [words =
             fmt::format("while draws were being {0}; they are in {1}, and tarn {2} {1} goes on",
                         doing, file.string(), next)] { return words; });
  };
  say_where("collected", writer.partial(), "resume");
  report_failures(outcome, drawing);
  std::size_t most = plan.draws;
  if (outcome.end == RunOutcome::End::enough) {
    most = outcome.draws = std::max(drawn, *enough->reached());
  }
  const auto path = outcome.end == RunOutcome::End::interrupted
                        ? writer.finish(outcome.failed, most, seconds_for_a_signal)
                        : writer.finish(outcome.failed, most);
  timings.draw = watch.lap();
  if (path) say_where("judged", *path, "summary");
  if (outcome.end != RunOutcome::End::complete) complain(how_it_ended(outcome, drawing, path));
  if (!path || outcome.end == RunOutcome::End::interrupted) {
    return exit_code(outcome.end, interrupt);
  }
  if (target && outcome.end == RunOutcome::End::complete && !outcome.failed.empty()) {
    warn("the effective draws were not counted, since a chain failed");
  } else if (target && outcome.end == RunOutcome::End::complete) {
    warn(fmt::format("fewer than {} after all {} per chain; more: tarn extend {} --draws {}",
                     count_of(*target, "effective draw"), count_of(plan.draws, "draw"),
                     path->string(), plan.draws));
  }
  if (!quiet) {
    say(fmt::format("warm-up {}, sampling {} (slowest chain)",
                    duration_text(outcome.warmup_seconds),
                    duration_text(outcome.sampling_seconds)));
  }
  show(registry, io::ChainFile(*path), observed, *path, json, outcome, timings);
  return exit_code(outcome.end, interrupt);
}

/// Where a plugin has not returned, what it uses must stay as it is until the process has gone.
[[noreturn]] void leave(ExitCode code) {
  io::remove_unfinished();
  std::fflush(nullptr);
  _exit(static_cast<int>(code));
}

}  // namespace

Option durable_option() {
  return {"durable",
          {},
          "bring each checkpoint to the disk: a power cut costs no more than a kill does"};
}

std::vector<Option> stopping_options() {
  return {{"max-time", "TIME", "stop after 30s, 10m or 1h30m in all and keep what there is"},
          {"target-ess", "N",
           "stop once every parameter that the summary judges is worth N effective draws, in bulk "
           "and tail; a little fewer in truth, as the draws that are judged decide"}};
}

std::optional<std::size_t> target_of(const Arguments& arguments) {
  if (!arguments.given("target-ess")) return {};
  return arguments.count("target-ess", 1, 1'000'000'000);
}

std::optional<Interrupt::Clock::time_point> late(const RunPlan& plan) {
  if (!plan.max_time) return {};
  // A run that goes on ends itself, after half a second of patience with its plugins.
  return plan.since + std::chrono::milliseconds(750) +
         std::chrono::duration_cast<Interrupt::Clock::duration>(*plan.max_time);
}

void check_target(const Run& run, const std::string& sampler) {
  constexpr std::string_view of_approximations = "importance_ess";
  const auto statistics = run.statistics();
  if (std::ranges::find(statistics, of_approximations, &Statistic::name) == statistics.end()) {
    return;
  }
  throw UsageError(fmt::format(
      "--target-ess is for draws of the posterior, and sampler '{}' draws from an approximation; "
      "say how many draws: --draws N",
      sampler));
}

/// The run itself holds few draws at a time, whatever their number.
void check_size(const Run& run, const RunPlan& plan, bool quiet) {
  if (plan.max_time) return;                           // there may never be so many
  constexpr double large = 1e9, bytes_to_judge = 110;  // of each draw on each thread, measured
  const double draws = static_cast<double>(plan.chains) * static_cast<double>(plan.draws);
  const double threads = std::max(1u, std::thread::hardware_concurrency());
  const std::string what =
      fmt::format("judging {} of {} chains", count_of(plan.draws, "draw"), grouped(plan.chains));
  const double memory = bytes_to_judge * draws * threads;
  require_memory(memory, what, "keep fewer draws (--draws, --thin)");
  if (quiet) return;
  const double on_disk =
      sizeof(double) * draws * static_cast<double>(run.layout().size() + run.statistics().size());
  if (on_disk > large) say(fmt::format("note: the draws take {} on disk", bytes_text(on_disk)));
  if (memory > large) say(fmt::format("note: {} takes {} of memory", what, bytes_text(memory)));
}

ExitCode carry_out(Drawing drawing) {
  const Run& run = drawing.run;
  try {
    const ExitCode code = draw(drawing);
    if (run.unreturned()) leave(code);
    return code;
  } catch (const Error& error) {
    if (!run.unreturned()) throw;
    complain(error.what());
    leave(error.code());
  } catch (...) {
    if (!run.unreturned()) throw;
    complain("this is a bug: the run failed while a plugin had not returned");
    leave(ExitCode::bug);
  }
}

}  // namespace tarn::launcher
