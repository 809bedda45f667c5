// Zeros, or counts of `poisson` above 0 (FAMILY.md).
#include "hurdle.hpp"
#include "poisson/poisson.hpp"

TARN_PLUGIN("hurdle_poisson", "0.5.0") {
  plugin.family<tarn::HurdleCounts<tarn::poisson::Poisson>>(
      "hurdle_poisson", "0 with probability hu, else poisson above 0");
}
