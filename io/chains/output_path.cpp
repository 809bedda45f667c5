// The names that a run writes under: OUT.partial while it goes on, OUT when it is done.
#include "chains/output_path.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::io {
namespace fs = std::filesystem;
namespace {

std::string words(int error) { return std::generic_category().message(error); }

fs::path with_suffix(fs::path path, const char* suffix) { return path += suffix; }

fs::path folder_of(const fs::path& out) {
  return out.has_parent_path() ? out.parent_path() : fs::path(".");
}

void check_room(const fs::path& folder, double bytes) {
  std::error_code error;
  const auto available = static_cast<double>(fs::space(folder, error).available);
  if (!error && available < bytes) {
    throw IoError(fmt::format(
        "the draws need {} and '{}' has {} left; free some space, choose another place with -o, or "
        "keep fewer draws (--draws, --thin)",
        bytes_text(bytes), folder.string(), bytes_text(available)));
  }
}

/// The size that this process may give to a file (ulimit -f).
void check_limit(double bytes) {
  rlimit most{};
  if (::getrlimit(RLIMIT_FSIZE, &most) != 0 || most.rlim_cur == RLIM_INFINITY) return;
  if (bytes > static_cast<double>(most.rlim_cur)) {
    throw IoError(
        fmt::format("the draws need a file of {} and this process may write {} at most; raise the "
                    "limit (ulimit "
                    "-f), or keep fewer draws (--draws, --thin)",
                    bytes_text(bytes), bytes_text(static_cast<double>(most.rlim_cur))));
  }
}

}  // namespace

void check_output(const fs::path& out, bool force) {
  const fs::path folder = folder_of(out);
  std::error_code error;
  if (!out.has_filename() || fs::is_directory(out, error)) {
    throw IoError(fmt::format("'{}' is a folder; name a file in it, for example -o {}",
                              out.string(), (out / "fit.h5").string()));
  }
  if (!fs::exists(folder, error)) {
    throw IoError(
        fmt::format("there is no folder '{}' to write '{}' in; create it, or choose "
                    "another place with -o",
                    folder.string(), out.filename().string()));
  }
  if (!fs::is_directory(folder, error)) {
    throw IoError(
        fmt::format("'{}' is not a folder, so '{}' cannot be written in it; choose "
                    "another place with -o",
                    folder.string(), out.filename().string()));
  }
  if (fs::exists(out, error) && !force) {
    throw UsageError(fmt::format(
        "'{}' exists; choose another name with -o, or replace it with --force", out.string()));
  }
  if (fs::exists(out, error) && !fs::is_regular_file(out, error)) {
    throw IoError(
        fmt::format("'{}' is not a regular file, so it cannot be replaced; choose another "
                    "name with -o",
                    out.string()));
  }
}

OutputPath::OutputPath(fs::path out, double bytes, bool force)
    : out_(std::move(out)), partial_(with_suffix(out_, ".partial")) {
  const fs::path folder = folder_of(out_);
  check_output(out_, force);
  check_limit(bytes);
  if (force) ::unlink(partial_.c_str());
  const int file = ::open(partial_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0) {
    const int error = errno;
    if (error == EEXIST) {
      throw IoError(
          fmt::format("'{}' exists: another run is writing it, or one was stopped before its end; "
                      "wait for that "
                      "run, choose another name with -o, or replace the file with --force",
                      partial_.string()));
    }
    throw IoError(fmt::format("cannot write in folder '{}': {}; choose another place with -o",
                              folder.string(), words(error)));
  }
  struct stat status {};
  ::fstat(file, &status);
  ::close(file);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  try {
    check_room(folder, bytes);
  } catch (...) {
    remove_partial();
    throw;
  }
}

void OutputPath::publish(const fs::path& from) const {
  check_still_ours();
  std::error_code error;
  fs::rename(from, out_, error);
  if (error) {
    throw IoError(fmt::format("cannot rename '{}' to '{}': {}; the draws are safe in the former",
                              from.string(), out_.string(), error.message()));
  }
}

void OutputPath::remove_partial() const noexcept {
  if (still_ours()) ::unlink(partial_.c_str());
}

void OutputPath::check_still_ours() const {
  if (still_ours()) return;
  throw IoError(
      fmt::format("'{}' was removed or replaced while this run was writing it, and its "
                  "draws are lost; give runs that go on at once different names with -o",
                  partial_.string()));
}

bool OutputPath::still_ours() const noexcept {
  struct stat status {};
  return ::stat(partial_.c_str(), &status) == 0 && status.st_dev == device_ &&
         status.st_ino == inode_;
}

std::string bytes_text(double bytes) {
  constexpr const char* units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 99.95 ? 0 : 1, units[unit]);
}

}  // namespace tarn::io
