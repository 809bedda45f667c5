// Draws of counts (by Boost.Random) and of proportions, fed by tarn's streams.
#pragma once

#include "tarn/rng.hpp"

namespace tarn {

/// A Poisson variate; above a mean of 1e15, where doubles no longer hold all whole numbers, a
/// rounded normal one, whose skewness of 3e-8 or less is lost. Infinite where the mean is.
double draw_poisson(double mean, Rng& rng);

/// Given that it is not 0.
double draw_positive_poisson(double mean, Rng& rng);

/// A logarithmic variate, 1 or more: P(k) proportional to p^k / k.
double draw_logarithmic(double p, Rng& rng);

/// How many of `trials` succeed, a whole number; above 1e15 of them a rounded normal variate.
double draw_binomial(double trials, double probability, Rng& rng);

/// A beta variate, inside (0, 1) also where it is nearer to an end than a double can be.
double draw_beta(double a, double b, Rng& rng);

/// A gamma variate with this shape and mean, above 0 likewise.
double draw_gamma(double shape, double mean, Rng& rng);

}  // namespace tarn
