// A descriptor without a function that registers.
#include "witness.hpp"

[[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto stamp = TARN_ABI_STAMP;

extern "C" {
[[gnu::visibility("default")]] extern const tarn::abi::Descriptor TARN_ABI_ENTRY;
const tarn::abi::Descriptor TARN_ABI_ENTRY = {
    sizeof(tarn::abi::Descriptor), stamp.data(), "empty", "1.0.0", nullptr, nullptr};
}
