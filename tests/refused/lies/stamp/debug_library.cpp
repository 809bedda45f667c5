// Built with _GLIBCXX_DEBUG: the containers of the standard library have another size here.
#include "witness.hpp"

TARN_PLUGIN("debug_library", "1.0.0") { plugin.diagnostic<Silent>("debug_library", ""); }
