// Damage to a chain file, as a few bytes tell it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

extern "C" std::uint32_t H5_checksum_metadata(const void* data, std::size_t length,
                                              std::uint32_t start);

namespace tarn::fuzz {

/// The parts of an HDF5 file that carry a checksum of themselves. Who wants to do harm puts it
/// right; an accident does not.
class Checksums {
 public:
  /// Their lengths are found by trying, in a file that is whole.
  explicit Checksums(const std::string& file) {
    for (const std::string_view kind : {"OHDR", "OCHK", "BTHD", "BTLF", "FRHP", "FHIB", "FSHD"}) {
      for (std::size_t at = file.find(kind); at != file.npos; at = file.find(kind, at + 1)) {
        for (std::size_t n = kind.size(); n < most && at + n + 4 <= file.size(); ++n) {
          std::uint32_t stored = 0;
          std::memcpy(&stored, file.data() + at + n, sizeof stored);
          if (H5_checksum_metadata(file.data() + at, n, 0) != stored) continue;
          parts_.push_back({at, n});
          break;
        }
      }
    }
  }

  void put_right(std::string& file) const {
    for (const auto [at, length] : parts_) {
      if (at + length + 4 > file.size()) continue;
      const std::uint32_t sum = H5_checksum_metadata(file.data() + at, length, 0);
      std::memcpy(file.data() + at + length, &sum, sizeof sum);
    }
  }

  std::size_t count() const { return parts_.size(); }

 private:
  static constexpr std::size_t most = 8192;
  struct Part {
    std::size_t at, length;
  };
  std::vector<Part> parts_;
};

/// Six bytes an edit: its kind, a place, a value.
inline void damage(std::string& file, std::span<const std::uint8_t> script) {
  constexpr std::array<std::uint64_t, 12> numbers{0,
                                                  1,
                                                  2,
                                                  0xff,
                                                  0xffff,
                                                  0x7fffffff,
                                                  0xffffffff,
                                                  0x7fffffffffffffff,
                                                  0xffffffffffffffff,
                                                  1ULL << 32,
                                                  1ULL << 52,
                                                  0x7ff8000000000000};
  for (; script.size() >= 6 && !file.empty(); script = script.subspan(6)) {
    const std::size_t at =
        (script[1] | std::size_t{script[2]} << 8 | std::size_t{script[3]} << 16) % file.size();
    const auto value = static_cast<std::size_t>(script[4] | script[5] << 8);
    const std::size_t rest = file.size() - at;
    switch (script[0] % 6) {
      case 0:
        file[at] = static_cast<char>(file[at] ^ 1 << value % 8);
        break;
      case 1:
        file[at] = static_cast<char>(value);
        break;
      case 2:
        std::memcpy(file.data() + at, &numbers[value % numbers.size()],
                    std::min(rest, std::size_t{8}));
        break;
      case 3:
        std::fill_n(file.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min(rest, std::size_t{1} << value % 14), '\0');
        break;
      case 4: {  // a piece of the file in another place
        const std::size_t from = value * 8 % file.size();
        std::memmove(file.data() + at, file.data() + from,
                     std::min({rest, file.size() - from, std::size_t{64}}));
        break;
      }
      case 5:
        if (script[4] == 0) file.resize(at);
        break;
    }
  }
}

}  // namespace tarn::fuzz
