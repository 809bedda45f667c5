// Counts (FAMILY.md).
#include "poisson/poisson.hpp"

TARN_PLUGIN("poisson", "0.5.0") { plugin.family<tarn::poisson::Counts>("poisson", "counts"); }
