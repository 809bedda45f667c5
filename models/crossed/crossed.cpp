// Linear regression with any number of grouping factors, crossed or nested (MODEL.md has the
// algebra):
//
//   y_i = x_i'b + sum_f z_fi'r_f[level of i in f] + e_i,   e_i ~ N(0, sigma^2),   r_fj ~ N(0,
//   Sigma_f)
//
//   b_k      ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma    ~ any density of a positive number; inv_gamma on sigma^2 is conjugate
//   Sigma_f  = diag(sd) C diag(sd): any density for each sd, lkj for C; or inv_wishart for Sigma_f
//
// Where all factors but chains of nested ones have few levels, all effects are integrated out
// exactly. Else factors with many levels take turns in the Gibbs sweep, each in one block with b
// and the small factors.
#include <cmath>
#include <deque>
#include <initializer_list>
#include <numbers>
#include <optional>

#include <tarn/plugin.hpp>

#include "elimination.hpp"
#include "kept_covariances.hpp"
#include "residuals.hpp"

namespace {

using namespace tarn;

/// Dense columns up to which one evaluation of the exact marginal density costs well below a
/// millisecond, and those up to which a factor counts as small in a Gibbs sweep.
constexpr Eigen::Index affordable = 150;
constexpr Eigen::Index small = 64;

std::vector<std::size_t> all_factors(const NormalEquations& equations) {
  std::vector<std::size_t> all(equations.size());
  for (std::size_t f = 0; f < all.size(); ++f) all[f] = f;
  return all;
}

bool is_affordable(const NormalEquations& equations) {
  return Elimination(equations, all_factors(equations)).dense() <= affordable;
}

class Crossed final
    : public Offers<LogDensity, Gradient, FullConditionals, Collapsed, PointwiseLogLikelihood,
                    GroupwiseLogLikelihood, Predictive, Expectation, NewGroups, PriorDraws> {
 public:
  static constexpr int generality = 3;
  static constexpr bool reads_rows = true;

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) {
      return "the formula has no group term; it needs one, such as (1 | g)";
    }
    return std::nullopt;
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& sigma : residual_parameters(design)) all.push_back(std::move(sigma));
    for (Parameter& group : group_parameters(design)) all.push_back(std::move(group));
    return all;
  }

  /// What is integrated out must be Gaussian, and few enough.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    if (Coefficients(design, priors).gaussian() &&
        is_affordable(design.derived<NormalEquations>())) {
      return {};
    }
    return {Collapsed::id};
  }

  explicit Crossed(const ModelInput& input)
      : design_(input.design),
        moments_(design_.moments()),
        equations_(design_.derived<NormalEquations>()),
        coefficients_(design_, input.priors),
        residuals_(equations_),
        b_(layout_.add({"b",
                        {{"coefficient", design_.coefficients}},
                        Support::real,
                        "population-level coefficients"})) {
    if (!design_.known_errors) {
      sigma_prior_ = &input.priors.of("sigma");
      sigma_ = layout_.add({"sigma", {}, Support::positive, "residual standard deviation"});
    }
    for (const NormalEquations::Factor& factor : equations_.factors()) {
      covariances_.emplace_back(design_, input.priors, factor.grouping);
      covariances_.back().check_proper(factor.levels);
    }
    // Blocks in the order of the formula.
    spread_.resize(equations_.size());
    r_.resize(equations_.size());
    for (std::size_t g = 0; g < design_.groupings.size(); ++g) {
      spread_[place_of(g)] = covariances_[place_of(g)].add_to(layout_);
    }
    for (std::size_t g = 0; g < design_.groupings.size(); ++g) {
      const std::string name = design_.groupings[g].variable();
      r_[place_of(g)] = layout_.add({"r_" + name,
                                     {{name, design_.groupings[g].levels},
                                      {name + "_term", covariances_[place_of(g)].columns()}},
                                     Support::real,
                                     "deviation of each group from the population",
                                     "sd_" + name});
    }
    kept_.emplace(design_, equations_, coefficients_, sigma_prior_, covariances_);
    choose_blocks();
    list_steps();
  }

  const Layout& layout() const noexcept override { return layout_; }

  void start(VectorRef theta, Rng& rng) override {
    // Half of the variance that the covariates leave goes to the groups, in equal parts.
    const double residual = 0.7 * moments_.factor(p(), p()) / std::sqrt(moments_.rows);
    State now = empty();
    if (sigma_prior_ != nullptr) now.sigma = start_scale(*sigma_prior_, residual, rng);
    Eigen::Index columns = 0;
    for (const GroupCovariance& covariance : covariances_) columns += covariance.size();
    const double guess = design_.known_errors ? design_.response_scale.sd : residual;
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      now.covariances[f] = covariances_[f].start(guess, columns, rng);
    }
    coefficients_.start(moments_.factor, now.sigma, now.b, rng);
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      for (double& r : now.r[f]) r = 0.1 * guess * rng.normal();
    }
    write(now, theta);
    for (std::size_t k = 0; k < blocks_.size(); ++k) draw(k, theta, rng);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    const State now = read(theta);
    look_at(now, false);
    double sum = log_density_of(now) + coefficients_.log_density(now.b, now.sigma);
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      sum += covariances_[f].effects_log_density(now.covariances[f], by_column(f, now.r[f]));
    }
    return sum;
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    const State now = read(theta);
    look_at(now, false);
    const double s = now.sigma;
    double ds = residuals_.squares() / (s * s * s) - moments_.rows / s;
    auto db = layout_.of(gradient, b_);
    db = residuals_.of_covariates() / (s * s);
    double sum = log_density_of(now) + coefficients_.log_density_gradient(now.b, s, db, ds);
    design_.gradient_to_user(db);
    if (sigma_prior_ != nullptr) layout_.of(gradient, sigma_)[0] = ds + sigma_prior_->score(s);
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      const GroupCovariance& covariance = covariances_[f];
      const Eigen::Index q = covariance.size();
      Matrix dr = by_column(f, residuals_.of(f)) / (s * s);
      Covariance slope{Vector::Zero(q), Matrix::Zero(q, q)};
      covariance.add_gradient(now.covariances[f], slope.sd, slope.correlation);
      sum += covariance.add_effects_gradient(now.covariances[f], by_column(f, now.r[f]), dr, slope);
      layout_.of(gradient, r_[f]) = dr.reshaped();
      covariance.write(slope, layout_, spread_[f], gradient);
    }
    return sum;
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  std::span<const Step> steps() const noexcept override { return steps_; }
  std::span<const Step> plain_steps() const noexcept override { return plain_steps_; }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    State now = read(theta);
    look_at(now, step_id == steps_.front().id || step_id == plain_steps_.front().id);
    const Move& move = moves_[step_id];
    switch (move.kind) {
      case Move::Kind::block:
        draw_block(now, blocks_[move.index], rng);
        break;
      case Move::Kind::effects:
        draw_effects(now, move.index, rng);
        break;
      case Move::Kind::b:
        draw_b(now, rng);
        break;
      case Move::Kind::sigma:
        draw_sigma(now, rng);
        break;
      case Move::Kind::covariance: {
        const std::size_t f = move.index;
        const auto r = by_column(f, now.r[f]);
        covariances_[f].draw(now.covariances[f], r * r.transpose(), count(f), rng);
        break;
      }
      case Move::Kind::sds:
        interweave(now, move.index, rng);
        break;
    }
    write(now, theta);
  }

  // --- b and r integrated out --------------------------------------------------------------------

  const Layout& kept() const noexcept override { return kept_->layout(); }

  void keep(ConstVectorRef theta, VectorRef kept) const override {
    kept_->keep(spread(theta), kept);
  }

  double log_marginal(ConstVectorRef kept) override {
    return kept_->log_density(kept, blocks_.front().effects, untouched_.response());
  }

  void complete(ConstVectorRef kept, VectorRef theta, Rng& rng) override {
    State now = empty();
    static_cast<Spread&>(now) = kept_->spread(kept);
    Elimination& effects = blocks_.front().effects;
    const Elimination::Marginal marginal = effects.factorise(now.lambda(), untouched_.response());
    coefficients_.draw(factor_of(marginal, equations_), now.sigma, now.b, rng);
    effects.draw(now.b - equations_.shift(), now.sigma, now.r, rng);
    write(now, theta);
  }

  // --- rows --------------------------------------------------------------------------------------

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    const State now = read(theta);
    normal_log_likelihood(rows, mean(now, rows), now.sigma, by_row);
  }

  void log_likelihood_of_levels(ConstVectorRef theta, const Rows& rows, std::size_t grouping,
                                VectorRef by_level) override {
    const State now = read(theta);
    const std::size_t f = place_of(grouping);
    normal_log_likelihood_of_levels(design_, rows, mean(now, rows), Vector::Constant(1, now.sigma),
                                    {grouping, now.covariances[f].factor(), by_column(f, now.r[f])},
                                    by_level);
  }

  void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) override {
    const State now = read(theta);
    normal_predict(rows, mean(now, rows), now.sigma, y, rng);
  }

  void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) override {
    mean = this->mean(read(theta), rows);
  }

  void draw_group(std::size_t grouping, std::size_t level, VectorRef theta, Rng& rng) override {
    const std::size_t f = place_of(grouping);
    covariances_[f].draw_effects(covariances_[f].read(layout_, spread_[f], theta), level,
                                 layout_.of(theta, r_[f]), rng);
  }

  void center_group(std::size_t grouping, std::size_t level, VectorRef theta) override {
    const std::size_t f = place_of(grouping);
    covariances_[f].center_effects(level, layout_.of(theta, r_[f]));
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    State now = empty();
    if (sigma_prior_ != nullptr) now.sigma = sigma_prior_->draw(rng);
    coefficients_.draw_prior(now.b, now.sigma, rng);
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      now.covariances[f] = covariances_[f].draw_prior(rng);
      fill_normal(now.r[f], rng);
      covariances_[f].spread(now.covariances[f], by_column(f, now.r[f]));
    }
    write(now, theta);
  }

 private:
  /// A step of a sweep: what moves, and of which block or factor. Its id is its place in moves_.
  struct Move {
    enum class Kind { block, effects, b, sigma, covariance, sds };
    Kind kind;
    std::size_t index;
    std::string name;
  };

  /// A draw in the letters of the textbook; b in working coordinates, r_fj one after the other.
  struct State : Spread {
    Vector b;
    std::vector<Vector> r;
  };

  /// Factors that are drawn together with b; first, with all of these integrated out, the
  /// covariances of some of them.
  struct JointBlock {
    std::vector<std::size_t> factors;
    Elimination effects;
    std::vector<std::size_t> spread = {};
  };

  State empty() const {
    State state{{1, {}}, Vector::Zero(p()), {}};
    for (const NormalEquations::Factor& factor : equations_.factors()) {
      state.covariances.push_back({Vector::Ones(factor.q), Matrix::Identity(factor.q, factor.q)});
      state.r.push_back(Vector::Zero(factor.levels * factor.q));
    }
    return state;
  }

  Spread spread(ConstVectorRef theta) const {
    Spread spread{sigma_prior_ != nullptr ? layout_.of(theta, sigma_)[0] : 1, {}};
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      spread.covariances.push_back(covariances_[f].read(layout_, spread_[f], theta));
    }
    return spread;
  }

  State read(ConstVectorRef theta) const {
    State now{spread(theta), layout_.of(theta, b_), {}};
    design_.to_working(now.b);
    for (const std::size_t r : r_) now.r.emplace_back(layout_.of(theta, r));
    return now;
  }

  void write(const State& now, VectorRef theta) const {
    auto b = layout_.of(theta, b_);
    b = now.b;
    design_.to_user(b);
    if (sigma_prior_ != nullptr) layout_.of(theta, sigma_)[0] = now.sigma;
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      covariances_[f].write(now.covariances[f], layout_, spread_[f], theta);
      layout_.of(theta, r_[f]) = now.r[f];
    }
  }

  Eigen::Index p() const { return static_cast<Eigen::Index>(design_.size()); }
  double count(std::size_t f) const { return static_cast<double>(equations_.factors()[f].levels); }

  /// The place of a grouping among the factors, which are sorted by size.
  std::size_t place_of(std::size_t grouping) const {
    const auto& factors = equations_.factors();
    return static_cast<std::size_t>(
        std::ranges::find(factors, grouping, &NormalEquations::Factor::grouping) - factors.begin());
  }

  /// The effects of a factor as a q x J matrix.
  Eigen::Map<Matrix> by_column(std::size_t f, Vector& r) const {
    return {r.data(), equations_.factors()[f].q, equations_.factors()[f].levels};
  }
  Eigen::Map<const Matrix> by_column(std::size_t f, const Vector& r) const {
    return {r.data(), equations_.factors()[f].q, equations_.factors()[f].levels};
  }

  /// Brings the residuals to b and r. They are kept up from step to step, but begin anew with every
  /// sweep: what a draw is depends on theta alone, not on how the chain came there.
  void look_at(const State& now, bool anew = true) {
    const Vector b = now.b - equations_.shift();
    const bool seen = !seen_r_.empty() && b == seen_b_ && now.r == seen_r_;
    if (seen && !anew) return;
    residuals_.reset();
    residuals_.move_b(b);
    for (std::size_t f = 0; f < equations_.size(); ++f) residuals_.move(f, now.r[f]);
    seen_b_ = b;
    seen_r_ = now.r;
  }

  void move_b(const State& now) {
    const Vector b = now.b - equations_.shift();
    residuals_.move_b(b - seen_b_);
    seen_b_ = b;
  }

  void move(const State& now, std::size_t f) {
    residuals_.move(f, now.r[f] - seen_r_[f]);
    seen_r_[f] = now.r[f];
  }

  /// log p(y, theta) less those of b and r.
  double log_density_of(const State& now) const {
    const double s = now.sigma;
    double sum = moments_.log_weight -
                 moments_.rows * (0.5 * std::log(2 * std::numbers::pi) + std::log(s)) -
                 residuals_.squares() / (2 * s * s);
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      sum += covariances_[f].log_density(now.covariances[f]);
    }
    return sigma_prior_ != nullptr ? sum + sigma_prior_->log_density(s) : sum;
  }

  /// b and the effects of some factors | the others' effects: MODEL.md (2), (3).
  void draw_block(State& now, JointBlock& block, Rng& rng) {
    const Response response = residuals_.without(seen_b_, now.r, block.factors);
    coefficients_.mix(now.b, rng);
    for (const std::size_t f : block.spread) draw_spread(now, f, block.effects, response, rng);
    const Elimination::Marginal marginal = block.effects.factorise(now.lambda(), response);
    coefficients_.draw(factor_of(marginal, equations_), now.sigma, now.b, rng);
    block.effects.draw(now.b - equations_.shift(), now.sigma, now.r, rng);
    move_b(now);
    for (const std::size_t f : block.factors) move(now, f);
  }

  /// The covariance of a factor by slices along its free coordinates, b and effects integrated out.
  void draw_spread(State& now, std::size_t f, Elimination& effects, const Response& response,
                   Rng& rng) {
    const GroupCovariance& covariance = covariances_[f];
    Layout layout;
    const GroupCovariance::Place place = covariance.add_to(layout);
    const Target target(layout, [&](ConstVectorRef natural) {
      now.covariances[f] = covariance.read(layout, place, natural);
      const Elimination::Marginal marginal = effects.factorise(now.lambda(), response);
      return covariance.log_density(now.covariances[f]) - 0.5 * marginal.log_determinant +
             coefficients_.log_marginal(factor_of(marginal, equations_), now.sigma, now.b);
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

  void draw_effects(State& now, std::size_t f, Rng& rng) {
    const Response response = residuals_.without(seen_b_, now.r, {f});
    alone_[f].factorise(now.lambda(), response);
    alone_[f].draw(seen_b_, now.sigma, now.r, rng);
    move(now, f);
  }

  void draw_b(State& now, Rng& rng) {
    const Response response = residuals_.without(seen_b_, now.r, {});
    Matrix products = equations_.products();
    products.col(p()).head(p()) = response.x;
    products.row(p()).head(p()) = response.x.transpose();
    products(p(), p()) = response.y;
    coefficients_.mix(now.b, rng);
    coefficients_.draw(factor_of({products, 0}, equations_), now.sigma, now.b, rng);
    move_b(now);
  }

  void draw_sigma(State& now, Rng& rng) const {
    now.sigma =
        draw_scale(*sigma_prior_, moments_.rows + static_cast<double>(coefficients_.scaled()),
                   residuals_.squares() + coefficients_.scaled_squares(now.b), now.sigma, rng);
  }

  /// The sds of a factor with the ratios x_jk = r_jk / sd_k held fixed.
  void interweave(State& now, std::size_t f, Rng& rng) {
    const NormalEquations::Factor& factor = equations_.factors()[f];
    const Eigen::Index q = factor.q;
    Covariance& covariance = now.covariances[f];
    Matrix x = by_column(f, now.r[f]);
    x.array().colwise() /= covariance.sd.array();
    const Vector z = residuals_.of(f) + own_product(factor, now.r[f]);
    const Vector linear = x.cwiseProduct(by_column(f, z)).rowwise().sum();
    Matrix quadratic = Matrix::Zero(q, q);
    for (Eigen::Index j = 0; j < factor.levels; ++j) {
      const Eigen::Map<const Matrix> S(factor.own.data() + j * q * q, q, q);
      quadratic += S.cwiseProduct(x.col(j) * x.col(j).transpose());
    }
    covariances_[f].draw_sds(covariance, quadratic, linear, now.sigma * now.sigma, rng);
    by_column(f, now.r[f]) = covariance.sd.asDiagonal() * x;
    move(now, f);
  }

  Vector mean(const State& now, const Rows& rows) const {
    Vector mean = rows.X * now.b;
    for (std::size_t f = 0; f < equations_.size(); ++f) {
      covariances_[f].add_to_mean(rows, by_column(f, now.r[f]), mean);
    }
    return mean;
  }

  /// All factors in one block where that is affordable. Else each with many levels in its turn,
  /// together with those of few.
  void choose_blocks() {
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

  void list_steps() {
    const std::size_t F = equations_.size();
    const auto name = [&](std::size_t f) {
      return design_.groupings[equations_.factors()[f].grouping].variable();
    };
    for (std::size_t k = 0; k < blocks_.size(); ++k) {
      std::string text = "b";
      std::vector<std::size_t> moved{b_};
      for (const std::size_t f : blocks_[k].factors) {
        text += ", r_" + name(f);
        moved.push_back(r_[f]);
      }
      for (const std::size_t f : blocks_[k].spread) {
        text += ", Sigma_" + name(f);
        moved.push_back(spread_[f].sd);
        moved.insert(moved.end(), spread_[f].correlations.begin(), spread_[f].correlations.end());
      }
      add_step({Move::Kind::block, k, text + " | rest"}, moved, {&steps_});
    }
    add_step({Move::Kind::b, 0, "b | rest"}, {b_}, {&plain_steps_});
    for (std::size_t f = 0; f < F; ++f) {
      add_step({Move::Kind::effects, f, "r_" + name(f) + " | rest"}, {r_[f]}, {&plain_steps_});
    }
    if (sigma_prior_ != nullptr) {
      add_step({Move::Kind::sigma, 0, "sigma | rest"}, {sigma_}, {&steps_, &plain_steps_});
    }
    for (std::size_t f = 0; f < F; ++f) {
      std::vector<std::size_t> moved = spread_[f].correlations;
      moved.push_back(spread_[f].sd);
      add_step({Move::Kind::covariance, f, "Sigma_" + name(f) + " | r_" + name(f)}, moved,
               {&steps_, &plain_steps_});
      add_step({Move::Kind::sds, f, "sd_" + name(f) + ", r | r / sd"}, {spread_[f].sd, r_[f]},
               {&steps_});
    }
  }

  void add_step(Move move, const std::vector<std::size_t>& moved,
                std::initializer_list<std::vector<Step>*> sweeps) {
    moves_.push_back(std::move(move));
    for (std::vector<Step>* sweep : sweeps) {
      sweep->push_back({moves_.size() - 1, moves_.back().name, moved});
    }
  }

  const Design& design_;
  const Moments& moments_;
  const NormalEquations& equations_;
  Coefficients coefficients_;
  std::vector<GroupCovariance> covariances_;
  const ParameterPrior* sigma_prior_ = nullptr;  // none with known standard errors
  Residuals residuals_;
  const Residuals untouched_{equations_};
  Vector seen_b_;  // what the residuals are of
  std::vector<Vector> seen_r_;
  Layout layout_;
  std::optional<KeptCovariances> kept_;
  std::vector<JointBlock> blocks_;
  std::vector<Elimination> alone_;
  std::size_t b_;
  std::size_t sigma_ = 0;
  std::vector<GroupCovariance::Place> spread_;
  std::vector<std::size_t> r_;
  std::deque<Move> moves_;  // does not move what the steps' names refer to
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
};

}  // namespace

TARN_PLUGIN("crossed", "0.1.0") {
  plugin.model<Crossed>("crossed", "y = X b + Z r + e: any grouping factors, crossed or nested");
}
