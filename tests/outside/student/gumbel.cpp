// A density of its own: Gumbel's distribution of extremes, gumbel(location, scale). With
// z = (x - location) / scale its log density is -z - exp(-z) - log scale (Gumbel 1958,
// section 5.1).
#include <cmath>

#include <tarn/plugin.hpp>

namespace {

using tarn::DensityArguments;

double z(double x, DensityArguments a) { return (x - a[0]) / a[1]; }

}  // namespace

TARN_PLUGIN("gumbel", "0.1.0") {
  plugin.density(
      {.name = "gumbel",
       .arguments = {{"location"}, {"scale", /*positive=*/true}},
       .log_density =
           [](double x, DensityArguments a) {
             return -z(x, a) - std::exp(-z(x, a)) - std::log(a[1]);
           },
       .score = [](double x, DensityArguments a) { return (std::exp(-z(x, a)) - 1) / a[1]; },
       .draw = [](DensityArguments a,
                  tarn::Rng& rng) { return a[0] - a[1] * std::log(rng.exponential()); }});
}
