// Bytes in memory: a mapped file or an owned buffer.
#include "data/bytes.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <system_error>

#include "tarn/index.hpp"

namespace tarn::io {
namespace {

[[noreturn]] void fail() { throw std::system_error(errno, std::generic_category()); }

}  // namespace

Bytes Bytes::map(int descriptor, std::size_t size) {
  // One page more than the file needs is reserved, so that the padding exists even where the file
  // ends at the end of a page; the kernel clears the rest of the last page.
  const auto page = as_size(sysconf(_SC_PAGESIZE));
  const std::size_t reserved = (size / page + 2) * page;
  void* const base = mmap(nullptr, reserved, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) fail();
  std::shared_ptr<const char> data(static_cast<const char*>(base), [reserved](const char* p) {
    munmap(const_cast<char*>(p), reserved);
  });
  if (size > 0) {
    if (mmap(base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED, descriptor, 0) == MAP_FAILED) {
      if (errno == ENODEV) return read(descriptor);  // a file system without mappings
      fail();
    }
    madvise(base, size, MADV_SEQUENTIAL);
  }
  return {std::move(data), size};
}

Bytes Bytes::read(int descriptor) {
  Buffer buffer;
  for (;;) {
    char* const room = buffer.room(std::size_t{1} << 16);
    const ssize_t n = ::read(descriptor, room, std::min<std::size_t>(buffer.room_size(), 1 << 30));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail();
    if (n == 0) return std::move(buffer).finish();
    buffer.grow(as_size(n));
  }
}

void Buffer::Free::operator()(char* p) const noexcept { std::free(p); }

char* Buffer::room(std::size_t least) {
  if (!data_ || room_size() < least) {
    const std::size_t capacity = std::max(2 * capacity_, size_ + least + Bytes::padding);
    auto* const moved = static_cast<char*>(std::realloc(data_.get(), capacity));
    if (!moved) throw std::bad_alloc();
    data_.release();  // NOLINT: realloc took it over
    data_.reset(moved);
    capacity_ = capacity;
  }
  return data_.get() + size_;
}

Bytes Buffer::finish() && {
  std::memset(room(0), 0, Bytes::padding);
  return {std::shared_ptr<const char>(std::move(data_)), size_};
}

}  // namespace tarn::io
