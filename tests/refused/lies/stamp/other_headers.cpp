// Headers in which the rows have one member more.
#include <tarn/vector.hpp>
#define frequency frequency, added

#include "witness.hpp"

TARN_PLUGIN("other_headers", "1.0.0") { plugin.diagnostic<Silent>("other_headers", ""); }
