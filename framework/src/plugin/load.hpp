// From a file to a registered plugin, one check after the other.
#pragma once

#include <filesystem>
#include <string>

#include "tarn/registry.hpp"

namespace tarn {

/// The stamp and the descriptor's size, checked in the file's bytes; answers the stamp. Throws
/// PluginError.
std::string stamp_of_file(const std::filesystem::path& file);

/// Checks a library by its bytes, loads it for good, and checks its descriptor. Throws PluginError
/// with the reason; up to the loading, none of the library's code has run.
const abi::Descriptor& open_plugin(const std::filesystem::path& file);

/// Lets an opened plugin register its types and checks what it said. Throws PluginError.
LoadedPlugin register_plugin(const std::filesystem::path& file, const abi::Descriptor& descriptor);

}  // namespace tarn
