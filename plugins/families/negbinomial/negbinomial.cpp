// Overdispersed counts (FAMILY.md).
#include "negbinomial/negbinomial.hpp"

TARN_PLUGIN("negbinomial", "0.5.0") {
  plugin.family<tarn::negbinomial::Counts>("negbinomial", "overdispersed counts");
}
