// The names that a run writes under: a hidden one until it can be read, OUT.partial while it goes
// on, OUT when it is done.
#include "chains/output_path.hpp"

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/failures.hpp"
#include "files/sync.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/io/unfinished_run.hpp"
#include "tarn/memory.hpp"

namespace tarn::io {
namespace fs = std::filesystem;
namespace {

fs::path with_suffix(fs::path path, const char* suffix) { return path += suffix; }

fs::path folder_of(const fs::path& out) {
  return out.has_parent_path() ? out.parent_path() : fs::path(".");
}

/// A dangling link counts.
bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
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
  check_not_locked(out);
  if (is_there(out) && !force) {
    if (const auto left = unfinished_run(out)) {
      throw UsageError(fmt::format(
          "'{0}' exists, and beside it '{1}', which was left by a run that was killed; go on with "
          "that (tarn resume {1}), choose another name with -o, or replace both with --force",
          out.string(), left->partial.string()));
    }
    throw UsageError(fmt::format(
        "'{}' exists; choose another name with -o, or replace it with --force", out.string()));
  }
  if (is_there(out) && !fs::is_regular_file(out, error)) {
    throw IoError(
        fmt::format("'{}' is not a regular file, so it cannot be replaced; choose another "
                    "name with -o",
                    out.string()));
  }
}

OutputPath::OutputPath(fs::path out, double bytes, bool force, Partial partial, bool durable)
    : out_(std::move(out)),
      partial_(with_suffix(out_, ".partial")),
      force_(force),
      replaces_partial_(force || partial == Partial::continued),
      durable_(durable),
      lock_((check_output(out_, force), std::make_unique<OutputLock>(out_))),
      building_(out_, "new") {
  check_limit(bytes);
  if (partial == Partial::fresh) check_unfinished(out_, force);
  building_.clear();
  check_room(folder_of(out_), bytes);
}

OutputPath::~OutputPath() {
  keep();
  if (shown_file_ >= 0) ::close(shown_file_);
}

void OutputPath::show() {
  shown_file_ = ::open(building().c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  struct stat status {};
  ::lstat(building().c_str(), &status);
  device_ = status.st_dev;
  inode_ = status.st_ino;
  sync(building());
  remember_unfinished(partial_);
  if (const int error = building_.rename_to(partial_, replaces_partial_)) {
    keep();
    throw IoError(fmt::format("cannot name the file of draws '{}': {}; choose another name with -o",
                              partial_.string(), words(error)));
  }
  shown_ = true;
  sync_names();
}

void OutputPath::keep() noexcept { forget_unfinished(partial_); }

void OutputPath::sync(const fs::path& file) const {
  if (!durable_) return;
  if (const int error = sync_file(file)) {
    throw IoError(fmt::format(
        "cannot bring '{}' to the disk: {}{}", file.string(), words(error),
        shown_ ? fmt::format("; {}, then tarn resume {}", remedy(error), partial_.string()) : ""));
  }
}

void OutputPath::sync_names() const {
  if (!durable_) return;
  if (const int error = sync_folder(out_.parent_path())) {
    throw IoError(fmt::format("cannot bring the names in folder '{}' to the disk: {}",
                              folder_of(out_).string(), words(error)));
  }
}

void OutputPath::check_published(int error, const fs::path& from) const {
  if (error == 0) return;
  if (error == EEXIST) {
    throw IoError(fmt::format(
        "'{}' appeared while this was being written, and is left as it is; {}", out_.string(),
        shown_ ? fmt::format("all draws are safe in '{}': rename it", from.string())
               : "write it anew under another name, or replace it with --force"));
  }
  if (!shown_) {
    throw IoError(fmt::format("cannot write '{}': {}; {}, then the same command again",
                              out_.string(), words(error), remedy(error)));
  }
  throw IoError(
      fmt::format("cannot rename '{0}' to '{1}': {2}; all draws are safe in the former: {3}, then "
                  "tarn resume {0}",
                  partial_.string(), out_.string(), words(error), remedy(error)));
}

void OutputPath::publish() {
  sync(shown_ ? partial_ : building());
  if (shown_) {
    check_still_ours();
    check_published(rename_file(partial_, out_, force_), partial_);
  } else {
    check_published(building_.rename_to(out_, force_), building());
  }
  sync_names();
  lock_.reset();
}

void OutputPath::publish(HiddenFile& instead) {
  check_still_ours();
  sync(instead.path());
  check_published(instead.rename_to(out_, force_), partial_);
  sync_names();
  give_up();
  if (is_ours(partial_)) {
    throw IoError(
        fmt::format("all draws are in '{}', and '{}' cannot be removed, which is not needed any "
                    "more: remove it",
                    out_.string(), partial_.string()));
  }
}

void OutputPath::give_up() noexcept {
  if (is_ours(partial_)) ::unlink(partial_.c_str());
  lock_.reset();
}

std::string OutputPath::moved_to() const {
  std::error_code error;
  const fs::path now = fs::read_symlink(fmt::format("/proc/self/fd/{}", shown_file_), error);
  return is_ours(now) ? now.string() : "";
}

void OutputPath::check_still_ours() const {
  if (is_ours(partial_)) return;
  const std::string now = moved_to();
  if (!now.empty()) {
    throw IoError(fmt::format(
        "'{0}' was moved while this run was writing it; its draws are safe in '{1}', and "
        "tarn resume {1} goes on",
        partial_.string(), now));
  }
  throw IoError(
      fmt::format("'{}' was removed or replaced while this run was writing it, and its "
                  "draws are lost; give runs that go on at once different names with -o",
                  partial_.string()));
}

bool OutputPath::is_ours(const fs::path& path) const noexcept {
  struct stat status {};
  return shown_ && ::lstat(path.c_str(), &status) == 0 && status.st_dev == device_ &&
         status.st_ino == inode_;
}

}  // namespace tarn::io
