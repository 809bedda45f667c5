// Registers nothing.
#include "witness.hpp"

TARN_PLUGIN("nothing", "1.0.0") { static_cast<void>(plugin); }
