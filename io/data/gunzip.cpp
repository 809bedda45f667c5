// Compressed files: gzip to the bytes it holds.
#include "data/gunzip.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <zlib.h>

#include "tarn/error.hpp"

namespace tarn::io {
namespace {

class Inflater {
 public:
  Inflater() {
    constexpr int gzip_only = 16 + MAX_WBITS;
    if (inflateInit2(&stream_, gzip_only) != Z_OK) throw IoError("zlib cannot start");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Appends one member to `text`, advances `in` past it; Z_STREAM_END or zlib's error.
  int member(std::string_view& in, Buffer& text) {
    constexpr std::size_t most = 1U << 30;  // zlib counts in 32 bits
    inflateReset(&stream_);
    for (;;) {
      auto* const room = reinterpret_cast<Bytef*>(text.room(std::size_t{1} << 18));
      const auto offered = static_cast<uInt>(std::min(text.room_size(), most));
      const auto given = static_cast<uInt>(std::min(in.size(), most));
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream_.avail_in = given;
      stream_.next_out = room;
      stream_.avail_out = offered;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      in.remove_prefix(given - stream_.avail_in);
      text.grow(offered - stream_.avail_out);
      if (status != Z_OK) return status;
    }
  }

  std::string_view message() const { return stream_.msg ? stream_.msg : "invalid data"; }

 private:
  z_stream stream_ = {};
};

}  // namespace

bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1f\x8b"); }

Bytes gunzip(std::string_view compressed, const std::string& source) {
  Inflater inflater;
  Buffer text;
  while (is_gzip(compressed)) {
    const int status = inflater.member(compressed, text);
    if (status == Z_BUF_ERROR) {
      throw InputError(fmt::format(
          "{} ends in the middle of its compressed data; copy or download it again", source));
    }
    if (status != Z_STREAM_END) {
      throw InputError(fmt::format("{} is a damaged gzip file ({}); copy or download it again",
                                   source, inflater.message()));
    }
  }
  // Tapes and some tools pad with zeros; anything else is not ours to ignore.
  if (compressed.find_first_not_of('\0') != std::string_view::npos) {
    throw InputError(fmt::format(
        "{} is a damaged gzip file: {} bytes after the compressed data are not gzip; copy or "
        "download it again",
        source, compressed.size()));
  }
  return std::move(text).finish();
}

}  // namespace tarn::io
