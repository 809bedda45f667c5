// A folder that lives as long as its test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tarn::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "tarn-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = std::filesystem::canonical(name);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

  /// Copies a file into the folder.
  std::filesystem::path copy(const std::filesystem::path& file) const {
    const std::filesystem::path to = path_ / file.filename();
    std::filesystem::copy_file(file, to);
    return to;
  }

  /// Writes a file in the folder.
  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const std::filesystem::path to = path_ / name;
    std::ofstream(to, std::ios::binary) << text;
    return to;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace tarn::test
