// Every sampler moves parameters of every support: known means, and starts inside.
#define BOOST_TEST_MODULE supports
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "fit.hpp"
#include "matrix_rows.hpp"
#include "sample/modes.hpp"
#include "sample/starts.hpp"
#include "tarn/error.hpp"
#include "tarn/plugin.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

Parameter parameter(const std::string& key, Support support, const std::string& density) {
  return {{key}, support, false, density, "toy"};
}

/// Nothing but priors: the posterior's means are those of a textbook.
template <class... More>
class Prior : public Offers<LogDensity, LogPrior, More...> {
 public:
  static std::optional<std::string> refuses(const Design&) { return {}; }
  static std::vector<Parameter> parameters(const Design&) {
    return {parameter("rho", Support::minus_one_to_one, "uniform(-1, 1)"),
            parameter("q", Support::unit_interval, "beta(2, 5)"),
            parameter("t", Support::positive, "lognormal(0.5, 0.5)")};
  }

  explicit Prior(const ModelInput& input)
      : q_(input.priors.of("q").density), t_(input.priors.of("t").density) {
    layout_.add({"rho", {}, Support::minus_one_to_one});
    layout_.add({"q", {}, Support::unit_interval});
    layout_.add({"t", {}, Support::positive});
  }

  const Layout& layout() const noexcept override { return layout_; }
  void start(VectorRef theta, Rng& rng) override {
    theta[0] = 1.6 * rng.uniform() - 0.8;
    theta[1] = q_.draw(rng);
    theta[2] = t_.draw(rng);
  }
  double log_prior(ConstVectorRef x) override {
    return q_.log_density(x[1]) + t_.log_density(x[2]);
  }
  double log_density(ConstVectorRef x) override {
    return 4 * std::log1p(x[0]) + std::log1p(-x[0]) + log_prior(x);  // (1 + rho) / 2 ~ Beta(5, 2)
  }

 protected:
  Layout layout_;
  Density q_, t_;
};

/// The same beside vectors: three ordered normals, and shares.
class Vectors final : public Prior<Gradient> {
 public:
  static std::vector<Parameter> parameters(const Design& design) {
    std::vector<Parameter> all = Prior::parameters(design);
    all.push_back(parameter("c", Support::ordered, "normal(0, 1)"));
    all.push_back(parameter("p", Support::simplex, "dirichlet(2, 3, 5)"));
    all.back().elements = 3;
    return all;
  }

  explicit Vectors(const ModelInput& input)
      : Prior(input), c_(input.priors.of("c").density), p_(input.priors.of("p").density) {
    layout_.add({"c", {{"cut", {"1", "2", "3"}}}, Support::ordered});
    layout_.add({"p", {{"share", {"1", "2", "3"}}}, Support::simplex});
  }

  void start(VectorRef theta, Rng& rng) override {
    Prior::start(theta, rng);
    theta[3] = rng.normal() - 1;
    theta[4] = theta[3] + rng.exponential();
    theta[5] = theta[4] + rng.exponential();
    Matrix shares(3, 1);
    p_.draw_block(shares, rng);
    theta.tail(3) = shares;
  }
  double log_density(ConstVectorRef x) override {
    double sum = Prior::log_density(x) + p_.log_density_of(x.tail(3));
    for (const double c : x.segment(3, 3)) sum += c_.log_density(c);
    return sum;
  }
  double log_density_gradient(ConstVectorRef x, VectorRef gradient) override {
    gradient[0] = 4 / (1 + x[0]) - 1 / (1 - x[0]);
    gradient[1] = q_.score(x[1]);
    gradient[2] = t_.score(x[2]);
    for (Eigen::Index k = 3; k < 6; ++k) gradient[k] = c_.score(x[k]);
    Matrix shares = Matrix::Zero(3, 1);
    p_.add_gradient_of(x.tail(3), shares);
    gradient.tail(3) = shares;
    return log_density(x);
  }

 private:
  Density c_, p_;
};

/// Nothing has a step: slices move all.
class Uncovered final : public Prior<FullConditionals> {
 public:
  using Prior::Prior;
  std::span<const Step> steps() const noexcept override { return {}; }
  void draw(std::size_t, VectorRef, Rng&) override {}
};

class UncoveredOrder final : public Prior<FullConditionals> {
 public:
  explicit UncoveredOrder(const ModelInput& input) : Prior(input) {
    layout_.add({"c", {{"cut", {"1", "2", "3"}}}, Support::ordered});
  }
  std::span<const Step> steps() const noexcept override { return {}; }
  void draw(std::size_t, VectorRef, Rng&) override {}
};

template <class Toy>
ModelType type_of() {
  Plugin plugin;
  plugin.model<Toy>("toy", "");
  return plugin.models.front();
}

Design no_data() {
  Data data{Matrix(4, 0), Vector::LinSpaced(4, 0, 1)};
  return design_of(data);
}

template <class Toy>
MemoryDraws draws_of(const std::string& sampler_name) {
  const ModelType type = type_of<Toy>();
  const SamplerType& sampler = *registry().sampler(sampler_name).type;
  const Design design = no_data();
  const Priors priors(type.parameters(design), {});
  const Settings none, standard(sampler.settings, {}, sampler_name);
  const RunPlan plan{.chains = 4, .warmup = 500, .draws = 5000, .seed = 11};
  Run run(type, {design, priors, none}, sampler, standard, plan);
  MemoryDraws draws(run.layout(), plan.chains, plan.draws);
  const RunOutcome outcome = run.go(draws, {}, {});
  if (!outcome.failures.empty()) throw std::runtime_error(outcome.failures.front());
  return draws;
}

void check_means(const MemoryDraws& draws, const std::vector<double>& expected) {
  std::vector<std::string> names;
  for (std::size_t k = 0; k < expected.size(); ++k) names.push_back(std::to_string(k));
  const ReportTable table = summarise(
      draws.values().leftCols(static_cast<Eigen::Index>(expected.size())), names, draws.chains());
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::ranges::find(table.columns, name) - table.columns.begin());
  };
  for (std::size_t k = 0; k < expected.size(); ++k) {
    // Four Monte Carlo standard errors: a right sampler fails once in 16000 seeds.
    BOOST_TEST(
        std::abs(table.at(k, column("mean")) - expected[k]) < 4 * table.at(k, column("mcse_mean")),
        draws.layout().element_name(0, 0)
            << " and on, element " << k << ": " << table.at(k, column("mean")));
  }
}

/// Of rho, q and t; of three ordered normals 3 / (2 sqrt(pi)) apart; of the shares.
const std::vector<double> means{
    3.0 / 7, 2.0 / 7, std::exp(0.5 + 0.125), -0.8462843753216345, 0, 0.8462843753216345, 0.2,
    0.3,     0.5};

}  // namespace

BOOST_DATA_TEST_CASE(walks_find_known_means_on_every_support,
                     boost::unit_test::data::make({"nuts", "slice", "metropolis"})) {
  const MemoryDraws draws = draws_of<Vectors>(sample);
  check_means(draws, means);
  const Matrix& x = draws.values();
  BOOST_TEST((x.col(4) - x.col(3)).minCoeff() > 0);
  BOOST_TEST((x.col(5) - x.col(4)).minCoeff() > 0);
  BOOST_TEST(x.col(0).cwiseAbs().maxCoeff() < 1);
  BOOST_TEST((x.rightCols(3).rowwise().sum().array() - 1).abs().maxCoeff() < 1e-12);
}

BOOST_AUTO_TEST_CASE(slices_of_gibbs_move_what_has_no_step) {
  check_means(draws_of<Uncovered>("gibbs"), {means[0], means[1], means[2]});
}

BOOST_AUTO_TEST_CASE(a_rising_sequence_without_a_step_is_refused_in_words) {
  std::string message = "accepted";
  try {
    draws_of<UncoveredOrder>("gibbs");
  } catch (const PluginError& error) {
    message = error.what();
  }
  BOOST_TEST(message ==
             "sampler 'gibbs': no step of the model updates its block 'c', and a slice cannot move "
             "inside its support");
}

BOOST_AUTO_TEST_CASE(starts_and_modes_are_inside_every_support) {
  const ModelType type = type_of<Vectors>();
  const Design design = no_data();
  const Priors priors(type.parameters(design), {});
  const Settings none;
  const auto model = type.make({design, priors, none});
  const Starts starts = dispersed_starts(*model, "toy", 5, 4);
  for (const Vector& theta : starts.points) {
    BOOST_TEST((theta[3] < theta[4] && theta[4] < theta[5]));
    BOOST_TEST(std::isfinite(query<LogDensity>(*model)->log_density(theta)));
  }
  const Target target = full_target(*model);
  std::vector<Vector> from;
  for (const Vector& theta : starts.points) from.push_back(target.free(theta));
  const std::vector<Mode> modes = modes_from(target, from, 0.01);
  BOOST_TEST_REQUIRE(modes.size() == 1u);
  // In free coordinates z = atanh rho the density is (1 + rho)^5 (1 - rho)^2: rho = 3/7 at its top.
  // Ascents stop where a step would gain less than 0.01, within 0.14 sds of 0.34.
  BOOST_TEST(std::abs(target.natural(modes[0].z)[0] - 3.0 / 7) < 0.05);
}
