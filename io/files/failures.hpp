// Messages for system calls that fail: the system's reason, and what to do.
#pragma once

#include <string>

namespace tarn::io {

/// `No space left on device`.
std::string words(int error);

/// What has to be done before the same is tried again: `make room`.
std::string remedy(int error);

}  // namespace tarn::io
