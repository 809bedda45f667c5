// One run for one output: a record lock on a hidden file beside it, which HDF5 never sees.
#include "files/output_lock.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/hidden_file.hpp"
#include "tarn/error.hpp"

namespace tarn::io {
namespace fs = std::filesystem;
namespace {

fs::path lock_of(const fs::path& out) {
  return out.parent_path() / ("." + out.filename().string() + ".lock");
}

IoError held(const fs::path& out) {
  return IoError(fmt::format(
      "another run is writing '{}'; wait for it, or choose another name with -o", out.string()));
}

/// Of the open file description, so that two runs in one process exclude each other, too.
struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Whether the open file is still the one of that name.
bool is_at(int descriptor, const fs::path& path) {
  struct stat open {
  }, named{};
  return ::fstat(descriptor, &open) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

}  // namespace

OutputLock::OutputLock(const fs::path& out) : path_(lock_of(out)) {
  for (;;) {
    descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
      const int error = errno;
      if (error == ELOOP) {
        throw IoError(fmt::format("'{}' is a symbolic link, which locks do not follow; remove it",
                                  path_.string()));
      }
      throw IoError(fmt::format("cannot write in folder '{}': {}; choose another place with -o",
                                out.has_parent_path() ? out.parent_path().string() : ".",
                                std::generic_category().message(error)));
    }
    struct flock lock = whole_file();
    if (::fcntl(descriptor_, F_OFD_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES)) {
      ::close(descriptor_);
      throw held(out);
    }
    if (is_at(descriptor_, path_)) break;
    ::close(descriptor_);  // the run before removed it in this moment
  }
  remember_unfinished(path_);
}

OutputLock::~OutputLock() {
  ::unlink(path_.c_str());  // before it is given up: who has it open already sees that it is gone
  forget_unfinished(path_);
  ::close(descriptor_);
}

bool is_locked(const fs::path& out) noexcept {
  const int descriptor =
      ::open(lock_of(out).c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock lock = whole_file();
  const bool is_held = ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(descriptor);
  return is_held;
}

void check_not_locked(const fs::path& out) {
  if (is_locked(out)) throw held(out);
}

}  // namespace tarn::io
