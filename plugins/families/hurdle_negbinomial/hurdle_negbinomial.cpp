// Zeros, or counts of `negbinomial` above 0 (FAMILY.md).
#include "hurdle.hpp"
#include "negbinomial/negbinomial.hpp"

TARN_PLUGIN("hurdle_negbinomial", "0.5.0") {
  plugin.family<tarn::HurdleCounts<tarn::negbinomial::NegBinomial>>(
      "hurdle_negbinomial", "0 with probability hu, else negbinomial above 0");
}
