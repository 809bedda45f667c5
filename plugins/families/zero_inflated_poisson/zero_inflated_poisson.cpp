// Counts of `poisson` with more zeros (FAMILY.md).
#include "poisson/poisson.hpp"
#include "zero_inflated.hpp"

TARN_PLUGIN("zero_inflated_poisson", "0.5.0") {
  plugin.family<tarn::ZeroInflated<tarn::poisson::Poisson>>(
      "zero_inflated_poisson", "counts of poisson, and more zeros: zi");
}
