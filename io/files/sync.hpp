// Files and folders brought to the disk, for --durable.
#pragma once

#include <filesystem>

namespace tarn::io {

/// What was written to a file is on the disk. 0 or an error number.
int sync_file(const std::filesystem::path& file) noexcept;

/// Names that were given or taken away in a folder, too. 0 or an error number.
int sync_folder(const std::filesystem::path& folder) noexcept;

}  // namespace tarn::io
