// What a run leaves beside its output while it goes on, or when it is killed: OUT.partial.
#pragma once

#include <filesystem>
#include <optional>

namespace tarn::io {

struct UnfinishedRun {
  std::filesystem::path partial;
  bool goes_on = false;  // a run is writing it; otherwise one that was killed left it
};

/// OUT.partial of `file`, which is OUT or OUT.partial; nothing where there is none. On file systems
/// without locks no run is seen to go on.
std::optional<UnfinishedRun> unfinished_run(const std::filesystem::path& file);

/// Throws IoError where a killed run has left an OUT.partial that must not be replaced.
void check_unfinished(const std::filesystem::path& out, bool force);

}  // namespace tarn::io
