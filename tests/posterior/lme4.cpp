// Classic data sets against lme4's REML fits.
#define BOOST_TEST_MODULE lme4
#include <Eigen/LU>
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "differences.hpp"
#include "fit.hpp"
#include "lme4_fits.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// REML fits, without InstEval, whose effects are not integrated out.
std::map<std::pair<std::string, std::string>, Estimates> fits() {
  auto all = lme4_fits();
  std::erase_if(all, [](const auto& fit) { return fit.first.first == "InstEval"; });
  return all;
}

/// The model with flat coefficients, and standard deviations and correlations of constant density.
struct Reml {
  Design design;
  const ModelType& type;
  Priors priors;
  Settings settings = {};
  std::unique_ptr<Model> model;

  Reml(const std::string& dataset, const std::string& formula)
      : design(lme4_design(dataset, formula)),
        type(*registry().model_for(design).type),
        priors(type.parameters(design), statements()),
        model(type.make({design, priors, settings})) {}

  Collapsed& collapsed() const { return *query<Collapsed>(*model); }

  /// log_marginal() less the priors.
  double criterion(const Vector& phi) const {
    double scales = 1;
    for (const GroupTerm& term : design.terms) scales += static_cast<double>(term.columns.size());
    return collapsed().log_marginal(phi) + scales * std::log(1e6);
  }

  Vector phi(const Estimates& estimates) const {
    const Layout& layout = collapsed().marginal_layout();
    Vector phi = Vector::Ones(static_cast<Eigen::Index>(layout.size()));
    phi[0] = estimates.at("sd:residual");
    for (const GroupTerm& term : design.terms) {
      const Grouping& grouping = design.groupings[term.grouping];
      const std::string g = ":" + lme4s(grouping.name, estimates) + ":";
      const auto name = [&](std::size_t k) {
        return term.columns[k] == "Intercept" ? "(Intercept)" : term.columns[k];
      };
      const auto own = layout.find("sd_" + grouping.variable());
      auto sd = layout.of(VectorRef(phi), own ? *own : layout.find("sd").value());
      const std::size_t q = term.columns.size();
      for (std::size_t k = 0; k < q; ++k) {
        sd[static_cast<Eigen::Index>(k)] = estimates.at("sd" + g + name(k));
        for (std::size_t i = 0; i < k; ++i) {
          auto cor = layout.of(VectorRef(phi), layout.find("cor_" + grouping.variable()).value());
          const double value = estimates.at("cor" + g + name(i) + "," + name(k));
          cor[static_cast<Eigen::Index>(k * q + i)] = value;
          cor[static_cast<Eigen::Index>(i * q + k)] = value;
        }
      }
    }
    return phi;
  }

 private:
  /// a:b is b:a where lme4 expanded b/a.
  static std::string lme4s(const std::string& name, const Estimates& estimates) {
    const auto colon = name.find(':');
    if (colon == std::string::npos || estimates.contains("sd:" + name + ":(Intercept)")) {
      return name;
    }
    return name.substr(colon + 1) + ":" + name.substr(0, colon);
  }

  std::vector<std::string> statements() const {
    std::vector<std::string> all{"sigma ~ uniform(0, 1e6)"};
    for (const GroupTerm& term : design.terms) {
      const std::string g = "(" + design.groupings[term.grouping].name + ")";
      all.push_back("sd" + g + " ~ uniform(0, 1e6)");
      if (term.columns.size() > 1) all.push_back("cor" + g + " ~ flat()");
    }
    if (design.has_intercept) all.emplace_back("Intercept ~ flat()");
    if (design.size() > 1) all.emplace_back("b ~ flat()");
    return all;
  }
};

/// The gradient of the collapsed density; differences where the model offers none.
Vector gradient_at(const Reml& reml, const Vector& phi) {
  Vector gradient(phi.size());
  if (auto* own = query<CollapsedGradient>(*reml.model)) {
    own->log_marginal_gradient(phi, gradient);
    return gradient;
  }
  return test::gradient_of([&](const Vector& at) { return reml.collapsed().log_marginal(at); },
                           phi);
}

/// Newton's steps up the criterion, with differenced gradients; correlations off the diagonal move
/// together with their mirror images.
Vector climb(const Reml& reml, Vector phi) {
  const Layout& layout = reml.collapsed().marginal_layout();
  std::vector<std::pair<Eigen::Index, Eigen::Index>> free;  // an element and its mirror image
  for (std::size_t block = 0; block < layout.blocks(); ++block) {
    const auto first = static_cast<Eigen::Index>(layout.offset(block));
    const auto size = static_cast<Eigen::Index>(layout.block(block).size());
    const bool matrix = layout.block(block).support == Support::correlation;
    const auto q = matrix ? std::lround(std::sqrt(size)) : size;
    for (Eigen::Index e = 0; e < size; ++e) {
      if (!layout.block(block).is_own(static_cast<std::size_t>(e))) continue;
      free.emplace_back(first + e, first + (matrix ? e % q * q + e / q : e));
    }
  }
  const auto d = static_cast<Eigen::Index>(free.size());
  const auto gradient = [&](const Vector& at) {
    const Vector full = gradient_at(reml, at);
    Vector g(d);
    for (Eigen::Index e = 0; e < d; ++e) {
      const auto [a, b] = free[static_cast<std::size_t>(e)];
      g[e] = a == b ? full[a] : full[a] + full[b];
    }
    return g;
  };
  const auto moved = [&](Vector at, Eigen::Index e, double by) {
    const auto [a, b] = free[static_cast<std::size_t>(e)];
    at[a] += by;
    if (a != b) at[b] += by;
    return at;
  };
  for (int iteration = 0; iteration < 5; ++iteration) {
    Matrix hessian(d, d);
    for (Eigen::Index e = 0; e < d; ++e) {
      const double h =
          1e-5 * std::max(std::abs(phi[free[static_cast<std::size_t>(e)].first]), 1e-3);
      hessian.col(e) = (gradient(moved(phi, e, h)) - gradient(moved(phi, e, -h))) / (2 * h);
    }
    const Vector step = -hessian.fullPivLu().solve(gradient(phi));
    for (Eigen::Index e = 0; e < d; ++e) phi = moved(phi, e, step[e]);
  }
  return phi;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_collapsed_density_at_lme4s_estimates_is_its_REML_criterion,
                     *boost::unit_test::precondition(reference_is_there)) {
  const auto all = fits();
  for (const auto& [name, estimates] : all) {
    const auto& [dataset, formula] = name;
    BOOST_TEST_CONTEXT(dataset << ", " << formula) {
      const Reml reml(dataset, formula);
      const double value = reml.criterion(reml.phi(estimates));
      // The file's estimates have 12 digits, and the criterion is flat there.
      BOOST_TEST(std::abs(value / estimates.at("logLik") - 1) < 1e-9,
                 value << " against " << estimates.at("logLik"));
    }
  }
  BOOST_TEST(all.size() >= 26);
}

BOOST_AUTO_TEST_CASE(the_mode_of_the_collapsed_density_is_lme4s_REML_estimate,
                     *boost::unit_test::precondition(reference_is_there)) {
  int checked = 0;
  for (const auto& [name, estimates] : fits()) {
    const auto& [dataset, formula] = name;
    BOOST_TEST_CONTEXT(dataset << ", " << formula) {
      const Reml reml(dataset, formula);
      const Vector phi = reml.phi(estimates);
      // On the boundary (a standard deviation of 0) the mode is not where the gradient vanishes.
      if (phi.head(2).minCoeff() < 1e-6) continue;
      const Vector mode = climb(reml, phi);
      for (Eigen::Index k = 0; k < phi.size(); ++k) {
        BOOST_TEST(std::abs(mode[k] - phi[k]) <= 1e-5 * std::max(std::abs(phi[k]), 0.1),
                   "parameter " << k << ": " << mode[k] << " against " << phi[k]);
      }
      ++checked;
    }
  }
  BOOST_TEST(checked >= 24);
}

BOOST_AUTO_TEST_CASE(the_demo_agrees_with_lme4,
                     *boost::unit_test::precondition(reference_is_there)) {
  const std::string formula = "log_radon ~ floor + log_uranium + (1 | county)";
  const Estimates estimates = fits().at({"rstanarm_radon", formula});
  const Design design = lme4_design("rstanarm_radon", formula);
  const Fitted fitted = fit(
      design,
      {.sampler = "collapsed", .plan = {.chains = 4, .warmup = 1000, .draws = 1000, .seed = 1}});
  // Default priors are weak: a posterior mean is nearer to the estimate than a tenth of a posterior
  // standard deviation and 4 Monte Carlo errors; the groups' sd, whose posterior is skew, half of
  // one.
  const auto check = [&](const std::string& parameter, double estimate, double part) {
    BOOST_TEST(std::abs(fitted.at(parameter, "mean") - estimate) <
                   part * fitted.at(parameter, "sd") + 4 * fitted.at(parameter, "mcse_mean"),
               parameter << ": " << fitted.at(parameter, "mean") << " against " << estimate);
  };
  check("b[Intercept]", estimates.at("fixef:(Intercept)"), 0.1);
  check("b[floor]", estimates.at("fixef:floor"), 0.1);
  check("b[log_uranium]", estimates.at("fixef:log_uranium"), 0.1);
  check("sigma", estimates.at("sd:residual"), 0.1);
  check("sd_county[Intercept]", estimates.at("sd:county:(Intercept)"), 0.5);
}
