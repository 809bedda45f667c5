// Says two things at once.
#include "witness.hpp"

[[gnu::used, gnu::section(TARN_ABI_SECTION)]] static constexpr auto second = TARN_ABI_STAMP;

TARN_PLUGIN("two_stamps", "1.0.0") { plugin.diagnostic<Silent>("two_stamps", ""); }
