// From the first draw to the exit code.
#include "run/drawing.hpp"

#include <filesystem>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "command_line/terminal.hpp"
#include "fits/judgement.hpp"
#include "report/numbers.hpp"
#include "run/configuration.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

std::string how_it_ended(const RunOutcome& outcome, const std::optional<fs::path>& file,
                         const std::optional<fs::path>& left, const Interrupt& interrupt) {
  const bool interrupted = outcome.end == RunOutcome::End::interrupted;
  const std::string stopped = interrupted ? interrupt.words() : "time is up";
  if (file) {
    return fmt::format("{0} after {1} per chain; they are in {2}, and tarn resume {2} goes on",
                       stopped, count_of(outcome.draws, "draw"), file->string());
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
  Judgement judgement = judge(registry, file, &observed, selection);
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

}  // namespace

ExitCode carry_out(Drawing drawing) {
  auto& [registry, run, writer, interrupt, plan, timings, observed, quiet, json, continued] =
      drawing;
  Stopwatch watch;
  RunOutcome outcome;
  {
    ProgressLine line(quiet);
    outcome = run.go(
        writer, [&](const RunProgress& at) { line.show(at); }, interrupt.token());
  }
  report_failures(outcome, drawing);
  const auto path = writer.finish(outcome.failed);
  timings.draw = watch.lap();
  if (outcome.end != RunOutcome::End::complete) {
    complain(how_it_ended(outcome, path, writer.left(), interrupt));
  }
  if (!path || outcome.end == RunOutcome::End::interrupted) {
    return exit_code(outcome.end, interrupt);
  }
  if (!quiet) {
    say(fmt::format("warm-up {}, sampling {} (slowest chain)",
                    duration_text(outcome.warmup_seconds),
                    duration_text(outcome.sampling_seconds)));
  }
  show(registry, io::ChainFile(*path), observed, *path, json, outcome, timings);
  return exit_code(outcome.end, interrupt);
}

}  // namespace tarn::launcher
