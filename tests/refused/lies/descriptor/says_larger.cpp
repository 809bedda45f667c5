// A descriptor that says it has another size than it has.
#include "witness.hpp"

[[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto stamp = TARN_ABI_STAMP;

extern "C" {
[[gnu::visibility("default")]] extern const tarn::abi::Descriptor TARN_ABI_ENTRY;
const tarn::abi::Descriptor TARN_ABI_ENTRY = {4096,    stamp.data(), "says_larger",
                                              "1.0.0", nullptr,      nullptr};
}
