// Who may write a file: code that others can exchange is not loaded.
#include "plugin/trust.hpp"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tarn {

std::optional<std::string> distrust(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return fmt::format("'{}' cannot be read: {}", path.string(), std::strerror(errno));
  }
  const char* what = S_ISDIR(status.st_mode) ? "folder" : "file";
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return fmt::format(
        "the {} '{}' belongs to another user (number {}), neither to you nor to root", what,
        path.string(), status.st_uid);
  }
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return fmt::format("others may write the {0} '{1}' (mode {2:o}); forbid it: chmod go-w '{1}'",
                       what, path.string(), status.st_mode & 07777);
  }
  return std::nullopt;
}

std::optional<std::string> distrust_place(const std::filesystem::path& path) {
  for (std::filesystem::path folder = path.parent_path();; folder = folder.parent_path()) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) {
      return fmt::format("'{}' cannot be read: {}", folder.string(), std::strerror(errno));
    }
    // In a sticky folder such as /tmp nobody can exchange what belongs to others.
    if ((status.st_mode & S_IWOTH) != 0 && (status.st_mode & S_ISVTX) == 0) {
      return fmt::format(
          "everybody may write the folder '{0}' (mode {1:o}) and so exchange what is in it; forbid "
          "it: chmod o-w '{0}'",
          folder.string(), status.st_mode & 07777);
    }
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

}  // namespace tarn
