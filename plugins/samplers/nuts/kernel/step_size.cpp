// Dual averaging.
#include "step_size.hpp"

#include <algorithm>
#include <cmath>

namespace nuts {

using namespace tarn;

void StepSize::restart(double step) {
  step_ = step;
  centre_ = std::log(10 * step);
  count_ = shortfall_ = log_average_ = 0;
}

void StepSize::learn(double acceptance) {
  constexpr double gamma = 0.05, t0 = 10, kappa = 0.75;  // the values of the paper
  count_ += 1;
  const double weight = 1 / (count_ + t0);
  shortfall_ += weight * (target_ - std::min(acceptance, 1.0) - shortfall_);
  const double log_step = centre_ - shortfall_ * std::sqrt(count_) / gamma;
  log_average_ += std::pow(count_, -kappa) * (log_step - log_average_);
  step_ = std::exp(log_step);
}

void StepSize::settle() {
  if (count_ > 0) step_ = std::exp(log_average_);
}

void StepSize::save(TuningWriter& to) const {
  to << step_ << centre_ << count_ << shortfall_ << log_average_;
}

void StepSize::load(TuningReader& from) {
  from >> step_ >> centre_ >> count_ >> shortfall_ >> log_average_;
}

}  // namespace nuts
