// A name that nobody can type without quotes.
#include "witness.hpp"

TARN_PLUGIN("bad_name", "1.0.0") { plugin.diagnostic<Silent>("Bad name", ""); }
