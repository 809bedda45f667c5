// Folders of plugins: honest ones, and libraries that lie.
#pragma once

#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

#include "tarn/registry.hpp"
#include "temporary_folder.hpp"

namespace tarn::test {

inline std::filesystem::path honest(std::string_view name) {
  return std::filesystem::path(TARN_HONEST) / name;
}
inline std::filesystem::path lying(std::string_view name) {
  return std::filesystem::path(TARN_LIES) / name;
}

/// A folder with the honest plugins in it.
class PluginFolder : public TemporaryFolder {
 public:
  PluginFolder() {
    for (const char* name : {"count.so", "line.so", "walk.so"}) copy(honest(name));
  }
};

inline Registry registry_of(const std::filesystem::path& folder) {
  return Registry(std::array{folder});
}

inline void check_honest_serve(const Registry& registry) {
  BOOST_TEST(registry.plugins().size() == 3U);
  BOOST_TEST(registry.model("line").plugin->version == "1.0.0");
  BOOST_TEST(registry.sampler("walk").type->name == "walk");
  BOOST_TEST(registry.diagnostic("count").plugin->name == "count");
}

/// The reason that the only refused library of a registry got.
inline std::string only_reason(const Registry& registry) {
  BOOST_REQUIRE(registry.refused().size() == 1U);
  return registry.refused().front().reason;
}

struct NoWitness {
  NoWitness() { ::unsetenv("TARN_LIE_HAS_RUN"); }
};
inline bool lie_has_run() { return std::getenv("TARN_LIE_HAS_RUN") != nullptr; }

}  // namespace tarn::test
