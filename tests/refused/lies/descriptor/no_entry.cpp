// Stamped, but without a descriptor.
#include "witness.hpp"

[[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto stamp = TARN_ABI_STAMP;
