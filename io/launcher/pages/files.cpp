// Writes files whole or not at all.
#include "pages/files.hpp"

#include <cerrno>
#include <system_error>

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include "report/figure_json.hpp"
#include "report/html/scripts.hpp"
#include "tarn/error.hpp"
#include "tarn/io/table_writer.hpp"

extern char** environ;

namespace tarn::launcher {
namespace fs = std::filesystem;

void check_figure_folder(const fs::path& folder, bool force) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    throw IoError(fmt::format("--figures '{}' is no folder; name another", folder.string()));
  }
  if (!force && fs::is_directory(folder, error) && !fs::is_empty(folder, error)) {
    throw UsageError(fmt::format(
        "--figures '{}' is a folder that holds files; name another, or replace them with --force",
        folder.string()));
  }
}

std::vector<fs::path> write_figures(const std::vector<const Figure*>& figures,
                                    const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw IoError(fmt::format("cannot make the folder '{}' for figures: {}", folder.string(),
                              error.message()));
  }
  std::vector<fs::path> specifications;
  for (const Figure* figure : figures) {
    check(*figure);
    specifications.push_back(folder / (figure->name + ".vl.json"));
    io::write_text(specifications.back(), whole_json(*figure), true);
    for (const FigureData& data : figure->data) {
      const std::string name =
          figure->data.size() == 1 ? figure->name : figure->name + "_" + data.name;
      io::write_text(folder / (name + ".csv"), csv(data), true);
    }
  }
  return specifications;
}

std::string draw_figures(const std::vector<fs::path>& specifications) {
  const auto script = html::svg_script();
  if (!script) return "tarn's scripts for figures are not installed";
  std::vector<std::string> words{"node", "--disallow-code-generation-from-strings",
                                 script->string()};
  for (const fs::path& file : specifications) words.push_back(file.string());
  std::vector<char*> line;
  for (std::string& word : words) line.push_back(word.data());
  line.push_back(nullptr);

  pid_t node = 0;
  posix_spawnattr_t hearing;  // signals that wait for a thread of this process are Node's own, too
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_init(&hearing);
  posix_spawnattr_setflags(&hearing, POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setsigmask(&hearing, &none);
  const int error = ::posix_spawnp(&node, "node", nullptr, &hearing, line.data(), environ);
  posix_spawnattr_destroy(&hearing);
  if (error != 0) {
    return error == ENOENT ? "Node is not there"
                           : "Node cannot be run: " + std::generic_category().message(error);
  }
  int status = 0;
  while (::waitpid(node, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? "" : "Node could not draw them all";
}

}  // namespace tarn::launcher
