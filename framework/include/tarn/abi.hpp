// The C descriptor that guards the C++ contract between tarn and a plugin.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <Eigen/Core>

/// A virtual added to a role, another layout (abi_layout.hpp), or a changed meaning is a new major;
/// a new capability a new minor.
#define TARN_ABI_MAJOR 4
#define TARN_ABI_MINOR 0

#define TARN_ABI_TEXT_(x) #x
#define TARN_ABI_TEXT(x) TARN_ABI_TEXT_(x)

// What two binaries must agree on before C++ objects may pass between them. It is the same for g++
// and clang on one standard library.
#if defined(_LIBCPP_VERSION)
#define TARN_ABI_STDLIB "libc++-" TARN_ABI_TEXT(_LIBCPP_ABI_VERSION)
#else
#define TARN_ABI_STDLIB "libstdc++-cxx11-" TARN_ABI_TEXT(_GLIBCXX_USE_CXX11_ABI)
#endif

#if defined(_GLIBCXX_DEBUG)
#define TARN_ABI_DEBUG "on"
#else
#define TARN_ABI_DEBUG "off"
#endif

#define TARN_ABI_VERSION TARN_ABI_TEXT(TARN_ABI_MAJOR) "." TARN_ABI_TEXT(TARN_ABI_MINOR)
#define TARN_ABI_EIGEN TARN_ABI_TEXT(EIGEN_WORLD_VERSION) "." TARN_ABI_TEXT(EIGEN_MAJOR_VERSION)
#define TARN_ABI_ALIGNMENT TARN_ABI_TEXT(EIGEN_MAX_ALIGN_BYTES)
#define TARN_ABI_FINGERPRINT                                                  \
  "stdlib=" TARN_ABI_STDLIB " debug=" TARN_ABI_DEBUG " eigen=" TARN_ABI_EIGEN \
  " alignment=" TARN_ABI_ALIGNMENT

/// The stamp: the only text in a plugin's section .tarn_stamp, readable without running any code.
/// An array of characters, which ends in the layout of what crosses.
#define TARN_ABI_SECTION ".tarn_stamp"
#define TARN_ABI_MAGIC "tarn-plugin-stamp:"
#define TARN_ABI_STAMP                                                                      \
  ::tarn::abi::with_layout(TARN_ABI_MAGIC " abi=" TARN_ABI_VERSION " " TARN_ABI_FINGERPRINT \
                                          " layout=")

/// The name of the descriptor that a plugin exports: tarn_plugin_v<major>.
#define TARN_ABI_ENTRY_(major) tarn_plugin_v##major
#define TARN_ABI_ENTRY_OF(major) TARN_ABI_ENTRY_(major)
#define TARN_ABI_ENTRY TARN_ABI_ENTRY_OF(TARN_ABI_MAJOR)

namespace tarn {

class Plugin;

namespace abi {

static_assert(!Eigen::MatrixXd::IsRowMajor && std::same_as<Eigen::Index, std::ptrdiff_t>,
              "tarn passes column-major matrices with Eigen's own index type");

/// Plain C; never reordered, and a change of its size is a new major.
struct Descriptor {
  std::uint32_t size;  // sizeof(Descriptor) as the plugin knows it
  const char* stamp;   // TARN_ABI_STAMP
  const char* name;    // the plugin's own name and version
  const char* version;
  std::uint64_t (*virtuals)();  // of its headers
  void (*register_types)(Plugin&);
};

}  // namespace abi
}  // namespace tarn
