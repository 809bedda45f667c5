// A descriptor that shows another stamp than the file.
#include "witness.hpp"

[[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto stamp = TARN_ABI_STAMP;

extern "C" {
[[gnu::visibility("default")]] extern const tarn::abi::Descriptor TARN_ABI_ENTRY;
const tarn::abi::Descriptor TARN_ABI_ENTRY = {sizeof(tarn::abi::Descriptor),
                                              TARN_ABI_MAGIC " abi=4.0",
                                              "other_stamp",
                                              "1.0.0",
                                              nullptr,
                                              nullptr};
}
