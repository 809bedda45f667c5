// Made, brought to the disk, renamed; or removed.
#include "files/hidden_file.hpp"

#include <cerrno>
#include <cstdio>
#include <mutex>
#include <set>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "files/sync.hpp"
#include "tarn/index.hpp"
#include "tarn/io/unfinished.hpp"

namespace tarn::io {
namespace fs = std::filesystem;
namespace {

struct Unfinished {
  std::mutex mutex;
  std::set<fs::path> files;
};

Unfinished& unfinished() {
  static Unfinished all;
  return all;
}

int error_of(int status) { return status == 0 ? 0 : errno; }

/// Where the system or the file system has no renaming that spares what is there.
int link_new(const fs::path& from, const fs::path& to) noexcept {
  if (::link(from.c_str(), to.c_str()) == 0) return error_of(::unlink(from.c_str()));
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
  // Without links, too: the name is taken by an empty file first, which nobody else can do then.
  const int taken = ::open(to.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (taken < 0) return errno;
  ::close(taken);
  return error_of(std::rename(from.c_str(), to.c_str()));
}

/// Where nothing of that name is there.
int rename_new(const fs::path& from, const fs::path& to) noexcept {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP) return errno;
  return link_new(from, to);
}

int write_all(int descriptor, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(as_size(written));
  }
  return 0;
}

}  // namespace

int rename_file(const fs::path& from, const fs::path& to, bool replace) noexcept {
  return replace ? error_of(std::rename(from.c_str(), to.c_str())) : rename_new(from, to);
}

HiddenFile::HiddenFile(const fs::path& beside, std::string_view what)
    : path_(beside.parent_path() / ("." + beside.filename().string() + "." + std::string(what))) {
  remember_unfinished(path_);
}

HiddenFile::~HiddenFile() {
  clear();
  forget_unfinished(path_);
}

void HiddenFile::clear() const noexcept { ::unlink(path_.c_str()); }

int HiddenFile::write(std::string_view bytes) const noexcept {
  const int descriptor =
      ::open(path_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return errno;
  int error = write_all(descriptor, bytes);
  if (error == 0) error = error_of(::fsync(descriptor));
  if (error == EINVAL) error = 0;  // a file system that cannot be asked
  const int closed = error_of(::close(descriptor));
  return error != 0 ? error : closed;
}

int HiddenFile::rename_to(const fs::path& name, bool replace) {
  const std::lock_guard lock(unfinished().mutex);  // done, or removed, when the process ends
  return rename_file(path_, name, replace);
}

int HiddenFile::publish(const fs::path& name, bool replace) {
  const int error = rename_to(name, replace);
  if (error == 0) sync_folder(name.parent_path());
  return error;
}

void remember_unfinished(const fs::path& file) {
  const std::lock_guard lock(unfinished().mutex);
  unfinished().files.insert(fs::absolute(file));
}

void forget_unfinished(const fs::path& file) noexcept {
  std::error_code error;
  const fs::path name = fs::absolute(file, error);
  const std::lock_guard lock(unfinished().mutex);
  unfinished().files.erase(name);
}

void remove_unfinished() noexcept {
  unfinished().mutex.lock();  // for good: nothing is renamed any more
  for (const fs::path& file : unfinished().files) ::unlink(file.c_str());
}

}  // namespace tarn::io
