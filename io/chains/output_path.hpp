// The names that a run writes under: OUT.partial while it goes on, OUT when it is done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace tarn::io {

class OutputPath {
 public:
  /// Takes OUT.partial exclusively, as an empty file. Throws IoError or UsageError, then nothing is
  /// left behind. `bytes`: what will be written there at least.
  OutputPath(std::filesystem::path out, double bytes, bool force);

  const std::filesystem::path& final() const noexcept { return out_; }
  const std::filesystem::path& partial() const noexcept { return partial_; }

  /// Renames `from` to OUT. Throws IoError.
  void publish(const std::filesystem::path& from) const;

  /// Removes OUT.partial, unless another run has replaced it meanwhile.
  void remove_partial() const noexcept;

  /// Throws IoError if another run has replaced OUT.partial.
  void check_still_ours() const;

 private:
  bool still_ours() const noexcept;

  std::filesystem::path out_, partial_;
  std::uint64_t device_ = 0, inode_ = 0;
};

/// `3.2 GB`.
std::string bytes_text(double bytes);

}  // namespace tarn::io
