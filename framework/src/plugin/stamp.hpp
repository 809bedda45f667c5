// The stamp of a plugin, compared with that of this tarn.
#pragma once

#include <string>
#include <string_view>

namespace tarn {

/// The stamp that a section .tarn_stamp holds. Throws PluginError with the reason, in words, if it
/// is not one well-formed stamp, or if C++ objects cannot pass between its plugin and this tarn.
std::string checked_stamp(std::string_view section);

}  // namespace tarn
