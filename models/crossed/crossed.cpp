// Linear regression with any number of grouping factors, crossed or nested (MODEL.md has the
// algebra):
//
//   y_i = x_i'b + sum_f z_fi'r_f[level of i in f] + e_i,   e_i ~ N(0, sigma^2)
//   r_fj ~ N(0, Sigma_f),   Sigma_f = diag(sd) C diag(sd)
//
// Where all factors but chains of nested ones have few levels, all effects are integrated out
// exactly. Else factors with many levels take turns in the Gibbs sweep, each in one block with b
// and the small factors.
#include <deque>

#include <tarn/plugin.hpp>

#include "regression/regression.hpp"
#include "solver/several_factors.hpp"
#include "sweep.hpp"

namespace tarn::crossed {

class Crossed final : public regression::Regression {
 public:
  static constexpr int generality = 3;
  static constexpr bool reads_rows = true;

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) {
      return "the formula has no group term; it needs one, such as (1 | g)";
    }
    return std::nullopt;
  }

  /// What is integrated out must be few enough, too.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    auto all = Regression::withholds(design, priors);
    all.push_back(CollapsedGradient::id);
    if (regression::is_gaussian(design) &&
        !solver::is_affordable(design.derived<solver::NormalEquations>())) {
      all.push_back(Collapsed::id);
    }
    return all;
  }

  explicit Crossed(const ModelInput& input)
      : Crossed(input, regression::solver_of<solver::SeveralFactors>(input.design)) {}

  void start(VectorRef theta, Rng& rng) override {
    Regression::start(theta, rng);
    if (!solver_ || solver_->integrates()) return;
    for (std::size_t k = 0; k < blocks_.size(); ++k) draw(k, theta, rng);
  }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    regression::State& now = state_;
    read(theta, now);
    if (step_id == steps_.front().id || step_id == plain_steps_.front().id) {
      solver_->begin();
    }
    const Move& move = moves_[step_id];
    switch (move.kind) {
      case Move::Kind::block:
        draw_block(now, blocks_[move.index], rng);
        break;
      case Move::Kind::effects:
        draw_effects(now, move.index, rng);
        break;
      case Move::Kind::b:
        terms_.coefficients().mix(now.b, rng);
        terms_.coefficients().draw(solver_->given(now), now.sigma(), now.b, rng);
        break;
      case Move::Kind::sigma:
        draw_sigma(now, rng);
        break;
      case Move::Kind::covariance:
        draw_covariance(now, move.index, rng);
        break;
      case Move::Kind::sds:
        interweave(now, move.index, rng);
        break;
    }
    write(now, theta);
  }

 private:
  Crossed(const ModelInput& input, const std::shared_ptr<solver::SeveralFactors>& equations)
      : Regression(input, equations), equations_(equations) {
    if (equations_) list_steps();
  }

  /// What moves, and of which block or factor. The id of a step is its place in moves_.
  struct Move {
    enum class Kind { block, effects, b, sigma, covariance, sds };
    Kind kind;
    std::size_t index;
    std::string name;
  };

  /// b and the effects of some factors | the others' effects: MODEL.md (2), (3).
  void draw_block(regression::State& now, JointBlock& block, Rng& rng) {
    const solver::RightHandSides left = equations_->without(now, block.factors);
    terms_.coefficients().mix(now.b, rng);
    for (const std::size_t f : block.with_covariance) draw_covariance(now, f, block, left, rng);
    const auto marginal = block.effects.factorise(lambda(now), left);
    terms_.coefficients().draw(equations_->factor_of(marginal), now.sigma(), now.b, rng);
    block.effects.draw(equations_->shifted(now.b), now.sigma(), now.r, rng);
  }

  /// The covariance of a factor by slices along its free coordinates, b and effects integrated out.
  void draw_covariance(regression::State& now, std::size_t f, JointBlock& block,
                       const solver::RightHandSides& left, Rng& rng) {
    slice_covariance(
        terms_.covariance(f), now.covariances[f],
        [&] {
          const auto marginal = block.effects.factorise(lambda(now), left);
          return -0.5 * marginal.log_determinant +
                 terms_.coefficients().log_marginal(equations_->factor_of(marginal), now.sigma(),
                                                    now.b);
        },
        rng);
  }
  using Regression::draw_covariance;

  void draw_effects(regression::State& now, std::size_t f, Rng& rng) {
    const solver::RightHandSides left = equations_->without(now, {f});
    alone_[f].factorise(lambda(now), left);
    alone_[f].draw(equations_->shifted(now.b), now.sigma(), now.r, rng);
  }

  void list_steps() {
    const solver::NormalEquations& equations = equations_->equations();
    for (const std::size_t f : solver::all_factors(equations)) {
      alone_.emplace_back(equations, std::vector{f});
    }
    blocks_ = choose_blocks(equations);
    steps_.clear();
    plain_steps_.clear();
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      std::string text = "b";
      std::vector<std::size_t> moved{terms_.b()};
      for (const std::size_t f : blocks_[k].factors) {
        text += ", r_" + terms_.name(f);
        moved.push_back(terms_.r(f));
      }
      for (const std::size_t f : blocks_[k].with_covariance) {
        text += ", Sigma_" + terms_.name(f);
        for (const std::size_t block : terms_.of_covariance(f)) moved.push_back(block);
      }
      add_step({Move::Kind::block, k, text + " | rest"}, moved, {&steps_});
    }
    add_step({Move::Kind::b, 0, "b | rest"}, {terms_.b()}, {&plain_steps_});
    for (std::size_t f = 0; f < terms_.factors(); ++f) {
      add_step({Move::Kind::effects, f, "r_" + terms_.name(f) + " | rest"}, {terms_.r(f)},
               {&plain_steps_});
    }
    if (psi_.size() > 0) {
      add_step({Move::Kind::sigma, 0, "sigma | rest"}, {psi_.block()}, {&steps_, &plain_steps_});
    }
    for (std::size_t f = 0; f < terms_.factors(); ++f) {
      add_step({Move::Kind::covariance, f, "Sigma_" + terms_.name(f) + " | r_" + terms_.name(f)},
               terms_.of_covariance(f), {&steps_, &plain_steps_});
      std::vector<std::size_t> scaled = terms_.of_sds(f);
      scaled.push_back(terms_.r(f));
      add_step({Move::Kind::sds, f, "sd_" + terms_.name(f) + ", r | r / sd"}, scaled, {&steps_});
    }
  }

  void add_step(Move move, const std::vector<std::size_t>& moved,
                std::initializer_list<std::vector<Step>*> sweeps) {
    moves_.push_back(std::move(move));
    for (std::vector<Step>* sweep : sweeps) {
      sweep->push_back({moves_.size() - 1, moves_.back().name, moved});
    }
  }

  std::shared_ptr<solver::SeveralFactors> equations_;  // the solver
  std::vector<JointBlock> blocks_;
  std::vector<solver::Elimination> alone_;
  std::deque<Move> moves_;  // does not move what the steps' names refer to
};

}  // namespace tarn::crossed

TARN_PLUGIN("crossed", "0.5.0") {
  plugin.model<tarn::crossed::Crossed>(
      "crossed", "y = X b + Z r + e: any grouping factors, crossed or nested");
}
