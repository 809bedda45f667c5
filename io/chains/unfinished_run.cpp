// What a run leaves beside its output while it goes on, or when it is killed: OUT.partial.
#include "tarn/io/unfinished_run.hpp"

#include <system_error>

#include <fmt/format.h>

#include "files/output_lock.hpp"
#include "tarn/error.hpp"

namespace tarn::io {
namespace fs = std::filesystem;

std::optional<UnfinishedRun> unfinished_run(const fs::path& file) {
  constexpr const char* suffix = ".partial";
  fs::path out = file;
  if (out.extension() == suffix) out.replace_extension();
  UnfinishedRun found{fs::path(out).concat(suffix)};
  const auto is_there = [&found] {  // a dangling link counts
    std::error_code error;
    return fs::exists(fs::symlink_status(found.partial, error));
  };
  // A run has its lock before it shows the file, and until the file has its final name.
  if (!is_there()) return std::nullopt;
  found.goes_on = is_locked(out);
  if (!found.goes_on && !is_there()) return std::nullopt;
  return found;
}

void check_unfinished(const fs::path& out, bool force) {
  if (force) return;
  const auto left = unfinished_run(out);
  if (!left) return;
  throw IoError(
      fmt::format("'{0}' was left by a run that was killed, and no run is writing it; go on with "
                  "it (tarn resume {0}), or replace it with --force",
                  left->partial.string()));
}

}  // namespace tarn::io
