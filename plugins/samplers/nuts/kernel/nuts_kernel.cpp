// Transitions and warm-up.
#include "nuts_kernel.hpp"

#include "windows.hpp"

namespace nuts {

using namespace tarn;

NutsKernel::NutsKernel(const Target& target, const Options& options)
    : target_(target),
      options_(options),
      metric_(target.size(), options.dense),
      window_(target.size(), options.dense),
      step_(options.target_accept) {}

Transition NutsKernel::move(ConstVectorRef z, Rng& rng) {
  const Point from = point_at(target_, z);
  if (!step_.known()) step_.restart(first_step(target_, metric_, from, 1, rng));
  return transition(target_, metric_, from, step_.now(), options_.max_depth, rng);
}

Transition NutsKernel::adapt(ConstVectorRef z, Rng& rng, WarmUp at) {
  Transition now = move(z, rng);
  step_.learn(now.acceptance);
  const Windows windows(at.total);
  if (windows.inside(at.done)) window_.add(now.to.z, now.to.gradient);
  if (windows.closes(at.done)) {
    window_.close(metric_);
    step_.restart(first_step(target_, metric_, now.to, step_.now(), rng));
  }
  if (at.done + 1 == at.total) step_.settle();
  return now;
}

void NutsKernel::save(TuningWriter& to) const {
  metric_.save(to);
  window_.save(to);
  step_.save(to);
}

void NutsKernel::load(TuningReader& from) {
  metric_.load(from);
  window_.load(from);
  step_.load(from);
}

}  // namespace nuts
