// A data file as its text.
#include "data/source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "data/gunzip.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::io {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > STDIN_FILENO) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const noexcept { return number_; }

 private:
  int number_;
};

InputError no_such_file(const std::string& path) {
  const fs::path wanted(path);
  const fs::path folder = wanted.has_parent_path() ? wanted.parent_path() : fs::path(".");
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) {
    return InputError(
        fmt::format("there is no file '{}': there is no folder '{}'", path, folder.string()));
  }
  std::vector<std::string> names;
  for (fs::directory_iterator entry(folder, failed), last; !failed && entry != last;
       entry.increment(failed)) {
    if (!entry->is_directory(failed)) names.push_back(entry->path().filename().string());
  }
  const std::string near = nearest(wanted.filename().string(), names);
  return InputError(fmt::format(
      "there is no file '{}'{}", path,
      near.empty() ? "; check its name and folder" : fmt::format("; did you mean '{}'?", near)));
}

/// A terminal is waited for and /dev/null is empty; other devices have no end.
void refuse_device(int descriptor, const struct stat& status, const std::string& label) {
  struct stat null = {};
  if (stat("/dev/null", &null) == 0 && S_ISCHR(status.st_mode) && null.st_rdev == status.st_rdev) {
    return;
  }
  const bool device =
      S_ISBLK(status.st_mode) || (S_ISCHR(status.st_mode) && isatty(descriptor) == 0);
  if (device) throw InputError(fmt::format("{} is a device; name a data file", label));
}

void set_waiting(int descriptor, bool waits) {
  const int flags = fcntl(descriptor, F_GETFL);
  fcntl(descriptor, F_SETFL, waits ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

/// A pipe with a name, opened without waiting, may have no writer yet: nothing is read from it
/// until one comes, and it is given a few seconds.
Bytes read_pipe(int descriptor, const std::string& label) {
  constexpr auto patience = std::chrono::seconds(5);
  constexpr auto pause = std::chrono::milliseconds(20);
  const auto end = std::chrono::steady_clock::now() + patience;
  Buffer buffer;
  for (bool begun = false;;) {
    char* const room = buffer.room(std::size_t{1} << 16);
    const ssize_t n = read(descriptor, room, std::min<std::size_t>(buffer.room_size(), 1 << 30));
    if (n > 0) {
      buffer.grow(as_size(n));
      begun = true;
    } else if (n < 0 && errno == EAGAIN) {
      set_waiting(descriptor, true);  // there is a writer
      begun = true;
    } else if (n < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category());
    } else if (n == 0) {
      pollfd state{descriptor, POLLIN, 0};
      const bool gone = poll(&state, 1, 0) > 0 && (state.revents & POLLHUP) != 0;
      if (begun || gone) return std::move(buffer).finish();
      if (std::chrono::steady_clock::now() > end) {
        throw InputError(fmt::format(
            "{} is a pipe that nobody writes to; start what writes to it, or pipe into 'tarn ... "
            "-'",
            label));
      }
      std::this_thread::sleep_for(pause);
    }
  }
}

/// What a file is that begins so, for people who passed the wrong one.
struct Signature {
  std::string_view bytes;
  std::string_view advice;
};

using namespace std::string_view_literals;
constexpr std::array<Signature, 8> signatures = {{
    {"PK\x03\x04"sv, "a zip archive or a spreadsheet; export it as CSV"},
    {"\xD0\xCF\x11\xE0"sv, "an Excel workbook; export it as CSV"},
    {"\x89HDF\r\n"sv, "an HDF5 file; export the table as CSV"},
    {"\xFD"
     "7zXZ"sv,
     "compressed by xz; uncompress it, or compress it by gzip"},
    {"BZh"sv, "compressed by bzip2; uncompress it, or compress it by gzip"},
    {"\x28\xB5\x2F\xFD"sv, "compressed by zstd; uncompress it, or compress it by gzip"},
    {"\xFF\xFE"sv, "UTF-16; save it as UTF-8"},
    {"\xFE\xFF"sv, "UTF-16; save it as UTF-8"},
}};

}  // namespace

Source open_source(const std::string& path) {
  Source source{path, path == "-" ? "standard input" : fmt::format("'{}'", path), {}, {}};
  const Descriptor file(path == "-" ? STDIN_FILENO
                                    : open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  try {
    if (file.number() < 0) {
      if (errno == ENOENT || errno == ENOTDIR) throw no_such_file(path);
      throw std::system_error(errno, std::generic_category());
    }
    struct stat status = {};
    if (fstat(file.number(), &status) != 0) {
      throw std::system_error(errno, std::generic_category());
    }
    if (S_ISDIR(status.st_mode)) {
      throw InputError(fmt::format("{} is a folder; name the data file in it", source.label));
    }
    refuse_device(file.number(), status, source.label);
    if (S_ISFIFO(status.st_mode) && path != "-") {
      source.raw = read_pipe(file.number(), source.label);
      return source;
    }
    if (path != "-") set_waiting(file.number(), true);
    // Standard input may be a file that somebody has read from already; some special files say
    // that their size is 0.
    const bool mappable = S_ISREG(status.st_mode) && status.st_size > 0 && path != "-";
    source.raw =
        mappable ? Bytes::map(file.number(), as_size(status.st_size)) : Bytes::read(file.number());
  } catch (const std::system_error& error) {
    throw IoError(fmt::format("cannot read {}: {}", source.label, error.code().message()));
  }
  return source;
}

void uncompress(Source& source) {
  source.text = is_gzip(source.raw.view()) ? gunzip(source.raw.view(), source.label) : source.raw;
  const std::string_view text = source.text.view();
  if (text.empty()) {
    throw InputError(fmt::format("{} is empty; it needs a header line and rows", source.label));
  }
  for (const Signature& signature : signatures) {
    if (text.starts_with(signature.bytes)) {
      throw InputError(fmt::format("{} is not a text file but {}", source.label, signature.advice));
    }
  }
  constexpr std::size_t glance = std::size_t{1} << 16;
  if (text.substr(0, glance).find('\0') != std::string_view::npos) {
    throw InputError(fmt::format(
        "{} is a binary file (it holds NUL bytes); tarn reads CSV as text in UTF-8", source.label));
  }
}

}  // namespace tarn::io
