// The guard of every file that tarn writes: it is made under a name that begins with a dot, which
// is gone if nobody renames it, so that nothing half-written is ever seen.
#pragma once

#include <filesystem>
#include <string_view>

namespace tarn::io {

/// `.fit.h5.WHAT` beside `fit.h5`. Nothing is created. What is there when this is destroyed, or
/// when the process is told to end (remove_unfinished()), is removed.
class HiddenFile {
 public:
  HiddenFile(const std::filesystem::path& beside, std::string_view what);
  ~HiddenFile();
  HiddenFile(const HiddenFile&) = delete;
  HiddenFile& operator=(const HiddenFile&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

  /// Removes what another process may have left there; links are not followed.
  void clear() const noexcept;

  /// Makes it of these bytes, and brings them to the disk; a link that lies there is not written
  /// through. 0 or an error number.
  int write(std::string_view bytes) const noexcept;

  /// Gives it another name. 0 or an error number: EEXIST where there is something of that name and
  /// it must not be replaced.
  int rename_to(const std::filesystem::path& name, bool replace);

  /// The same, and brings the name to the disk. Where only that fails the file is the old one or
  /// the new one after a power cut, and whole.
  int publish(const std::filesystem::path& name, bool replace);

 private:
  std::filesystem::path path_;
};

/// From rename_to() on until `forget_unfinished`, a file under its visible name goes the same way.
void remember_unfinished(const std::filesystem::path& file);
void forget_unfinished(const std::filesystem::path& file) noexcept;

/// Renames; unless `replace` only where nothing of that name is there: at no moment is anything
/// replaced then. 0 or an error number.
int rename_file(const std::filesystem::path& from, const std::filesystem::path& to,
                bool replace) noexcept;

}  // namespace tarn::io
