// Preloaded into a program: counts, records and refuses what it asks the system to do with files in
// one folder.
//
// FAILING_CALLS_FOLDER  the folder
// FAILING_CALLS_AT      the first call that fails, from 1; 0: none
// FAILING_CALLS_TIMES   how many calls fail from there on; 0: all
// FAILING_CALLS_ERROR   with this error number
// FAILING_CALLS_LOG     what succeeded: a line each, the bytes of a write in hexadecimal
//
// A write that fails first writes what fits in front of a block of 512 bytes: a disk is full at the
// end of a block, never within.
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Never destroyed: the program's own exit handlers still write.
struct Faults {
  std::string folder = variable("FAILING_CALLS_FOLDER");
  long at = std::atol(variable("FAILING_CALLS_AT").c_str());
  long times = std::atol(variable("FAILING_CALLS_TIMES").c_str());
  int error = std::atoi(variable("FAILING_CALLS_ERROR").c_str());
  std::FILE* log = nullptr;
  std::mutex mutex;
  std::atomic<long> calls{0};

  Faults() {
    const std::string file = variable("FAILING_CALLS_LOG");
    if (!file.empty()) log = std::fopen(file.c_str(), "we");
  }

  bool concerns(const std::string& path) const {
    return !folder.empty() && (path == folder || path.rfind(folder + '/', 0) == 0);
  }

  bool fails() {
    const long call = ++calls;
    return at > 0 && call >= at && (times == 0 || call < at + times);
  }

  void note(const std::string& line) {
    if (log == nullptr) return;
    const std::lock_guard lock(mutex);
    std::fwrite(line.data(), 1, line.size(), log);
    std::fputc('\n', log);
    std::fflush(log);
  }
};

Faults& faults() {
  static Faults* const all = new Faults;
  return *all;
}

std::string path_of(int descriptor) {
  char link[64], path[PATH_MAX];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(link, path, sizeof path);
  return length < 0 ? "" : std::string(path, static_cast<std::size_t>(length));
}

std::string absolute(int folder, const char* path) {
  if (path[0] == '/') return path;
  if (folder != AT_FDCWD) return path_of(folder) + '/' + path;
  char here[PATH_MAX];
  return ::getcwd(here, sizeof here) == nullptr ? "" : std::string(here) + '/' + path;
}

std::string hexadecimal(const void* bytes, std::size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  const auto* const from = static_cast<const unsigned char*>(bytes);
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[from[i] >> 4];
    text += digits[from[i] & 15];
  }
  return text;
}

std::uint64_t inode_of(int descriptor) {
  struct stat status {};
  return ::fstat(descriptor, &status) == 0 ? status.st_ino : 0;
}

/// What remains of a write that fails: the bytes in front of a block that is not there.
std::size_t that_fit(std::size_t count, off_t offset) {
  constexpr off_t block = 512;
  const off_t end = (offset + static_cast<off_t>(count)) / block * block;
  return end > offset ? static_cast<std::size_t>(end - offset) / 2 / block * block : 0;
}

template <class Write>
ssize_t write_to(int descriptor, const void* bytes, std::size_t count, off_t offset,
                 const Write& write) {
  const std::string path = path_of(descriptor);
  if (!faults().concerns(path)) return write(count);
  if (faults().fails()) {
    const std::size_t part = that_fit(count, offset);
    if (part > 0) {
      const ssize_t written = write(part);
      faults().note("write " + std::to_string(inode_of(descriptor)) + ' ' + std::to_string(offset) +
                    ' ' + hexadecimal(bytes, static_cast<std::size_t>(written)));
      return written;
    }
    errno = faults().error;
    return -1;
  }
  const ssize_t written = write(count);
  if (written > 0) {
    faults().note("write " + std::to_string(inode_of(descriptor)) + ' ' + std::to_string(offset) +
                  ' ' + hexadecimal(bytes, static_cast<std::size_t>(written)));
  }
  return written;
}

/// A call on an open file that returns 0 or -1.
template <class Call>
int on_file(int descriptor, const std::string& what, const Call& call) {
  if (!faults().concerns(path_of(descriptor))) return call();
  if (faults().fails()) {
    errno = faults().error;
    return -1;
  }
  const std::string line = what + ' ' + std::to_string(inode_of(descriptor));
  const int status = call();
  if (status == 0) faults().note(line);
  return status;
}

template <class Call>
int on_names(const char* what, const std::string& from, const std::string& to, const Call& call) {
  if (!faults().concerns(from)) return call();
  if (faults().fails()) {
    errno = faults().error;
    return -1;
  }
  const int status = call();
  if (status == 0) faults().note(std::string(what) + '\t' + from + '\t' + to);
  return status;
}

template <class Open>
int open_in(int folder, const char* path, int flags, const Open& open) {
  const std::string name = absolute(folder, path);
  if ((flags & O_CREAT) == 0 || !faults().concerns(name)) return open();
  if (faults().fails()) {
    errno = faults().error;
    return -1;
  }
  const int descriptor = open();
  if (descriptor >= 0) {
    faults().note("create\t" + std::to_string(inode_of(descriptor)) + '\t' + name);
  }
  return descriptor;
}

mode_t mode_in(int flags, va_list more) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(more, int)) : 0;
}

}  // namespace

extern "C" {

#define OPEN(name)                                                                              \
  int name(const char* path, int flags, ...) {                                                  \
    va_list more;                                                                               \
    va_start(more, flags);                                                                      \
    const mode_t mode = mode_in(flags, more);                                                   \
    va_end(more);                                                                               \
    return open_in(AT_FDCWD, path, flags,                                                       \
                   [&] { return real<int(const char*, int, ...)>(#name)(path, flags, mode); }); \
  }
OPEN(open)
OPEN(open64)
#undef OPEN

int openat(int folder, const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = mode_in(flags, more);
  va_end(more);
  return open_in(folder, path, flags, [&] {
    return real<int(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
  });
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  return write_to(descriptor, bytes, count, ::lseek(descriptor, 0, SEEK_CUR), [&](size_t part) {
    return real<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, part);
  });
}

#define PWRITE(name)                                                                        \
  ssize_t name(int descriptor, const void* bytes, size_t count, off_t offset) {             \
    return write_to(descriptor, bytes, count, offset, [&](size_t part) {                    \
      return real<ssize_t(int, const void*, size_t, off_t)>(#name)(descriptor, bytes, part, \
                                                                   offset);                 \
    });                                                                                     \
  }
PWRITE(pwrite)
PWRITE(pwrite64)
#undef PWRITE

ssize_t writev(int descriptor, const iovec* parts, int count) {
  if (!faults().concerns(path_of(descriptor))) {
    return real<ssize_t(int, const iovec*, int)>("writev")(descriptor, parts, count);
  }
  if (faults().fails()) {
    errno = faults().error;
    return -1;
  }
  return real<ssize_t(int, const iovec*, int)>("writev")(descriptor, parts, count);
}

#define TRUNCATE(name)                                                                \
  int name(int descriptor, off_t length) {                                            \
    return on_file(descriptor, "truncate " + std::to_string(length),                  \
                   [&] { return real<int(int, off_t)>(#name)(descriptor, length); }); \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)
#undef TRUNCATE

#define FALLOCATE(name)                                                                \
  int name(int descriptor, int mode, off_t from, off_t length) {                       \
    return on_file(descriptor, "allocate", [&] {                                       \
      return real<int(int, int, off_t, off_t)>(#name)(descriptor, mode, from, length); \
    });                                                                                \
  }
FALLOCATE(fallocate)
FALLOCATE(fallocate64)
#undef FALLOCATE

int fsync(int descriptor) {
  return on_file(descriptor, "sync", [&] { return real<int(int)>("fsync")(descriptor); });
}

int fdatasync(int descriptor) {
  return on_file(descriptor, "sync", [&] { return real<int(int)>("fdatasync")(descriptor); });
}

/// Fails as on Linux: the descriptor is closed all the same.
int close(int descriptor) {
  auto* const really = real<int(int)>("close");
  const bool written = (::fcntl(descriptor, F_GETFL) & O_ACCMODE) != O_RDONLY;
  if (!written || !faults().concerns(path_of(descriptor))) return really(descriptor);
  const bool fails = faults().fails();
  const int status = really(descriptor);
  if (!fails) return status;
  errno = faults().error;
  return -1;
}

int rename(const char* from, const char* to) noexcept {
  return on_names("rename", absolute(AT_FDCWD, from), absolute(AT_FDCWD, to),
                  [&] { return real<int(const char*, const char*)>("rename")(from, to); });
}

int renameat2(int old, const char* from, int fresh, const char* to, unsigned flags) noexcept {
  return on_names("rename", absolute(old, from), absolute(fresh, to), [&] {
    return real<int(int, const char*, int, const char*, unsigned)>("renameat2")(old, from, fresh,
                                                                                to, flags);
  });
}

}  // extern "C"
