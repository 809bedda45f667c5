// Uses a function that nobody defines.
#include "witness.hpp"

namespace tarn {
double no_such_density(double x, const std::vector<int>& degrees);
}

TARN_PLUGIN("unresolved", "1.0.0") {
  if (tarn::no_such_density(1, {}) > 0) plugin.diagnostic<Silent>("unresolved", "");
}
