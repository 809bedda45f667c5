// Bytes in memory: a mapped file or an owned buffer.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace tarn::io {

/// Read-only, cheap to copy.
class Bytes {
 public:
  /// So many NULs can be read after the last byte: scanners load whole words and need no bound.
  static constexpr std::size_t padding = 16;

  Bytes() = default;
  Bytes(std::shared_ptr<const char> data, std::size_t size) : data_(std::move(data)), size_(size) {}

  /// The first `size` bytes of a regular file; throws std::system_error.
  static Bytes map(int descriptor, std::size_t size);

  /// All that can still be read from a pipe, terminal or file; throws std::system_error.
  static Bytes read(int descriptor);

  std::string_view view() const noexcept { return {data_.get(), size_}; }

 private:
  std::shared_ptr<const char> data_;
  std::size_t size_ = 0;
};

/// Grows at its end, without clearing memory that is about to be overwritten.
class Buffer {
 public:
  /// At least `least` writable bytes at the end; `grow` says how many of them were written.
  char* room(std::size_t least);
  std::size_t room_size() const noexcept { return capacity_ - size_ - Bytes::padding; }
  void grow(std::size_t written) noexcept { size_ += written; }

  Bytes finish() &&;

 private:
  struct Free {
    void operator()(char* p) const noexcept;
  };
  std::unique_ptr<char, Free> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = Bytes::padding;
};

}  // namespace tarn::io
