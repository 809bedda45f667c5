// Positive numbers with a normal logarithm (FAMILY.md).
#include "lognormal/lognormal.hpp"

TARN_PLUGIN("lognormal", "0.5.0") {
  plugin.family<tarn::lognormal::LogNormal>("lognormal", "positive numbers: log(y) is normal");
}
