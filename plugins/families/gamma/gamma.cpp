// Positive numbers (FAMILY.md).
#include "gamma/gamma.hpp"

TARN_PLUGIN("gamma", "0.5.0") {
  plugin.family<tarn::gamma::Gamma>("gamma", "positive numbers, their sd proportional to the mean");
}
