// The containers of the standard library really have another size here.
#define _GLIBCXX_DEBUG
#include "witness.hpp"

TARN_PLUGIN("debug_library", "1.0.0") { plugin.diagnostic<Silent>("debug_library", ""); }
