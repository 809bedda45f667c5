// The Gibbs sweeps of crossed.
#pragma once

#include <deque>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "parts.hpp"
#include "residuals.hpp"

namespace tarn::crossed {

/// Whether the exact density with all effects integrated out is cheap.
bool is_affordable(const NormalEquations& equations);

/// Steps of both sweeps, and the residuals that they share (MODEL.md, Sweeps of Gibbs).
class Sweep {
 public:
  using Step = FullConditionals::Step;

  /// `parts` must outlive this.
  explicit Sweep(Parts& parts);

  std::span<const Step> steps() const noexcept { return steps_; }
  std::span<const Step> plain_steps() const noexcept { return plain_steps_; }
  std::size_t blocks() const noexcept { return blocks_.size(); }  // the first steps of the sweep

  void draw(std::size_t step_id, State& now, Rng& rng);

  /// The residuals at b and r. They are kept up from step to step, but those `anew`, from which a
  /// sweep begins, depend on the draw alone, not on how the chain came there.
  const Residuals& residuals(const State& now, bool anew = false);

  /// All effects of the first block: where is_affordable(), those of all factors.
  Elimination& effects() noexcept { return blocks_.front().effects; }

 private:
  /// What moves, and of which block or factor. The id of a step is its place in moves_.
  struct Move {
    enum class Kind { block, effects, b, sigma, covariance, sds };
    Kind kind;
    std::size_t index;
    std::string name;
  };

  /// Factors that are drawn together with b; first, with all of these integrated out, the
  /// covariances of some of them.
  struct JointBlock {
    std::vector<std::size_t> factors;
    Elimination effects;
    std::vector<std::size_t> spread = {};
  };

  void choose_blocks();
  void list_steps();
  void add_step(Move move, const std::vector<std::size_t>& moved,
                std::initializer_list<std::vector<Step>*> sweeps);

  void move_b(const State& now);
  void move(const State& now, std::size_t f);

  void draw_block(State& now, JointBlock& block, Rng& rng);
  void draw_spread(State& now, std::size_t f, Elimination& effects, const Response& response,
                   Rng& rng);
  void draw_effects(State& now, std::size_t f, Rng& rng);
  void draw_b(State& now, Rng& rng);
  void draw_sigma(State& now, Rng& rng) const;
  void draw_covariance(State& now, std::size_t f, Rng& rng) const;
  void interweave(State& now, std::size_t f, Rng& rng);

  Parts& parts_;
  const NormalEquations& equations_;
  Residuals residuals_;
  Vector seen_b_;  // what the residuals are of
  std::vector<Vector> seen_r_;
  std::vector<JointBlock> blocks_;
  std::vector<Elimination> alone_;
  std::deque<Move> moves_;  // does not move what the steps' names refer to
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
};

}  // namespace tarn::crossed
