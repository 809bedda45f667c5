// Small files that options name.
#pragma once

#include <string>

namespace tarn::launcher {

/// The whole of it. Throws UsageError for a folder, a pipe, a device, and what is larger than any
/// such file is; `what` is what it should be: "configuration file".
std::string read_option_file(const std::string& path, const std::string& what);

}  // namespace tarn::launcher
