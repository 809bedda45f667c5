// Needs capabilities that this tarn does not know yet.
#include <tarn/abi.hpp>
#undef TARN_ABI_MINOR
#define TARN_ABI_MINOR 7

#include "witness.hpp"

TARN_PLUGIN("newer_minor", "1.0.0") { plugin.diagnostic<Silent>("newer_minor", ""); }
