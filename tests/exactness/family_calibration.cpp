// Simulation-based calibration of every family and engine: 100 data sets and one engine for each
// family, or with TARN_SOAK=1 in the environment 1000
// and all engines; and wrong engines, which must be found.
#define BOOST_TEST_MODULE family_calibration
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "family_pairs.hpp"
#include "ranks.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

const bool soak = std::getenv("TARN_SOAK") != nullptr;

// Ten data sets or more in each bin. With about 1500 quantities a right program fails with
// probability 1500 x 1e-7; the seeds are fixed.
double worst(const Eigen::MatrixXi& rank) {
  double most = 0;
  for (Eigen::Index q = 0; q < rank.rows(); ++q) {
    const double sum = rank.cols() < 200 ? chi_square<10>(rank, q) : chi_square<20>(rank, q);
    const boost::math::chi_squared reference(rank.cols() < 200 ? 9 : 19);
    most = std::max(most, sum / quantile(complement(reference, 1e-7)));
  }
  return most;
}

/// What is wrong with a model.
enum class Mutation {
  no_determinant,  // of the pivot's coordinates: log |L|
  no_sd,           // of the effects' normal densities, in the collapsed form: -log sd
  jacobian_twice,  // of the logarithms of sds
  no_psi,          // terms of the likelihood that do not depend on eta
  no_steps         // the Jacobian of the cuts: the sum of the logarithms of their steps
};

class Mutant;

class MutantPlace final : public PivotPlace {
 public:
  MutantPlace(Mutant& model, std::unique_ptr<PivotPlace> right);
  bool set(ConstVectorRef phi) override { return right_->set(phi); }
  double log_density(ConstVectorRef xi) override;
  double log_density_gradient(ConstVectorRef xi, VectorRef gradient) override {
    right_->log_density_gradient(xi, gradient);
    return log_density(xi);
  }
  void gradient(ConstVectorRef xi, VectorRef gradient) override { right_->gradient(xi, gradient); }
  void to_standard(ConstVectorRef theta, VectorRef xi) override { right_->to_standard(theta, xi); }
  void from_standard(ConstVectorRef xi, VectorRef theta) override {
    right_->from_standard(xi, theta);
  }

 private:
  Mutant& model_;
  std::unique_ptr<PivotPlace> right_;
  Vector theta_;
};

/// A regression whose pivot or collapsed form is wrong, and all else right.
class Mutant final : public Model, public Pivot, public Collapsed {
 public:
  Mutant(std::unique_ptr<Model> right, const Design& design, Mutation wrong)
      : right_(std::move(right)),
        design_(design),
        wrong_(wrong),
        pivot_(*tarn::query<Pivot>(*right_)),
        collapsed_(*tarn::query<Collapsed>(*right_)) {}

  const Layout& layout() const noexcept override { return right_->layout(); }
  void start(VectorRef theta, Rng& rng) override { right_->start(theta, rng); }
  void derive(VectorRef theta) override { right_->derive(theta); }
  void* query(std::string_view capability) noexcept override {
    if (capability == Pivot::id) return static_cast<Pivot*>(this);
    if (capability == Collapsed::id) return static_cast<Collapsed*>(this);
    if (capability == CollapsedGradient::id) return nullptr;
    return right_->query(capability);
  }

  const Layout& hyperparameter_layout() const noexcept override {
    return pivot_.hyperparameter_layout();
  }
  void to_hyperparameters(ConstVectorRef theta, VectorRef phi) const override {
    pivot_.to_hyperparameters(theta, phi);
  }
  std::size_t latents() const noexcept override { return pivot_.latents(); }
  void anchor(ConstVectorRef phi) override { pivot_.anchor(phi); }
  std::unique_ptr<PivotPlace> make_place() override {
    return std::make_unique<MutantPlace>(*this, pivot_.make_place());
  }

  const Layout& marginal_layout() const noexcept override { return collapsed_.marginal_layout(); }
  void to_marginal(ConstVectorRef theta, VectorRef phi) const override {
    collapsed_.to_marginal(theta, phi);
  }
  double log_marginal(ConstVectorRef phi) override {
    const double right = collapsed_.log_marginal(phi);
    const double sd = phi[phi.size() - 1];
    if (wrong_ == Mutation::no_sd) return right + 6 * std::log(sd);
    if (wrong_ == Mutation::no_psi) return right - without_eta(phi[phi.size() - 2]);
    if (wrong_ == Mutation::no_steps) return right - log_steps(marginal_layout(), phi);
    return right + std::log(sd);
  }
  void sample_conditional(ConstVectorRef phi, VectorRef theta, Rng& rng) override {
    collapsed_.sample_conditional(phi, theta, rng);
  }

  /// Of a draw, from the right density in the pivot's coordinates and the right one of the draw.
  double log_density(const Vector& theta, double right) {
    const double of_draw = tarn::query<LogDensity>(*right_)->log_density(theta);
    if (wrong_ == Mutation::no_determinant) return of_draw;
    Vector phi(static_cast<Eigen::Index>(hyperparameter_layout().size()));
    to_hyperparameters(theta, phi);
    if (wrong_ == Mutation::no_psi) return right - without_eta(phi[0]);
    if (wrong_ == Mutation::no_steps) return right - log_steps(hyperparameter_layout(), phi);
    return right + std::log(phi[phi.size() - 1]);
  }

 private:
  static double log_steps(const Layout& layout, ConstVectorRef phi) {
    const auto cut = layout.of(phi, *layout.find("cut"));
    double sum = 0;
    for (Eigen::Index k = 1; k < cut.size(); ++k) sum += std::log(cut[k] - cut[k - 1]);
    return sum;
  }

  /// log p(y | eta = 0, psi).
  double without_eta(double psi) const {
    const Rows rows = design_.all_rows();
    Vector by_row(rows.y.size());
    design_.family->log_likelihood(rows, Vector::Zero(rows.y.size()), Matrix::Constant(1, 1, psi),
                                   by_row);
    return by_row.sum();
  }

  std::unique_ptr<Model> right_;
  const Design& design_;
  Mutation wrong_;
  Pivot& pivot_;
  Collapsed& collapsed_;
};

MutantPlace::MutantPlace(Mutant& model, std::unique_ptr<PivotPlace> right)
    : model_(model),
      right_(std::move(right)),
      theta_(static_cast<Eigen::Index>(model.layout().size())) {}

double MutantPlace::log_density(ConstVectorRef xi) {
  right_->from_standard(xi, theta_);
  return model_.log_density(theta_, right_->log_density(xi));
}

struct Wrong {
  std::string name, family, engine;
  Mutation mutation;
  friend std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
    return out << wrong.name << ", " << wrong.engine;
  }
};

const std::vector<Wrong> mutants = [] {
  std::vector<Wrong> all{
      {"no determinant", "binomial(logit)", "pivot", Mutation::no_determinant},
      {"Jacobian twice", "binomial(logit)", "pivot", Mutation::jacobian_twice},
      {"no psi", "negbinomial", "pivot", Mutation::no_psi},
      {"no Jacobian of the cuts", "cumulative(logit)", "collapsed", Mutation::no_steps},
      {"no sd", "poisson", "collapsed", Mutation::no_sd}};
  // Half a minute, to find the same in another engine.
  if (soak)
    all.push_back({"no Jacobian of the cuts", "cumulative(logit)", "pivot", Mutation::no_steps});
  return all;
}();

}  // namespace

BOOST_DATA_TEST_CASE(wrong_engines_are_found, boost::unit_test::data::make(mutants), wrong) {
  Pair pair;
  for (const Pair& right : family_pairs(false)) {
    if (right.family == wrong.family && right.sampler == wrong.engine &&
        right.model == "random_intercept") {
      pair = right;
    }
  }
  // What a prior of an sd can hide takes more data sets; what many rows can hide, few rows.
  const bool of_steps = wrong.mutation == Mutation::no_steps;
  pair.replicates = wrong.mutation == Mutation::jacobian_twice ? 300 : of_steps ? 200 : 100;
  if (of_steps) {
    constexpr Eigen::Index few = 7;  // of three groups
    pair.data.X = Matrix(pair.data.X.topRows(few));
    pair.data.y = Vector(pair.data.y.head(few));
    pair.data.level.resize(few);
  }
  ModelType type = *registry().model(pair.model).type;
  type.make = [&wrong, right = type.make](const ModelInput& input) -> std::unique_ptr<Model> {
    return std::make_unique<Mutant>(right(input), input.design, wrong.mutation);
  };
  const double found = worst(ranks_of(
      pair, [](Matrix&) {}, &type));
  BOOST_TEST_MESSAGE(wrong << ": " << found);
  BOOST_TEST(found > 1);
}

BOOST_DATA_TEST_CASE(true_values_rank_uniformly_among_posterior_draws,
                     boost::unit_test::data::make(family_pairs(!soak)), pair) {
  const double found = worst(ranks_of(pair, [](Matrix&) {}));
  BOOST_TEST_MESSAGE(pair << ": " << found);
  BOOST_TEST(found < 1);
}
