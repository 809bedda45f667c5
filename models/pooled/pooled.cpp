// Pooled linear regression, one population without groups (MODEL.md has the algebra):
//
//   y_i = x_i'b + e_i,   e_i ~ N(0, sigma^2)
//
//   b_k      ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma    ~ any density of a positive number; inv_gamma on sigma^2 is the conjugate one
//
// With scaled_normal (or flat) coefficients and an inverse-gamma (or flat) variance this is the
// Normal-Inverse-Gamma regression, and every draw is exact and independent of the one before.
#include <cmath>
#include <numbers>

#include <tarn/plugin.hpp>

namespace tarn::pooled {
namespace {

class Pooled final
    : public Offers<LogDensity, LogPrior, Gradient, FullConditionals, Collapsed, CollapsedGradient,
                    PointwiseLogLikelihood, Predictive, Expectation, PriorDraws, Evidence> {
 public:
  static constexpr int generality = 0;

  static std::vector<Takes> takes() {
    return {Takes::weights, Takes::offset, Takes::standard_errors, Takes::gaps};
  }

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) return std::nullopt;
    return "it has no group effects, but the formula has the group term of '" +
           design.groupings[design.terms.front().grouping].name + "'";
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& sigma : residual_parameters(design)) all.push_back(std::move(sigma));
    return all;
  }

  /// What is integrated out must be Gaussian; the evidence has a closed form where all is
  /// conjugate, and exists where the priors are proper.
  static std::vector<std::string_view> withholds(const Design& design, const Priors& priors) {
    const Coefficients coefficients(design, priors);
    std::vector<std::string_view> all;
    if (!coefficients.gaussian()) all = {Collapsed::id, CollapsedGradient::id};
    const bool closed = design.known_errors
                            ? coefficients.gaussian()
                            : coefficients.conjugate() && priors.of("sigma").conjugate();
    if (!closed || !priors.proper()) all.push_back(Evidence::id);
    return all;
  }

  explicit Pooled(const ModelInput& input)
      : design_(input.design),
        moments_(design_.moments()),
        coefficients_(design_, input.priors),
        b_(layout_.add({"b",
                        {{"coefficient", design_.coefficients}},
                        Support::real,
                        "population-level coefficients"})) {
    if (!design_.known_errors) {
      prior_ = &input.priors.of("sigma");
      sigma_ = layout_.add({"sigma", {}, Support::positive, "residual standard deviation"});
    }
    if (prior_ != nullptr && !exact_shape()) marginal_.add(layout_.block(sigma_));
    plain_steps_ = {{b_given_sigma, "b | sigma", {b_}}};
    if (prior_ != nullptr) {
      steps_ = {{together, "b, sigma", {b_, sigma_}}};
      plain_steps_.push_back({sigma_given_b, "sigma | b", {sigma_}});
    } else {
      steps_ = plain_steps_;
    }
    if (const auto shape = exact_shape(); shape && *shape <= 0) {
      throw InputError("flat priors need more rows than the " + std::to_string(design_.size()) +
                       " coefficients; give sigma and the coefficients proper priors");
    }
  }

  const Layout& layout() const noexcept override { return layout_; }

  void start(VectorRef theta, Rng& rng) override {
    double sigma = 1;
    if (prior_ != nullptr) {
      const double residual = moments_.factor(p(), p()) / std::sqrt(moments_.rows);
      sigma = layout_.of(theta, sigma_)[0] = start_scale(*prior_, residual, rng);
    }
    auto b = layout_.of(theta, b_);
    coefficients_.start(moments_.factor, sigma, b, rng);
    design_.to_user(b);
  }

  // --- p(y, theta) -------------------------------------------------------------------------------

  double log_density(ConstVectorRef theta) override {
    const Vector b = working(theta);
    const double s = sigma(theta);
    return log_likelihood(residual(b).squaredNorm(), s) + coefficients_.log_density(b, s) +
           (prior_ != nullptr ? prior_->log_density(s) : 0);
  }

  double log_prior(ConstVectorRef theta) override {
    const double s = sigma(theta);
    return coefficients_.log_density(working(theta), s) +
           (prior_ != nullptr ? prior_->log_density(s) : 0);
  }

  double log_density_gradient(ConstVectorRef theta, VectorRef gradient) override {
    const Vector b = working(theta);
    const double s = sigma(theta);
    const Vector e = residual(b);
    double ds = e.squaredNorm() / (s * s * s) - moments_.rows / s;
    auto db = layout_.of(gradient, b_);
    db = moments_.factor.leftCols(p()).transpose() * e / (s * s);
    const double value =
        log_likelihood(e.squaredNorm(), s) + coefficients_.log_density_gradient(b, s, db, ds);
    design_.gradient_to_user(db);
    if (prior_ == nullptr) return value;
    layout_.of(gradient, sigma_)[0] = ds + prior_->score(s);
    return value + prior_->log_density(s);
  }

  // --- Gibbs steps -------------------------------------------------------------------------------

  std::span<const Step> steps() const noexcept override { return steps_; }
  std::span<const Step> plain_steps() const noexcept override { return plain_steps_; }

  void draw(std::size_t step_id, VectorRef theta, Rng& rng) override {
    Vector b = working(theta);
    double s = sigma(theta);
    switch (step_id) {
      case together:
        coefficients_.mix(b, rng);
        s = draw_sigma(s, b, rng);
        coefficients_.draw(moments_.factor, s, b, rng);
        break;
      case b_given_sigma:
        coefficients_.mix(b, rng);
        coefficients_.draw(moments_.factor, s, b, rng);
        break;
      case sigma_given_b:
        s = draw_scale(*prior_, moments_.rows + static_cast<double>(coefficients_.scaled()),
                       residual(b).squaredNorm() + coefficients_.scaled_squares(b), s, rng);
        break;
      default:
        break;
    }
    design_.to_user(b);
    layout_.of(theta, b_) = b;
    if (prior_ != nullptr) layout_.of(theta, sigma_)[0] = s;
  }

  // --- b integrated out
  // ---------------------------------------------------------------------------

  const Layout& marginal_layout() const noexcept override { return marginal_; }

  void to_marginal(ConstVectorRef theta, VectorRef phi) const override {
    if (phi.size() > 0) phi[0] = sigma(theta);
  }

  double log_marginal(ConstVectorRef phi) override {
    if (phi.size() == 0) return 0;
    return log_constant() + sigma_density(phi[0], Vector::Zero(p()));
  }

  double log_marginal_gradient(ConstVectorRef phi, VectorRef gradient) override {
    if (phi.size() == 0) return 0;
    const double s = phi[0];
    const auto b = coefficients_.integrate(moments_.factor, s);
    gradient[0] = b.dsigma - moments_.rows / s + prior_->score(s);
    return log_constant() + b.log_marginal - moments_.rows * std::log(s) + prior_->log_density(s);
  }

  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    auto b = layout_.of(theta, b_);
    double s = 1;
    if (prior_ != nullptr) {
      s = phi.size() > 0 ? phi[0] : draw_sigma(1, b, rng);
      layout_.of(theta, sigma_)[0] = s;
    }
    coefficients_.draw(moments_.factor, s, b, rng);
    design_.to_user(b);
  }

  // --- rows --------------------------------------------------------------------------------------

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    normal_log_likelihood(rows, rows.X * working(theta), sigma(theta), by_row);
  }

  void predict(ConstVectorRef theta, const Rows& rows, VectorRef y, Rng& rng) override {
    normal_predict(rows, rows.X * working(theta), sigma(theta), y, rng);
  }

  void expect(ConstVectorRef theta, const Rows& rows, VectorRef mean) override {
    mean = rows.X * working(theta);
  }

  void draw_prior(VectorRef theta, Rng& rng) override {
    double s = 1;
    if (prior_ != nullptr) s = layout_.of(theta, sigma_)[0] = prior_->draw(rng);
    auto b = layout_.of(theta, b_);
    coefficients_.draw_prior(b, s, rng);
    design_.to_user(b);
  }

  // --- log p(y) ----------------------------------------------------------------------------------

  /// MODEL.md (3): the marginal likelihood, b and sigma integrated out.
  double log_evidence() override {
    const Vector b = Vector::Zero(p());
    const double at_one = log_constant() + coefficients_.log_marginal(moments_.factor, 1, b);
    if (prior_ == nullptr) return at_one;
    const auto [a0, b0] = *prior_->conjugate();
    const double q = coefficients_.posterior(moments_.factor, 1, b).matrix()(p(), p());
    const double an = *exact_shape();
    return at_one + q * q / 2 + a0 * std::log(b0) - an * std::log(b0 + q * q / 2) + log_gamma(an) -
           log_gamma(a0);
  }

 private:
  enum : std::size_t { together, b_given_sigma, sigma_given_b };

  Eigen::Index p() const { return static_cast<Eigen::Index>(design_.size()); }
  double sigma(ConstVectorRef theta) const {
    return prior_ != nullptr ? layout_.of(theta, sigma_)[0] : 1;
  }
  Vector working(ConstVectorRef theta) const {
    Vector b = layout_.of(theta, b_);
    design_.to_working(b);
    return b;
  }

  double log_constant() const {
    return -0.5 * moments_.rows * std::log(2 * std::numbers::pi) + moments_.log_weight;
  }

  double log_likelihood(double squares, double s) const {
    return log_constant() - moments_.rows * std::log(s) - squares / (2 * s * s);
  }

  /// y - X b, rotated to the length of b plus one: X'e and ||e||^2 are those of all rows.
  Vector residual(ConstVectorRef b) const {
    return moments_.factor.col(p()) - moments_.factor.leftCols(p()) * b;
  }

  /// Shape of sigma^2 | y if all priors are conjugate; (2) in MODEL.md.
  std::optional<double> exact_shape() const {
    if (prior_ == nullptr || !prior_->conjugate() || !coefficients_.conjugate())
      return std::nullopt;
    return (*prior_->conjugate())[0] +
           (moments_.rows - static_cast<double>(coefficients_.flat())) / 2;
  }

  /// log p(y, sigma) less the constant, the Gaussian coefficients integrated out.
  double sigma_density(double s, ConstVectorRef b) const {
    return coefficients_.log_marginal(moments_.factor, s, b) - moments_.rows * std::log(s) +
           prior_->log_density(s);
  }

  /// sigma | y, the Gaussian coefficients integrated out.
  double draw_sigma(double current, ConstVectorRef b, Rng& rng) const {
    if (const auto shape = exact_shape()) {
      const double q = coefficients_.posterior(moments_.factor, 1, b).matrix()(p(), p());
      return std::sqrt(rng.inv_gamma(*shape, (*prior_->conjugate())[1] + q * q / 2));
    }
    const auto log_density = [&](double x) {  // x = log sigma; + x is the Jacobian
      return sigma_density(std::exp(x), b) + x;
    };
    return std::exp(slice(std::log(current), 3 / std::sqrt(2 * moments_.rows), log_density, rng));
  }

  const Design& design_;
  const Moments& moments_;
  const ParameterPrior* prior_ = nullptr;  // of sigma; none with known standard errors
  Coefficients coefficients_;
  Layout layout_;
  Layout marginal_;
  std::size_t b_;
  std::size_t sigma_ = 0;
  std::vector<Step> steps_;
  std::vector<Step> plain_steps_;
};

}  // namespace

}  // namespace tarn::pooled

TARN_PLUGIN("pooled", "0.2.0") {
  plugin.model<tarn::pooled::Pooled>("pooled", "y = X b + e: one population, no groups");
}
