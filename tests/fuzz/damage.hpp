// Damage to a chain file, as a few bytes tell it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

namespace tarn::fuzz {

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
