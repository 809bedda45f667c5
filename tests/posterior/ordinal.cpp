// Ordered categories: maxima of the likelihood that R found (data/wine.R), engines that agree, and
// a posterior that does not depend on where covariates have their zero.
#define BOOST_TEST_MODULE ordinal
#include <cmath>
#include <numbers>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "fit.hpp"
#include "tarn/formula.hpp"
#include "tarn/index.hpp"
#include "tarn/io/table_reader.hpp"
#include "tarn/model.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

Design design_of(const std::string& formula, const std::string& family, bool center = true,
                 double shift = 0) {
  auto table = std::make_shared<Table>(*io::read_table(std::vector<std::string>{TARN_WINE}));
  for (Column& column : table->columns) {
    if (column.name != "bottle") continue;
    for (double& x : column.numbers) x += shift;
  }
  FormulaOptions options{.center = center};
  set_family(registry(), family, options);
  ParsedDesign parsed = make_design(formula, table, options);
  set_family(registry(), family, parsed.design, parsed.row_numbers);
  return parsed.design;
}

struct Maximum {
  std::string family;
  double log_likelihood;
  std::vector<double> cut, b;
  double sd = 0;

  friend std::ostream& operator<<(std::ostream& out, const Maximum& m) { return out << m.family; }
};

// Of clm: rating ~ temp + contact.
const std::vector<Maximum> maxima = {
    {"cumulative(logit)",
     -86.49192336565,
     {-1.344383411265, 1.250808798417, 3.466886926475, 5.006404204271},
     {2.5031020079, 1.527797658095}},
    {"cumulative(probit)",
     -85.76114836478,
     {-0.7732627287584, 0.7360214898394, 2.04468046385, 2.941344982257},
     {1.499374578399, 0.8677435388829}},
    {"cumulative(cloglog)",
     -86.63407920881,
     {-1.740082382313, 0.2963290978498, 1.728855343377, 2.596797049142},
     {1.605760091139, 0.8597136567278}}};

// Of clmm: rating ~ temp + contact + (1 | judge); by Laplace's approximation, and by 25 nodes.
const std::vector<Maximum> laplace = {
    {"cumulative(logit)",
     -81.56541277677,
     {-1.623671711457, 1.513354180999, 4.228518882004, 6.088766825596},
     {3.062999314103, 1.834899687816},
     1.131139141627},
    {"cumulative(probit)",
     -80.93060534657,
     {-0.9264800469666, 0.88943802335, 2.467593399065, 3.536663062067},
     {1.800015012352, 1.048205906469},
     0.6631539696464}};
const std::vector<Maximum> nodes = {
    {"cumulative(logit)",
     -81.53246071095,
     {-1.623487455335, 1.512796037497, 4.227053453843, 6.086152277004},
     {3.061890993332, 1.833433362222},
     1.134783297732},
    {"cumulative(probit)",
     -80.93129461591,
     {-0.926325440542, 0.889351422807, 2.467333456784, 3.536355953773},
     {1.799872196704, 1.048114176246},
     0.6630288195245}};

Vector vector(const std::vector<double>& values) {
  return Eigen::Map<const Vector>(values.data(), std::ssize(values));
}

const std::string formula = "rating ~ temp + contact + (1 | judge)";
const std::vector<std::string> flat{"cut ~ flat()", "b ~ flat()", "sd(judge) ~ flat()"};

/// A model over the wines.
struct Wine {
  Wine(Design of, const std::vector<std::string>& given)
      : design(std::move(of)),
        type(*registry().model_for(design).type),
        priors(type.parameters(design), given),
        settings(type.settings, {}, type.name),
        model(type.make({design, priors, settings})) {}

  /// A vector of one of the model's layouts, at a maximum; the effects at 0.
  Vector at(const Layout& layout, const Maximum& known) const {
    Vector theta = Vector::Zero(as_index(layout.size()));
    const VectorRef all(theta);
    for (std::size_t k = 0; k < layout.blocks(); ++k) {
      const std::string& name = layout.block(k).name;
      if (name == "b") layout.of(all, k) = vector(known.b);
      if (name == "cut") layout.of(all, k) = vector(known.cut);
      if (name.starts_with("sd_")) layout.of(all, k).setConstant(known.sd);
    }
    return theta;
  }

  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings;
  std::unique_ptr<Model> model;
};

/// Of one observation in so many orders: what the prior of ordered cuts adds.
const double orders = std::lgamma(5.0);

}  // namespace

BOOST_DATA_TEST_CASE(clm_s_maximum_is_one_here, boost::unit_test::data::make(maxima), known) {
  const Design design = design_of("rating ~ temp + contact", known.family, false);
  BOOST_TEST(design.coefficients == (std::vector<std::string>{"tempwarm", "contactyes"}),
             boost::test_tools::per_element());
  Wine wine(design, {"cut ~ flat()", "b ~ flat()"});
  const Vector theta = wine.at(wine.model->layout(), known);
  Vector gradient(theta.size());
  const double found = query<Gradient>(*wine.model)->log_density_gradient(theta, gradient);
  // Twelve digits are given.
  BOOST_TEST(std::abs(found - orders - known.log_likelihood) < 1e-9);
  BOOST_TEST(gradient.cwiseAbs().maxCoeff() < 1e-8, gradient.transpose());
}

BOOST_DATA_TEST_CASE(laplace_s_approximation_is_clmm_s, boost::unit_test::data::make(laplace),
                     known) {
  // Coefficients are latent variables here and not there. A prior as narrow as a point, about the
  // estimates, leaves them no freedom: its density there and the root of its precision cancel.
  const Design design = design_of(formula, known.family, false);
  std::vector<std::string> point{"cut ~ flat()", "sd(judge) ~ flat()"};
  for (std::size_t k = 0; k < known.b.size(); ++k) {
    point.push_back("b[" + design.coefficients[k] + "] ~ normal(" + std::to_string(known.b[k]) +
                    ", 1e-4)");
  }
  Wine fixed(design, point);
  Pivot& pivot = *query<Pivot>(*fixed.model);
  const Vector phi = fixed.at(pivot.hyperparameter_layout(), known);
  for (int time = 0; time < 4; ++time) pivot.anchor(phi);
  const auto place = pivot.make_place();
  BOOST_TEST_REQUIRE(place->set(phi));
  const auto d = static_cast<Eigen::Index>(pivot.latents());
  const double found = place->log_density(Vector::Zero(d)) - orders +
                       0.5 * static_cast<double>(d) * std::log(2 * std::numbers::pi);
  // The estimates are rounded to 1e-6 above, where the likelihood is flat.
  BOOST_TEST(std::abs(found - known.log_likelihood) < 1e-3,
             found << " instead of " << known.log_likelihood);
}

BOOST_DATA_TEST_CASE(the_gradient_vanishes_at_clmm_s_maximum_of_25_nodes,
                     boost::unit_test::data::make(nodes), known) {
  Wine wine(design_of(formula, known.family, false), flat);
  auto& marginal = *query<Collapsed>(*wine.model);
  query<NumericalMarginal>(*wine.model)->set_nodes(25);
  const Vector theta = wine.at(wine.model->layout(), known);
  Vector phi(as_index(marginal.marginal_layout().size()));
  Vector gradient(phi.size());
  marginal.to_marginal(theta, phi);
  const double found = query<CollapsedGradient>(*wine.model)->log_marginal_gradient(phi, gradient);
  BOOST_TEST(found == marginal.log_marginal(phi));
  BOOST_TEST(std::abs(found - orders - known.log_likelihood) < 1e-6,
             found - orders << " instead of " << known.log_likelihood);
  // clmm stops at gradients of 1e-5 or so.
  BOOST_TEST(gradient.cwiseAbs().maxCoeff() < 1e-3, gradient.transpose());
}

namespace {

const std::vector<std::string> usual{"cut ~ normal(0, 3)", "b ~ normal(0, 2)",
                                     "sd(judge) ~ exponential(1)"};

Fitted fitted(const Design& design, const std::string& sampler, std::vector<std::string> priors,
              std::size_t draws = 1500) {
  if (design.terms.size() == 1 && design.terms.front().columns.size() > 1) {
    priors.emplace_back("cor(judge) ~ lkj(2)");
  }
  std::vector<std::string> settings;
  if (sampler == "nuts") settings = {"target=full", "target_accept=0.9"};
  return fit(design, {.model = registry().model_for(design).type->name,
                      .sampler = sampler,
                      .priors = priors,
                      .settings = settings,
                      .plan = {.chains = 4, .warmup = 400, .draws = draws, .seed = 4}});
}

/// Means and sds of all parameters within 4.5 of their Monte Carlo errors: some 400 figures, each
/// beyond with probability 7e-6.
void same(const Fitted& ours, const Fitted& theirs, const std::string& what) {
  for (const std::string& name : theirs.table.rows) {
    for (const std::string column : {"mean", "sd"}) {
      const double error =
          std::hypot(ours.at(name, "mcse_" + column), theirs.at(name, "mcse_" + column));
      const double a = ours.at(name, column), b = theirs.at(name, column);
      BOOST_TEST(std::abs(a - b) < 4.5 * error,
                 what << ", " << column << " of " << name << ": " << a << " instead of " << b);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(engines_agree) {
  for (const std::string family : {"cumulative(logit)", "cumulative(probit)"}) {
    const Design design = design_of(formula, family);
    const Fitted nuts = fitted(design, "nuts", usual);
    for (const std::string engine : {"collapsed", "pivot"}) {
      const Fitted ours = fitted(design, engine, usual);
      BOOST_TEST(ours.called_good(), family << ", " << engine);
      same(ours, nuts, family + ", " + engine);
    }
  }
  const Design slopes = design_of("rating ~ temp + contact + (1 + temp | judge)", "cumulative");
  same(fitted(slopes, "pivot", usual), fitted(slopes, "nuts", usual), "slopes");
  const Design none = design_of("rating ~ temp + bottle", "cumulative(cloglog)");
  const std::vector<std::string> ungrouped(usual.begin(), usual.begin() + 2);
  same(fitted(none, "collapsed", ungrouped), fitted(none, "nuts", ungrouped), "no groups");
  const Design cuts_alone = design_of("rating ~ 1", "cumulative");
  const std::vector<std::string> of_cuts(usual.begin(), usual.begin() + 1);
  same(fitted(cuts_alone, "collapsed", of_cuts), fitted(cuts_alone, "nuts", of_cuts), "cuts alone");
}

BOOST_AUTO_TEST_CASE(cuts_move_with_the_zero_of_a_covariate_and_nothing_else_does) {
  const std::string with_bottle = "rating ~ bottle + (1 | judge)";
  for (const std::string sampler : {"collapsed", "pivot", "nuts"}) {
    const double shift = 1 << 20;  // a power of two: the centred covariate keeps its bits
    const Fitted here = fitted(design_of(with_bottle, "cumulative"), sampler, usual, 100);
    const Fitted there =
        fitted(design_of(with_bottle, "cumulative", true, shift), sampler, usual, 100);
    for (const std::string& name : here.table.rows) {
      const Vector a = here.column(name);
      Vector b = there.column(name);
      if (name.starts_with("cut[")) {
        b -= shift * there.column("b[bottle]");
        // Of cuts of 1e6 nine digits remain.
        BOOST_TEST((a - b).cwiseAbs().maxCoeff() < 1e-8, sampler << " " << name);
      } else {
        BOOST_TEST((a - b).cwiseAbs().maxCoeff() == 0, sampler << " " << name);
      }
    }
  }
}
