// Robust regression: rows far from the line pull it less (Lange, Little & Taylor 1989).
//
//   y_i = x_i'b + sigma e_i,   e_i ~ t_nu,   nu given by --set nu=...
//
// As a scale mixture (Geweke 1993): e_i | v_i ~ N(0, v_i) with v_i ~ IG(nu/2, nu/2). Given the
// variances v this is a weighted Gaussian regression. They are drawn anew in every sweep, so the
// state of a chain is b and sigma alone.
#include <cmath>
#include <numbers>

#include <tarn/plugin.hpp>

namespace {

using namespace tarn;

class Student final : public Offers<FullConditionals, LogPrior, PointwiseLogLikelihood> {
 public:
  static constexpr bool reads_rows = true;

  static std::vector<Setting> settings() {
    return {{"nu", "degrees of freedom of the errors", 4.0, {}, 0.5, 1e6}};
  }

  /// The offset is taken from y, and rows may come in any order. Without this line formulas with an
  /// offset, and data with gaps, would be refused; weights() are.
  static std::vector<Takes> takes() { return {Takes::offset, Takes::gaps}; }

  static std::optional<std::string> refuses(const Design& design) {
    if (!design.terms.empty()) return "it has no group effects";
    if (design.known_errors) return "it estimates sigma, which se() says is known";
    return std::nullopt;
  }

  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = coefficient_parameters(design);
    for (Parameter& sigma : residual_parameters(design)) all.push_back(sigma);
    return all;
  }

  explicit Student(const ModelInput& input)
      : design_(input.design),
        rows_(design_.all_rows()),
        y_(rows_.less_offset()),
        nu_(input.settings.number("nu")),
        coefficients_(design_, input.priors),
        sigma_prior_(input.priors.of("sigma")) {
    layout_.add({"b", {{"coefficient", design_.coefficients}}});
    layout_.add({"sigma", {}, Support::positive, "scale of the errors"});
  }

  const Layout& layout() const noexcept override { return layout_; }
  std::span<const Step> steps() const noexcept override { return steps_; }

  void start(VectorRef theta, Rng& rng) override {
    const Matrix F = factor(Vector::Ones(rows_.y.size()));
    const Eigen::Index p = rows_.X.cols();
    theta[p] = start_scale(sigma_prior_, F(p, p) / std::sqrt(rows_.y.size()), rng);
    coefficients_.start(F, theta[p], theta.head(p), rng);
    design_.to_user(theta.head(p));
  }

  void draw(std::size_t /*step*/, VectorRef theta, Rng& rng) override {
    auto b = theta.head(rows_.X.cols());
    double& sigma = theta[b.size()];
    design_.to_working(b);
    Vector v = ((y_ - rows_.X * b) / sigma).array().square();             // e_i^2, and then
    for (double& x : v) x = rng.inv_gamma((nu_ + 1) / 2, (nu_ + x) / 2);  // v_i | b, sigma
    const Matrix F = factor(v);
    coefficients_.mix(b, rng);
    coefficients_.draw(F, sigma, b, rng);  // b | v, sigma
    const double squares = (F.leftCols(b.size()) * b - F.col(b.size())).squaredNorm();
    sigma = draw_scale(sigma_prior_, static_cast<double>(rows_.count() + coefficients_.scaled()),
                       squares + coefficients_.scaled_squares(b), sigma, rng);  // sigma | v, b
    design_.to_user(b);
  }

  double log_prior(ConstVectorRef theta) override {
    const double sigma = theta[rows_.X.cols()];
    return coefficients_.log_density(working(theta), sigma) + sigma_prior_.log_density(sigma);
  }

  void log_likelihood(ConstVectorRef theta, const Rows& rows, VectorRef by_row) override {
    const double sigma = theta[rows_.X.cols()];
    const Vector z = (rows.y - rows.X * working(theta)) / sigma;
    const double constant = log_gamma((nu_ + 1) / 2) - log_gamma(nu_ / 2) -
                            0.5 * std::log(nu_ * std::numbers::pi) - std::log(sigma);
    by_row = constant - (nu_ + 1) / 2 * (z.array().square() / nu_).log1p();
  }

 private:
  /// b of a draw in working coordinates, those of the rows.
  Vector working(ConstVectorRef theta) const {
    Vector b = theta.head(rows_.X.cols());
    design_.to_working(b);
    return b;
  }

  /// Triangular factor of [X y], each row divided by sqrt(v_i).
  Matrix factor(const Vector& v) const {
    Matrix data(rows_.X.rows(), rows_.X.cols() + 1);
    data << rows_.X, y_;
    data.array().colwise() /= v.array().sqrt();
    TriangularFactor triangular(data.cols());
    triangular.add(data);
    return triangular.matrix();
  }

  const Design& design_;
  Rows rows_;
  Vector y_;
  double nu_;
  Coefficients coefficients_;
  const ParameterPrior& sigma_prior_;
  Layout layout_;
  std::vector<Step> steps_{{0, "b, sigma", {0, 1}}};
};

}  // namespace

TARN_PLUGIN("student", "0.1.0") {
  plugin.model<Student>("student", "y = X b + e, e from Student's t: outliers pull less");
}
