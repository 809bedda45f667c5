// Chain files whose run goes on, was stopped, or was killed: what their readers are told.
#include "fits/unfinished.hpp"

#include <optional>
#include <string>

#include <fmt/format.h>

#include "command_line/terminal.hpp"
#include "fits/stored_configuration.hpp"
#include "report/numbers.hpp"
#include "tarn/io/unfinished_run.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

bool is_partial(const fs::path& path) { return path.extension() == ".partial"; }

/// Whether `tarn resume` takes the file; what is wrong with its states is said there.
bool can_go_on(const io::ChainFile& file) {
  try {
    return file.complete() || file.states().has_value();
  } catch (const io::DamagedFile&) {
    return true;
  }
}

std::string draws_there(const io::ChainFile& file) {
  return fmt::format("{} of {} per chain", grouped(file.posterior().draws()),
                     count_of(file.draws_requested(), "draw"));
}

void say_of_partial(const fs::path& path, const io::ChainFile& file, bool goes_on) {
  if (goes_on) {
    say(fmt::format("{} is unfinished: {} are there, and a run is writing it", path.string(),
                    draws_there(file)));
    return;
  }
  say(fmt::format(
      "{} was left by a run that was killed, with {}; {}", path.string(), draws_there(file),
      can_go_on(file) ? fmt::format("to go on: tarn resume {}", path.string())
                      : fmt::format("it cannot be gone on with, since format {} does not say where "
                                    "chains stand; to keep its draws: tarn recover {}",
                                    file.attribute("tarn_format_version"), path.string())));
}

void say_of_left(const fs::path& path, const io::UnfinishedRun& left) {
  const std::string partial = left.partial.string();
  if (left.goes_on) {
    say(fmt::format("a run is writing {}, which will take the place of {}", partial,
                    path.string()));
    return;
  }
  say(fmt::format(
      "beside {} lies {}, which was left by a run that was killed; to go on with that: "
      "tarn resume {}{}",
      path.string(), partial, partial, goes_on_from(path, left.partial) ? "" : " --force"));
}

}  // namespace

void say_if_unfinished(const fs::path& path, const io::ChainFile& file) {
  const std::optional<io::UnfinishedRun> run = io::unfinished_run(path);
  if (is_partial(path)) return say_of_partial(path, file, run && run->goes_on);
  if (!file.complete()) {
    const bool offers = !run && can_go_on(file);
    say(fmt::format("{} is unfinished: {} are there{}", path.string(), draws_there(file),
                    offers ? fmt::format("; to go on: tarn resume {}", path.string()) : ""));
  }
  if (run) say_of_left(path, *run);
}

void say_if_unfinished(const LoadedFit& fit) { say_if_unfinished(fit.path(), fit.file()); }

InputError no_draws_yet(const fs::path& path) {
  const std::optional<io::UnfinishedRun> run = io::unfinished_run(path);
  if (is_partial(path) && run && !run->goes_on) {
    return InputError(
        fmt::format("'{0}' was left by a run that was stopped or killed before every chain had a "
                    "draw; to go on: tarn resume {0}",
                    path.string()));
  }
  return InputError(
      fmt::format("'{}' holds no draws yet; wait for its run, or fit again", path.string()));
}

bool goes_on_from(const fs::path& earlier, const fs::path& later) {
  const auto said_of = [](const io::ChainFile& file, const fs::path& path) {
    auto config = stored_configuration(file, path);
    config["run"].erase("draws");
    return config;
  };
  try {
    const io::ChainFile before(earlier), after(later);
    return before.draws_requested() <= after.draws_requested() &&
           before.posterior().draws() <= after.posterior().draws() &&
           before.posterior().chains() == after.posterior().chains() &&
           before.attribute("tarn_data_sha256") == after.attribute("tarn_data_sha256") &&
           said_of(before, earlier) == said_of(after, later);
  } catch (const Error&) {
    return false;
  }
}

}  // namespace tarn::launcher
