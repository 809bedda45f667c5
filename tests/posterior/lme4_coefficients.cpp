// Coefficients of classic data sets with weak priors, against lme4's REML fits.
#define BOOST_TEST_MODULE lme4_coefficients
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "fit.hpp"
#include "lme4_fits.hpp"

namespace {

using namespace tarn;
using namespace tarn::test;

/// tarn's name of a coefficient of lme4's.
std::string ours(const std::string& name) {
  return "b[" + (name == "(Intercept)" ? "Intercept" : typed(name)) + "]";
}

/// Fits one pair and compares all coefficients; returns their number.
int check(const std::string& dataset, const std::string& formula, const Estimates& estimates,
          const std::string& sampler) {
  const Design design = lme4_design(dataset, formula);
  // Flat coefficients; standard deviations and correlations have the weak default priors.
  std::vector<std::string> priors{"Intercept ~ flat()"};
  if (design.size() > 1) priors.emplace_back("b ~ flat()");
  const Fitted fitted = fit(design, {.model = registry().model_for(design).type->name,
                                     .sampler = sampler,
                                     .priors = priors,
                                     .plan = {.chains = 4, .warmup = 200, .draws = 1000}});
  int checked = 0;
  for (const auto& [parameter, estimate] : estimates) {
    if (!parameter.starts_with("fixef:")) continue;
    const std::string name = ours(parameter.substr(6));
    // Means over the variances' posterior are not those at its mode: a twentieth of a sd for that.
    BOOST_TEST(std::abs(fitted.at(name, "mean") - estimate) <
                   3 * fitted.at(name, "mcse_mean") + 0.05 * fitted.at(name, "sd"),
               dataset << ", " << formula << ", " << name << ": " << fitted.at(name, "mean")
                       << " against " << estimate);
    ++checked;
  }
  return checked;
}

}  // namespace

BOOST_AUTO_TEST_CASE(posterior_means_of_coefficients_are_lme4s_estimates,
                     *boost::unit_test::precondition(reference_is_there)) {
  int checked = 0;
  for (const auto& [name, estimates] : lme4_fits()) {
    const auto& [dataset, formula] = name;
    if (dataset == "InstEval") continue;
    checked += check(dataset, formula, estimates, "collapsed");
  }
  BOOST_TEST(checked >= 82);
}

BOOST_AUTO_TEST_CASE(and_those_of_thousands_of_crossed_students_and_lecturers,
                     *boost::unit_test::precondition(reference_is_there)) {
  int checked = 0;
  for (const auto& [name, estimates] : lme4_fits()) {
    const auto& [dataset, formula] = name;
    if (dataset == "InstEval") checked += check(dataset, formula, estimates, "gibbs");
  }
  BOOST_TEST(checked == 3);
}
