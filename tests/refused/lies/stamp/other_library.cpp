// As if built with clang and libc++.
#include <tarn/abi.hpp>
#undef TARN_ABI_STDLIB
#define TARN_ABI_STDLIB "libc++-1"

#include "witness.hpp"

TARN_PLUGIN("other_library", "1.0.0") { plugin.diagnostic<Silent>("other_library", ""); }
