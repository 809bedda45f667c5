// Is there memory enough? Asked before it is taken, for afterwards the system ends the process.
#pragma once

#include <string>

namespace tarn {

/// Bytes that this process can still take: what the machine has free, within the limits on the
/// process (ulimit -v) and on its control group. Infinite where the system does not say.
double available_memory();

/// Throws IoError where `bytes` are not available: `WHAT needs 80 GB of memory, and there are 20
/// GB; REMEDY`.
void require_memory(double bytes, const std::string& what, const std::string& remedy);

/// `3.2 GB`.
std::string bytes_text(double bytes);

}  // namespace tarn
