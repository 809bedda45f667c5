// Removes unfinished files when the process ends at once.
#pragma once

namespace tarn::io {

/// Removes all files of this process that hold nothing worth keeping: hidden ones that are still
/// being made, locks, and a chain file without draws. To be called once, before the process ends;
/// other threads may be writing meanwhile.
void remove_unfinished() noexcept;

}  // namespace tarn::io
