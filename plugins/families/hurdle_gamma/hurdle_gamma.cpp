// Zeros, or numbers of `gamma` (FAMILY.md).
#include "gamma/gamma.hpp"
#include "hurdle.hpp"

TARN_PLUGIN("hurdle_gamma", "0.5.0") {
  plugin.family<tarn::HurdleNumbers<tarn::gamma::Gamma>>("hurdle_gamma",
                                                         "0 with probability hu, else gamma");
}
