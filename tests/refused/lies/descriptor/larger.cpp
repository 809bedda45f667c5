// A descriptor of another size.
#include "witness.hpp"

[[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto stamp = TARN_ABI_STAMP;

struct Larger {
  tarn::abi::Descriptor descriptor;
  const char* more;
};
extern "C" {
[[gnu::visibility("default")]] extern const Larger TARN_ABI_ENTRY;
const Larger TARN_ABI_ENTRY = {{sizeof(Larger), stamp.data(), "larger", "1.0.0", nullptr, nullptr},
                               ""};
}
