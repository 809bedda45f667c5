// Reads small files that options name.
#include "command_line/option_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

// A thousand parameters with long names are a tenth of it.
constexpr std::uintmax_t most_bytes = 1 << 20;

}  // namespace

std::string read_option_file(const std::string& path, const std::string& what) {
  const auto refuse = [&](const std::string& why) {
    throw UsageError(fmt::format("{} '{}' cannot be read: {}", what, shown(path), why));
  };
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  // A pipe without a writer would be waited for, and a device read without end.
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    refuse(fs::is_directory(status) ? "it is a folder; name the file in it"
           : fs::is_fifo(status)    ? "it is a pipe; name a regular file"
                                    : "it is a device; name a regular file");
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) refuse(std::strerror(errno));
  if (const std::uintmax_t size = fs::file_size(path, error); !error && size > most_bytes) {
    refuse(fmt::format("it has {} bytes, and at most {} are read", size, most_bytes));
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace tarn::launcher
