// Registers a density that tarn has.
#include "witness.hpp"

TARN_PLUGIN("taken_density", "1.0.0") {
  plugin.density({.name = "normal",
                  .log_density = [](double, tarn::DensityArguments) { return 0.0; },
                  .score = [](double, tarn::DensityArguments) { return 0.0; },
                  .draw = [](tarn::DensityArguments, tarn::Rng& rng) { return rng.normal(); }});
}
