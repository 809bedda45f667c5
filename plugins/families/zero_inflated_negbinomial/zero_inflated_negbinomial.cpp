// Counts of `negbinomial` with more zeros (FAMILY.md).
#include "negbinomial/negbinomial.hpp"
#include "zero_inflated.hpp"

TARN_PLUGIN("zero_inflated_negbinomial", "0.5.0") {
  plugin.family<tarn::ZeroInflated<tarn::negbinomial::NegBinomial>>(
      "zero_inflated_negbinomial", "counts of negbinomial, and more zeros: zi");
}
