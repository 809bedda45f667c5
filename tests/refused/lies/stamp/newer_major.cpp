// Built for a later generation of the plugin ABI.
#include <tarn/abi.hpp>
#undef TARN_ABI_MAJOR
#define TARN_ABI_MAJOR 5

#include "witness.hpp"

TARN_PLUGIN("newer_major", "1.0.0") { plugin.diagnostic<Silent>("newer_major", ""); }
