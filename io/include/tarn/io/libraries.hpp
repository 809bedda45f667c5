// What tarn is built with.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace tarn::io {

struct Library {
  std::string name;
  std::string version;
};

/// The libraries that a chain depends on, with the versions in use.
std::vector<Library> libraries();

/// "g++ 12.2.0".
std::string compiler();

/// Compiler and libraries in one line, for the chain file.
std::string build_text();

/// SHA-256 of a file, 64 hexadecimal digits. Throws IoError.
std::string sha256_of(const std::filesystem::path& file);

}  // namespace tarn::io
