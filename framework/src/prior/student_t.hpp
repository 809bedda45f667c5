// Student's t with location and scale: Gelman et al. (2013), table A.1.
#pragma once

#include "tarn/rng.hpp"

namespace tarn {

double student_t_log_density(double x, double nu, double location, double scale);
double student_t_score(double x, double nu, double location, double scale);

/// With location 0 and scale 1.
double student_t_draw(double nu, Rng& rng);

}  // namespace tarn
