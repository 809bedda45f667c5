// Where plugins are looked for.
#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <system_error>

#define BOOST_DLL_USE_STD_FS
#include <fmt/format.h>
#include <boost/dll/runtime_symbol_info.hpp>

#include "tarn/registry.hpp"

namespace tarn {
namespace fs = std::filesystem;
namespace {

constexpr const char* generation = "plugins-" TARN_ABI_TEXT(TARN_ABI_MAJOR);

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

fs::path asked_for(const fs::path& folder) {
  std::error_code error;
  if (folder.empty() || !fs::is_directory(folder, error)) {
    throw UsageError(fmt::format("--plugin-path '{}': there is no such folder", folder.string()));
  }
  return fs::absolute(folder);
}

/// $XDG_DATA_HOME/tarn, which is ~/.local/share/tarn where the variable says nothing useful.
fs::path users_folder() {
  const fs::path data = environment("XDG_DATA_HOME");
  if (data.is_absolute()) return data / "tarn" / generation;
  return fs::path(environment("HOME")) / ".local/share/tarn" / generation;
}

/// Beside libtarn, so that the launcher, a test and any other program find the same plugins.
fs::path installed_folder() {
  std::error_code error;
  const fs::path library = fs::canonical(boost::dll::this_line_location(), error);
  return library.parent_path() / "tarn" / generation;
}

}  // namespace

std::vector<fs::path> plugin_folders(std::span<const fs::path> given) {
  std::vector<fs::path> candidates;
  for (const fs::path& folder : given) candidates.push_back(asked_for(folder));
  std::istringstream path(environment("TARN_PLUGIN_PATH"));
  for (std::string folder; std::getline(path, folder, ':');) candidates.emplace_back(folder);
  candidates.push_back(users_folder());
  candidates.push_back(installed_folder());

  std::vector<fs::path> folders;
  for (const fs::path& candidate : candidates) {
    if (!candidate.is_absolute()) continue;  // it would depend on the working directory
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(candidate, error);
    if (!error && std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  }
  return folders;
}

}  // namespace tarn
