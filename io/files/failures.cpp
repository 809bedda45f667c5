// Messages for system calls that fail: the system's reason, and what to do.
#include "files/failures.hpp"

#include <cerrno>
#include <system_error>

namespace tarn::io {

std::string words(int error) { return std::generic_category().message(error); }

std::string remedy(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return "make room";
    case EFBIG:
      return "raise the limit of file sizes (ulimit -f)";
    case EACCES:
    case EPERM:
    case EROFS:
      return "make the folder writable";
    default:
      return "see to the disk";
  }
}

}  // namespace tarn::io
