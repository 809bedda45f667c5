// The names that a run writes under: a hidden one until it can be read, OUT.partial while it goes
// on, OUT when it is done.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "files/hidden_file.hpp"
#include "files/output_lock.hpp"

namespace tarn::io {

class OutputPath {
 public:
  /// What is OUT.partial: nothing; a file that may replace one which a killed run left only with
  /// `force`; or one that replaces what it goes on from.
  enum class Partial { none, fresh, continued };

  /// Locks OUT. Throws IoError or UsageError, then nothing is left behind. `bytes`: what will be
  /// written there at least. `durable`: whatever gets a visible name is on the disk before, and the
  /// name after.
  OutputPath(std::filesystem::path out, double bytes, bool force, Partial partial,
             bool durable = false);
  ~OutputPath();

  const std::filesystem::path& final() const noexcept { return out_; }
  const std::filesystem::path& partial() const noexcept { return partial_; }

  /// Where the file is made; nothing lies there.
  const std::filesystem::path& building() const noexcept { return building_.path(); }

  /// What was built becomes OUT.partial. Throws IoError. Until keep() it goes with the process.
  void show();
  void keep() noexcept;

  /// Renames OUT.partial, or what was built, to OUT. Throws IoError.
  void publish();

  /// Renames another hidden file to OUT, and removes OUT.partial.
  void publish(HiddenFile& instead);

  /// Removes OUT.partial, unless somebody has replaced it meanwhile, and gives OUT free.
  void give_up() noexcept;

  /// Throws IoError if somebody has removed, moved or replaced OUT.partial; where it went, its
  /// draws are safe.
  void check_still_ours() const;

 private:
  bool is_ours(const std::filesystem::path& path) const noexcept;
  std::string moved_to() const;
  void check_published(int error, const std::filesystem::path& from) const;
  void sync(const std::filesystem::path& file) const;
  void sync_names() const;

  std::filesystem::path out_, partial_;
  bool force_, replaces_partial_, durable_, shown_ = false;
  std::unique_ptr<OutputLock> lock_;  // null once nothing is written any more
  HiddenFile building_;
  int shown_file_ = -1;  // names it wherever it is moved to
  std::uint64_t device_ = 0, inode_ = 0;
};

}  // namespace tarn::io
