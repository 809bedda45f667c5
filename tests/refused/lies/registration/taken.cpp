// Registers a name that the honest plugin "count" has.
#include "witness.hpp"

TARN_PLUGIN("taken", "1.0.0") {
  plugin.diagnostic<Silent>("new", "");
  plugin.diagnostic<Silent>("count", "");
}
