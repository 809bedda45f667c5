// Any bytes as a plugin: a shared library from its file, all else as a stamp alone. Nothing is
// loaded.
#include <string>

#include <elf.h>

#include "fuzzing.hpp"
#include "plugin/load.hpp"
#include "plugin/stamp.hpp"
#include "tarn/plugin.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = tarn::fuzz::text_of(data, size);
  try {
    std::string stamp;
    if (bytes.starts_with(ELFMAG)) {
      const tarn::fuzz::File file(bytes);
      stamp = tarn::stamp_of_file(file.path());
    } else {
      stamp = tarn::checked_stamp(bytes);
    }
    tarn::fuzz::require(stamp == TARN_ABI_STAMP.data(),
                        "a stamp that is taken is this tarn's: " + stamp);
  } catch (const tarn::PluginError&) {
  }
  return 0;
}
