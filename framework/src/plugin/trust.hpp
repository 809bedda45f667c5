// Who may write a file: code that others can exchange is not loaded.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tarn {

/// Why the file or folder must not be trusted: it belongs to somebody other than the user or root,
/// or its group or everybody may write it. Nothing if it may be trusted. Links are followed.
std::optional<std::string> distrust(const std::filesystem::path& path);

/// Why a folder on the way to an absolute path, which holds no links, must not be trusted:
/// everybody may write it, and it is not sticky.
std::optional<std::string> distrust_place(const std::filesystem::path& path);

}  // namespace tarn
