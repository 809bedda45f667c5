// Sweeps: which blocks, which steps, and what each step draws.
#include "sweep.hpp"

#include <cmath>

#include <tarn/distributions.hpp>
#include <tarn/scale.hpp>
#include <tarn/target.hpp>

namespace tarn::crossed {
namespace {

/// Dense columns up to which one evaluation of the exact marginal density costs well below a
/// millisecond, and those up to which a factor counts as small in a Gibbs sweep.
constexpr Eigen::Index affordable = 150;
constexpr Eigen::Index small = 64;

std::vector<std::size_t> all_factors(const NormalEquations& equations) {
  std::vector<std::size_t> all(equations.size());
  for (std::size_t f = 0; f < all.size(); ++f) all[f] = f;
  return all;
}

}  // namespace

bool is_affordable(const NormalEquations& equations) {
  return Elimination(equations, all_factors(equations)).dense() <= affordable;
}

Sweep::Sweep(Parts& parts)
    : parts_(parts), equations_(parts.equations), residuals_(parts.equations) {
  choose_blocks();
  list_steps();
}

void Sweep::draw(std::size_t step_id, State& now, Rng& rng) {
  residuals(now, step_id == steps_.front().id || step_id == plain_steps_.front().id);
  const Move& move = moves_[step_id];
  switch (move.kind) {
    case Move::Kind::block:
      return draw_block(now, blocks_[move.index], rng);
    case Move::Kind::effects:
      return draw_effects(now, move.index, rng);
    case Move::Kind::b:
      return draw_b(now, rng);
    case Move::Kind::sigma:
      return draw_sigma(now, rng);
    case Move::Kind::covariance:
      return draw_covariance(now, move.index, rng);
    case Move::Kind::sds:
      return interweave(now, move.index, rng);
  }
}

const Residuals& Sweep::residuals(const State& now, bool anew) {
  const Vector b = now.b - equations_.shift();
  const bool seen = !seen_r_.empty() && b == seen_b_ && now.r == seen_r_;
  if (seen && !anew) return residuals_;
  residuals_.reset();
  residuals_.move_b(b);
  for (std::size_t f = 0; f < parts_.factors(); ++f) residuals_.move(f, now.r[f]);
  seen_b_ = b;
  seen_r_ = now.r;
  return residuals_;
}

void Sweep::move_b(const State& now) {
  const Vector b = now.b - equations_.shift();
  residuals_.move_b(b - seen_b_);
  seen_b_ = b;
}

void Sweep::move(const State& now, std::size_t f) {
  residuals_.move(f, now.r[f] - seen_r_[f]);
  seen_r_[f] = now.r[f];
}

/// b and the effects of some factors | the others' effects: MODEL.md (2), (3).
void Sweep::draw_block(State& now, JointBlock& block, Rng& rng) {
  const Response response = residuals_.without(seen_b_, now.r, block.factors);
  parts_.coefficients.mix(now.b, rng);
  for (const std::size_t f : block.spread) draw_spread(now, f, block.effects, response, rng);
  const Elimination::Marginal marginal = block.effects.factorise(now.lambda(), response);
  parts_.coefficients.draw(factor_of(marginal, equations_), now.sigma, now.b, rng);
  block.effects.draw(now.b - equations_.shift(), now.sigma, now.r, rng);
  move_b(now);
  for (const std::size_t f : block.factors) move(now, f);
}

/// The covariance of a factor by slices along its free coordinates, b and effects integrated out.
void Sweep::draw_spread(State& now, std::size_t f, Elimination& effects, const Response& response,
                        Rng& rng) {
  const GroupCovariance& covariance = parts_.covariances[f];
  Layout layout;
  const GroupCovariance::Place place = covariance.add_to(layout);
  const Target target(layout, [&](ConstVectorRef natural) {
    now.covariances[f] = covariance.read(layout, place, natural);
    const Elimination::Marginal marginal = effects.factorise(now.lambda(), response);
    return covariance.log_density(now.covariances[f]) - 0.5 * marginal.log_determinant +
           parts_.coefficients.log_marginal(factor_of(marginal, equations_), now.sigma, now.b);
  });
  Vector natural(target.natural_size());
  covariance.write(now.covariances[f], layout, place, natural);
  Vector z = target.free(natural);
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const auto along = [&](double x) {
      Vector there = z;
      there[k] = x;
      return target.log_density(there);
    };
    z[k] = slice(z[k], 1.0, along, rng);
  }
  now.covariances[f] = covariance.read(layout, place, target.natural(z));
}

void Sweep::draw_effects(State& now, std::size_t f, Rng& rng) {
  const Response response = residuals_.without(seen_b_, now.r, {f});
  alone_[f].factorise(now.lambda(), response);
  alone_[f].draw(seen_b_, now.sigma, now.r, rng);
  move(now, f);
}

void Sweep::draw_b(State& now, Rng& rng) {
  const Response response = residuals_.without(seen_b_, now.r, {});
  Matrix products = equations_.products();
  products.col(parts_.p()).head(parts_.p()) = response.x;
  products.row(parts_.p()).head(parts_.p()) = response.x.transpose();
  products(parts_.p(), parts_.p()) = response.y;
  parts_.coefficients.mix(now.b, rng);
  parts_.coefficients.draw(factor_of({products, 0}, equations_), now.sigma, now.b, rng);
  move_b(now);
}

void Sweep::draw_sigma(State& now, Rng& rng) const {
  now.sigma = draw_scale(
      *parts_.sigma_prior, parts_.moments.rows + static_cast<double>(parts_.coefficients.scaled()),
      residuals_.squares() + parts_.coefficients.scaled_squares(now.b), now.sigma, rng);
}

void Sweep::draw_covariance(State& now, std::size_t f, Rng& rng) const {
  const auto r = parts_.by_column(f, now.r[f]);
  parts_.covariances[f].draw(now.covariances[f], r * r.transpose(), parts_.levels(f), rng);
}

/// The sds of a factor with the ratios x_jk = r_jk / sd_k held fixed.
void Sweep::interweave(State& now, std::size_t f, Rng& rng) {
  const NormalEquations::Factor& factor = equations_.factors()[f];
  const Eigen::Index q = factor.q;
  Covariance& covariance = now.covariances[f];
  Matrix x = parts_.by_column(f, now.r[f]);
  x.array().colwise() /= covariance.sd.array();
  const Vector z = residuals_.of(f) + own_product(factor, now.r[f]);
  const Vector linear = x.cwiseProduct(parts_.by_column(f, z)).rowwise().sum();
  Matrix quadratic = Matrix::Zero(q, q);
  for (Eigen::Index j = 0; j < factor.levels; ++j) {
    const Eigen::Map<const Matrix> S(factor.own.data() + j * q * q, q, q);
    quadratic += S.cwiseProduct(x.col(j) * x.col(j).transpose());
  }
  parts_.covariances[f].draw_sds(covariance, quadratic, linear, now.sigma * now.sigma, rng);
  parts_.by_column(f, now.r[f]) = covariance.sd.asDiagonal() * x;
  move(now, f);
}

/// All factors in one block where that is affordable. Else each with many levels in its turn,
/// together with those of few.
void Sweep::choose_blocks() {
  std::vector<std::size_t> all = all_factors(equations_);
  for (const std::size_t f : all) alone_.emplace_back(equations_, std::vector{f});
  if (is_affordable(equations_)) {
    blocks_.push_back({all, Elimination(equations_, all)});
    return;
  }
  std::vector<std::size_t> few;
  Eigen::Index columns = 0;
  for (std::size_t f = equations_.size(); f-- > 0;) {
    const NormalEquations::Factor& factor = equations_.factors()[f];
    columns += factor.levels * factor.q;
    if (columns <= small) few.insert(few.begin(), f);
  }
  for (std::size_t f = 0; f + few.size() < equations_.size(); ++f) {
    std::vector<std::size_t> together{f};
    together.insert(together.end(), few.begin(), few.end());
    blocks_.push_back({together, Elimination(equations_, together)});
  }
  // The last is the cheapest. Few levels say little of their spread: it and they hold each other.
  blocks_.back().spread = few;
}

void Sweep::list_steps() {
  const std::size_t F = parts_.factors();
  for (std::size_t k = 0; k < blocks_.size(); ++k) {
    std::string text = "b";
    std::vector<std::size_t> moved{parts_.b};
    for (const std::size_t f : blocks_[k].factors) {
      text += ", r_" + parts_.name(f);
      moved.push_back(parts_.r[f]);
    }
    for (const std::size_t f : blocks_[k].spread) {
      text += ", Sigma_" + parts_.name(f);
      moved.push_back(parts_.sds[f].sd);
      moved.insert(moved.end(), parts_.sds[f].correlations.begin(),
                   parts_.sds[f].correlations.end());
    }
    add_step({Move::Kind::block, k, text + " | rest"}, moved, {&steps_});
  }
  add_step({Move::Kind::b, 0, "b | rest"}, {parts_.b}, {&plain_steps_});
  for (std::size_t f = 0; f < F; ++f) {
    add_step({Move::Kind::effects, f, "r_" + parts_.name(f) + " | rest"}, {parts_.r[f]},
             {&plain_steps_});
  }
  if (parts_.sigma_prior != nullptr) {
    add_step({Move::Kind::sigma, 0, "sigma | rest"}, {parts_.sigma}, {&steps_, &plain_steps_});
  }
  for (std::size_t f = 0; f < F; ++f) {
    std::vector<std::size_t> moved = parts_.sds[f].correlations;
    moved.push_back(parts_.sds[f].sd);
    add_step({Move::Kind::covariance, f, "Sigma_" + parts_.name(f) + " | r_" + parts_.name(f)},
             moved, {&steps_, &plain_steps_});
    add_step({Move::Kind::sds, f, "sd_" + parts_.name(f) + ", r | r / sd"},
             {parts_.sds[f].sd, parts_.r[f]}, {&steps_});
  }
}

void Sweep::add_step(Move move, const std::vector<std::size_t>& moved,
                     std::initializer_list<std::vector<Step>*> sweeps) {
  moves_.push_back(std::move(move));
  for (std::vector<Step>* sweep : sweeps) {
    sweep->push_back({moves_.size() - 1, moves_.back().name, moved});
  }
}

}  // namespace tarn::crossed
