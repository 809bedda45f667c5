// The C descriptor that guards the C++ contract between tarn and a plugin.
#pragma once

#include <cstddef>
#include <cstdint>

#include <Eigen/Core>

/// A virtual added to a role, or a changed meaning, is a new major; a new capability a new minor.
#define TARN_ABI_MAJOR 1
#define TARN_ABI_MINOR 0

#define TARN_ABI_TEXT_(x) #x
#define TARN_ABI_TEXT(x) TARN_ABI_TEXT_(x)

// What two binaries must agree on before C++ objects may pass between them. It is the same for g++
// and clang on one standard library.
#if defined(_LIBCPP_VERSION)
#define TARN_ABI_STDLIB "libc++-" TARN_ABI_TEXT(_LIBCPP_ABI_VERSION)
#elif defined(_GLIBCXX_DEBUG)
#define TARN_ABI_STDLIB "libstdc++-cxx11-" TARN_ABI_TEXT(_GLIBCXX_USE_CXX11_ABI) "-debug"
#else
#define TARN_ABI_STDLIB "libstdc++-cxx11-" TARN_ABI_TEXT(_GLIBCXX_USE_CXX11_ABI)
#endif

#define TARN_ABI_EIGEN                                                                      \
  "eigen-" TARN_ABI_TEXT(EIGEN_WORLD_VERSION) "." TARN_ABI_TEXT(EIGEN_MAJOR_VERSION) "-align-" \
  TARN_ABI_TEXT(EIGEN_MAX_ALIGN_BYTES)

/// The stamp, as it stands in the bytes of a plugin: readable without running any of its code.
#define TARN_ABI_MAGIC "tarn-plugin-stamp:"
#define TARN_ABI_FINGERPRINT TARN_ABI_STDLIB " " TARN_ABI_EIGEN
#define TARN_ABI_STAMP                                                                       \
  TARN_ABI_MAGIC " abi=" TARN_ABI_TEXT(TARN_ABI_MAJOR) "." TARN_ABI_TEXT(TARN_ABI_MINOR) " " \
  TARN_ABI_FINGERPRINT

namespace tarn {

class Plugin;

namespace abi {

/// What a plugin exports as `tarn_plugin_v<major>`. Plain C; never reordered, only appended to.
struct Descriptor {
  std::uint32_t size;           // sizeof(Descriptor) as the plugin knows it
  const char* stamp;            // TARN_ABI_STAMP
  const char* name;             // the plugin's own name and version
  const char* version;
  void (*register_types)(Plugin&);
};

}  // namespace abi
}  // namespace tarn
