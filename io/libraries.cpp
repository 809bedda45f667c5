// Versions of the libraries, where possible those at run time.
#include "tarn/io/libraries.hpp"

#include <cerrno>
#include <fstream>
#include <string_view>
#include <system_error>

#include <fmt/format.h>
#include <hdf5.h>
#include <openssl/crypto.h>
#include <zlib.h>
#include <Eigen/Core>
#include <nlohmann/json.hpp>

#include "data/sha256.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"

namespace tarn::io {

std::vector<Library> libraries() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return {{"Eigen",
           fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
          {"HDF5", fmt::format("{}.{}.{}", major, minor, release)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)},
          {"nlohmann-json", fmt::format("{}.{}.{}", NLOHMANN_JSON_VERSION_MAJOR,
                                        NLOHMANN_JSON_VERSION_MINOR, NLOHMANN_JSON_VERSION_PATCH)},
          {"zlib", zlibVersion()},
          {"OpenSSL", OpenSSL_version(OPENSSL_VERSION_STRING)}};
}

std::string compiler() {
#ifdef __clang__
  return fmt::format("clang++ {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string build_text() {
  std::string text = compiler();
  for (const Library& library : libraries()) {
    text += fmt::format(", {} {}", library.name, library.version);
  }
  return text;
}

std::string sha256_of(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  Sha256 digest;
  std::string bytes(std::size_t{1} << 16, '\0');
  while (in) {
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    digest.add(std::string_view(bytes).substr(0, as_size(in.gcount())));
  }
  if (!in.eof()) {
    throw IoError(fmt::format("'{}' cannot be read: {}", file.string(),
                              std::generic_category().message(errno)));
  }
  return digest.hex();
}

}  // namespace tarn::io
