// Registers a density that cannot be drawn from.
#include "witness.hpp"

TARN_PLUGIN("half_density", "1.0.0") {
  plugin.density({.name = "half_done",
                  .log_density = [](double, tarn::DensityArguments) { return 0.0; },
                  .score = [](double, tarn::DensityArguments) { return 0.0; }});
}
