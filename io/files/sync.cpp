// Files and folders brought to the disk, for --durable.
#include "files/sync.hpp"

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace tarn::io {
namespace {

int sync(const std::filesystem::path& path, int flags) noexcept {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
  if (descriptor < 0) return errno;
  const int error = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);  // of what was only read
  return error;
}

}  // namespace

int sync_file(const std::filesystem::path& file) noexcept { return sync(file, O_NOFOLLOW); }

int sync_folder(const std::filesystem::path& folder) noexcept {
  const int error = sync(folder.empty() ? "." : folder, O_DIRECTORY);
  return error == EINVAL ? 0 : error;  // a file system that keeps names in order by itself
}

}  // namespace tarn::io
