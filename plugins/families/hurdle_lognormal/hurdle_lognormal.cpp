// Zeros, or numbers of `lognormal` (FAMILY.md).
#include "hurdle.hpp"
#include "lognormal/lognormal.hpp"

TARN_PLUGIN("hurdle_lognormal", "0.5.0") {
  plugin.family<tarn::HurdleNumbers<tarn::lognormal::LogNormal>>(
      "hurdle_lognormal", "0 with probability hu, else lognormal");
}
