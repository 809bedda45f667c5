// Successes among trials (FAMILY.md).
#include "binomial/binomial.hpp"

TARN_PLUGIN("binomial", "0.5.0") {
  plugin.family<tarn::binomial::Successes<tarn::binomial::Binomial>>(
      "binomial", "successes among trials: y | trials(n)");
}
