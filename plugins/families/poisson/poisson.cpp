// Counts (FAMILY.md).
#include "poisson/poisson.hpp"

TARN_PLUGIN("poisson", "0.1.0") { plugin.family<tarn::poisson::Counts>("poisson", "counts"); }
