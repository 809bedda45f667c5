// One run for one output: a record lock on a hidden file beside it, which HDF5 never sees.
#pragma once

#include <filesystem>

namespace tarn::io {

/// Held until it is destroyed or the process ends, however it ends. On file systems without locks
/// nothing is excluded.
class OutputLock {
 public:
  /// Throws IoError where another run holds it, or the folder cannot be written.
  explicit OutputLock(const std::filesystem::path& out);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// Whether a run holds the lock of an output, which a reader may ask, too.
bool is_locked(const std::filesystem::path& out) noexcept;

/// Throws IoError where one does.
void check_not_locked(const std::filesystem::path& out);

}  // namespace tarn::io
