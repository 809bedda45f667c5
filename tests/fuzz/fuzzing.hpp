// What fuzz targets share: a file of some bytes, and properties that must hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <unistd.h>

/// What libFuzzer calls with each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tarn::fuzz {

/// Ends the process, so that libFuzzer keeps the input.
inline void require(bool holds, std::string_view property) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %.*s\n", static_cast<int>(property.size()), property.data());
  std::abort();
}

inline void require_equal(const std::string& a, const std::string& b, std::string_view property) {
  if (a != b) std::fprintf(stderr, "  %s\n  %s\n", a.c_str(), b.c_str());
  require(a == b, property);
}

/// A file of this process, in memory where there is such a folder. HDF5 opens none without a name.
class File {
 public:
  explicit File(std::string_view bytes) {
    std::ofstream stream(path_, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    require(stream.good(), "the input is written to a file");
  }
  ~File() { ::unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = (std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp") +
                      std::string("/tarn-fuzz-") + std::to_string(::getpid());
};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace tarn::fuzz
