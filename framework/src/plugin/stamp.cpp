// The stamp of a plugin, compared with that of this tarn.
#include "plugin/stamp.hpp"

#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "tarn/plugin.hpp"

namespace tarn {
namespace {

/// The parts of the fingerprint, in the order of TARN_ABI_FINGERPRINT, and what people call them.
struct Part {
  std::string_view key;
  std::string_view name;
};
constexpr std::array<Part, 4> stamp_parts{
    {{"stdlib", "C++ standard library"},
     {"debug", "C++ standard library's debug mode"},
     {"eigen", "Eigen version"},
     {"alignment", "Eigen alignment (EIGEN_MAX_ALIGN_BYTES)"}}};

/// Takes ` key=value` off the front of a stamp.
std::optional<std::string_view> take(std::string_view& stamp, std::string_view key) {
  if (!stamp.starts_with(' ')) return std::nullopt;
  std::string_view word = stamp.substr(1, stamp.find(' ', 1) - 1);
  stamp.remove_prefix(1 + word.size());
  if (!word.starts_with(key) || !word.substr(key.size()).starts_with('=')) return std::nullopt;
  word.remove_prefix(key.size() + 1);
  return word.empty() ? std::nullopt : std::optional(word);
}

struct Version {
  unsigned major = 0;
  unsigned minor = 0;
};

std::optional<Version> version(std::string_view text) {
  Version result;
  const char* const end = text.data() + text.size();
  const auto [dot, bad_major] = std::from_chars(text.data(), end, result.major);
  if (bad_major != std::errc{} || dot == end || *dot != '.') return std::nullopt;
  const auto [rest, bad_minor] = std::from_chars(dot + 1, end, result.minor);
  if (bad_minor != std::errc{} || rest != end) return std::nullopt;
  return result;
}

std::string layout_text() { return fmt::format("{:016x}", abi::layout()); }

[[noreturn]] void throw_damaged() {
  throw PluginError("not a tarn plugin: its section " TARN_ABI_SECTION " does not hold one stamp");
}

void check_version(const Version& found) {
  const std::string versions = fmt::format("{}.{}, this tarn has {}.{}", found.major, found.minor,
                                           TARN_ABI_MAJOR, TARN_ABI_MINOR);
  if (found.major != TARN_ABI_MAJOR) {
    throw PluginError(
        fmt::format("built for plugin ABI {}; rebuild it against this tarn's headers", versions));
  }
  if (found.minor > TARN_ABI_MINOR) {
    throw PluginError(fmt::format(
        "needs plugin ABI {}; use a newer tarn, or rebuild it against this tarn's headers",
        versions));
  }
}

}  // namespace

std::string checked_stamp(std::string_view section) {
  const std::string_view stamp = section.substr(0, section.find('\0'));
  if (!stamp.starts_with(TARN_ABI_MAGIC) ||
      section.find_first_not_of('\0', stamp.size()) != std::string_view::npos) {
    throw_damaged();
  }
  std::string_view found = stamp.substr(std::string_view(TARN_ABI_MAGIC).size());
  const auto abi = version(take(found, "abi").value_or(""));
  if (!abi) throw_damaged();
  check_version(*abi);  // before the rest, whose form may differ between versions

  std::string_view own = " " TARN_ABI_FINGERPRINT;
  for (const Part& part : stamp_parts) {
    const auto has = take(found, part.key);
    if (!has) throw_damaged();
    const auto wanted = take(own, part.key);
    if (*has != *wanted) {
      throw PluginError(
          fmt::format("built with another {}: '{}', this tarn has '{}'; rebuild it with the "
                      "flags that tarn_add_plugin() sets",
                      part.name, *has, *wanted));
    }
  }
  const auto layout = take(found, "layout");
  if (!layout || !found.empty()) throw_damaged();
  if (*layout != layout_text()) {
    throw PluginError(fmt::format(
        "built against other headers: what crosses has layout {}, this tarn's has {}; rebuild it "
        "against this tarn's headers",
        *layout, layout_text()));
  }
  return std::string(stamp);
}

}  // namespace tarn
