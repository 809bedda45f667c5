// Has the name of the honest plugin "count".
#include "witness.hpp"

TARN_PLUGIN("count", "9.9.9") { plugin.diagnostic<Silent>("another", ""); }
