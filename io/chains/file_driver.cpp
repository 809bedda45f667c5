// A file driver for HDF5 that hides failed writes from it and reports them to the writer.
#include "chains/file_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chains/hdf5.hpp"
#include "tarn/index.hpp"

namespace tarn::io::hdf5 {
namespace {

/// Written after the first refusal.
struct Kept {
  haddr_t at;
  std::vector<unsigned char> bytes;
};

struct File {
  H5FD_t head{};  // HDF5's own part comes first
  int descriptor = -1;
  int error = 0;  // of the first refusal
  haddr_t allocated = 0, length = 0;
  std::vector<Kept> kept;

  void refuse(int reason) {
    if (error == 0) error = reason;
    ErrorTrap::note(error);
  }
};

File& of(H5FD_t* file) { return *reinterpret_cast<File*>(file); }
const File& of(const H5FD_t* file) { return *reinterpret_cast<const File*>(file); }

H5FD_t* open_file(const char* name, unsigned flags, hid_t, haddr_t) {
  const int how = ((flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY) | O_CLOEXEC |
                  ((flags & H5F_ACC_CREAT) != 0 ? O_CREAT : 0) |
                  ((flags & H5F_ACC_EXCL) != 0 ? O_EXCL | O_NOFOLLOW : 0);
  auto file = std::make_unique<File>();
  file->descriptor = ::open(name, how, 0666);
  struct stat status {};
  if (file->descriptor < 0 || ::fstat(file->descriptor, &status) != 0) {
    ErrorTrap::note(errno);
    return nullptr;
  }
  file->length = static_cast<haddr_t>(status.st_size);
  return &file.release()->head;
}

herr_t close_file(H5FD_t* file) {
  const std::unique_ptr<File> last(&of(file));
  if (::close(last->descriptor) != 0) last->refuse(errno);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t allocated(const H5FD_t* file, H5FD_mem_t) { return of(file).allocated; }

herr_t allocate(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  of(file).allocated = end;
  return 0;
}

haddr_t length(const H5FD_t* file, H5FD_mem_t) { return of(file).length; }

herr_t handle(H5FD_t* file, hid_t, void** descriptor) {
  *descriptor = &of(file).descriptor;
  return 0;
}

/// A hole, and what lies behind the end, is zero.
herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, void* into) {
  const File& from = of(file);
  auto* const bytes = static_cast<unsigned char*>(into);
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        ::pread(from.descriptor, bytes + done, size - done, static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      ErrorTrap::note(errno);
      return -1;
    }
    if (count == 0) break;
    done += as_size(count);
  }
  std::fill(bytes + done, bytes + size, static_cast<unsigned char>(0));
  for (const Kept& piece : from.kept) {
    const haddr_t begin = std::max(at, piece.at);
    const haddr_t end = std::min(at + size, piece.at + piece.bytes.size());
    if (begin < end) {
      std::memcpy(bytes + (begin - at), piece.bytes.data() + (begin - piece.at), end - begin);
    }
  }
  return 0;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t at, std::size_t size, const void* from) {
  File& to = of(file);
  const auto* const bytes = static_cast<const unsigned char*>(from);
  std::size_t done = 0;
  while (to.error == 0 && done < size) {
    const ssize_t count =
        ::pwrite(to.descriptor, bytes + done, size - done, static_cast<off_t>(at + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      to.refuse(errno);
      break;
    }
    done += as_size(count);
  }
  to.length = std::max(to.length, at + size);
  if (done < size) {
    to.kept.push_back({at + done, {bytes + done, bytes + size}});
    to.refuse(to.error);
  }
  return 0;
}

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
  File& to = of(file);
  if (to.length == to.allocated) return 0;
  if (to.error == 0 && ::ftruncate(to.descriptor, static_cast<off_t>(to.allocated)) != 0) {
    to.refuse(errno);
  }
  to.length = to.allocated;
  return 0;
}

H5FD_class_t driver_class() {
  H5FD_class_t ours{};
#if H5_VERSION_GE(1, 14, 0)
  ours.version = H5FD_CLASS_VERSION;
  ours.value = static_cast<H5FD_class_value_t>(512);  // not registered with the HDF Group
#endif
  ours.name = "tarn";
  ours.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
  ours.fc_degree = H5F_CLOSE_WEAK;
  ours.open = open_file;
  ours.close = close_file;
  ours.query = query;
  ours.get_eoa = allocated;
  ours.set_eoa = allocate;
  ours.get_eof = length;
  ours.get_handle = handle;
  ours.read = read;
  ours.write = write;
  ours.truncate = truncate;
  const H5FD_mem_t separate[] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(separate), std::end(separate), ours.fl_map);
  return ours;
}

}  // namespace

hid_t driver() {
  static const H5FD_class_t ours = driver_class();
  static const hid_t id = H5FDregister(&ours);
  if (id < 0) throw H5::Exception("H5FDregister", "HDF5 refused");
  return id;
}

int descriptor_of(const H5::H5File& file) {
  void* found = nullptr;
  file.getVFDHandle(&found);
  return *static_cast<int*>(found);
}

}  // namespace tarn::io::hdf5
