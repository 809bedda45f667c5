// Trees of leapfrog steps.
#include "trajectory.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace nuts {

using namespace tarn;

namespace {

/// Beyond this error of the energy the integrator has lost the trajectory.
constexpr double divergence = 1000;

struct Momentum {
  Vector p;
  Vector velocity;
};

struct State {
  Point at;
  Momentum momentum;

  double energy() const { return 0.5 * momentum.p.dot(momentum.velocity) - at.log_density; }
};

State started(const Metric& metric, const Point& at, Rng& rng) {
  State state{at, {metric.momentum(rng), {}}};
  state.momentum.velocity = metric.velocity(state.momentum.p);
  return state;
}

void leapfrog(const Target& target, const Metric& metric, double step, State& state) {
  auto& [p, velocity] = state.momentum;
  p += 0.5 * step * state.at.gradient;
  state.at.z += step * metric.velocity(p);
  state.at.log_density = target.log_density_gradient(state.at.z, state.at.gradient);
  p += 0.5 * step * state.at.gradient;
  velocity = metric.velocity(p);
}

double log_sum(double a, double b) {
  return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b)));
}

/// A stretch of the trajectory. `first` and `last` are its ends in the direction of time.
struct Tree {
  Momentum first;
  Momentum last;
  Vector sum;         // of the momenta
  double log_weight;  // log of the sum of exp(-energy), relative to the start's
  Point draw;
  double energy;  // of the draw
};

/// The generalised criterion (Betancourt 2017, appendix A.4.2).
bool turns(const Momentum& first, const Momentum& last, const Vector& sum) {
  return !(first.velocity.dot(sum) > 0 && last.velocity.dot(sum) > 0);
}

/// Over both stretches, and over either with the nearest point of the other: else trajectories of
/// about one period are missed (Stan, pull request 2800).
bool turns(const Tree& left, const Tree& right) {
  return turns(left.first, right.last, left.sum + right.sum) ||
         turns(left.first, right.first, left.sum + right.first.p) ||
         turns(left.last, right.last, right.sum + left.last.p);
}

class Trajectory {
 public:
  Trajectory(const Target& target, const Metric& metric, double step, Rng& rng)
      : target_(target), metric_(metric), step_(step), rng_(rng) {}

  Transition run(const Point& from, int max_depth) {
    State forwards = started(metric_, from, rng_);
    State backwards = forwards;
    start_energy_ = forwards.energy();
    Tree tree = leaf(forwards, 0);
    int depth = 0;
    bool ended = false;
    while (depth < max_depth) {
      const bool ahead = rng_.uniform() < 0.5;
      std::optional<Tree> grown =
          ahead ? grow(forwards, step_, depth) : grow(backwards, -step_, depth);
      if (!grown) {  // it diverged, or turned within
        ended = true;
        break;
      }
      ++depth;
      // Biased progressive sampling: the new half is preferred, which moves farther.
      const bool of_new = rng_.uniform() < std::exp(grown->log_weight - tree.log_weight);
      if (!ahead) std::swap(tree, *grown);
      ended = turns(tree, *grown);
      tree = joined(std::move(tree), std::move(*grown), of_new == ahead);
      if (ended) break;
    }
    return {
        std::move(tree.draw), tree.energy, acceptance_ / std::max(steps_, 1), step_, depth, steps_,
        diverging_,           !ended};
  }

 private:
  /// 2^depth leapfrog steps from `edge`, which moves to their end; nothing where they diverge or
  /// turn.
  std::optional<Tree> grow(State& edge, double step, int depth) {
    if (depth == 0) return step_from(edge, step);
    std::optional<Tree> near = grow(edge, step, depth - 1);
    if (!near) return std::nullopt;
    std::optional<Tree> far = grow(edge, step, depth - 1);
    if (!far) return std::nullopt;
    // Within a half, progressive sampling is uniform.
    const double log_weight = log_sum(near->log_weight, far->log_weight);
    const bool of_far = rng_.uniform() < std::exp(far->log_weight - log_weight);
    const bool ahead = step > 0;
    if (!ahead) std::swap(near, far);
    if (turns(*near, *far)) return std::nullopt;
    return joined(std::move(*near), std::move(*far), of_far == ahead);
  }

  std::optional<Tree> step_from(State& edge, double step) {
    leapfrog(target_, metric_, step, edge);
    ++steps_;
    const double log_weight = start_energy_ - edge.energy();
    if (!(log_weight >= -divergence)) {  // NaN too
      diverging_ = true;
      return std::nullopt;
    }
    acceptance_ += std::exp(std::min(log_weight, 0.0));
    return leaf(edge, log_weight);
  }

  static Tree leaf(const State& state, double log_weight) {
    return {state.momentum, state.momentum, state.momentum.p, log_weight, state.at, state.energy()};
  }

  /// Both stretches as one, with the draw of one of them.
  static Tree joined(Tree left, Tree right, bool draw_of_right) {
    left.last = std::move(right.last);
    left.sum += right.sum;
    left.log_weight = log_sum(left.log_weight, right.log_weight);
    if (draw_of_right) {
      left.draw = std::move(right.draw);
      left.energy = right.energy;
    }
    return left;
  }

  const Target& target_;
  const Metric& metric_;
  double step_;
  Rng& rng_;
  double start_energy_ = 0;
  double acceptance_ = 0;  // summed over the leaves
  int steps_ = 0;
  bool diverging_ = false;
};

}  // namespace

Point point_at(const Target& target, ConstVectorRef z) {
  Point point{z, Vector(z.size()), 0};
  point.log_density = target.log_density_gradient(z, point.gradient);
  return point;
}

Transition transition(const Target& target, const Metric& metric, const Point& from, double step,
                      int max_depth, Rng& rng) {
  return Trajectory(target, metric, step, rng).run(from, max_depth);
}

double first_step(const Target& target, const Metric& metric, const Point& from, double step,
                  Rng& rng) {
  const auto accepted = [&](double trial) {
    State state = started(metric, from, rng);
    const double before = state.energy();
    leapfrog(target, metric, trial, state);
    return before - state.energy() > std::log(0.8);  // false for NaN
  };
  const bool grow = accepted(step);
  const double factor = grow ? 2 : 0.5;
  for (int k = 0; k < 50; ++k) {
    step *= factor;
    if (accepted(step) != grow) break;
  }
  return step;
}

}  // namespace nuts
