// Any text as statements of priors, one a line: refused in words, or printed as what gives them
// again.
#include <string>
#include <vector>

#include "fuzzing.hpp"
#include "tarn/error.hpp"
#include "tarn/prior.hpp"

namespace {

std::vector<tarn::Parameter> parameters() {
  using tarn::Support;
  return {{{"Intercept"}, Support::real, false, "normal(0, 2.5)", "scale"},
          {{"b[x]", "b"}, Support::real, false, "normal(0, 1)", "scale", true},
          {{"b[x:g~1]", "b"}, Support::real, false, "normal(0, 1)", "scale", true},
          {{"sigma"}, Support::positive, true, "exponential(1)", "scale"},
          {{"sd(g, Intercept)", "sd(g)", "sd"}, Support::positive, true, "half_normal(1)", ""},
          {{"cor(g)", "cor"}, Support::correlation, false, "lkj(1)", ""},
          {{"cov(g)", "cov"},
           Support::covariance,
           false,
           "",
           "",
           false,
           {"sd(g, Intercept)", "cor(g)"}},
          {{"p"}, Support::unit_interval, false, "uniform(0, 1)", ""}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tarn::fuzz::require;
  using tarn::fuzz::require_equal;
  const std::string_view text = tarn::fuzz::text_of(data, size);
  try {
    const tarn::Density density = tarn::Density::parse(text);
    const tarn::Density again = tarn::Density::parse(density.text());
    require(density.support() == again.support(), "a density that is printed is the same");
    require_equal(density.text(), again.text(), "printing a density twice changes nothing");
    require(density.lower() <= density.upper(), "a density has a support");
    for (const double x : {-1.0, 0.0, 0.5, 2.0}) {
      density.log_density(x);
      density.score(x);
    }
  } catch (const tarn::InputError&) {
  }

  std::vector<std::string> given;
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end > from) given.emplace_back(text.substr(from, end - from));
    from = end + 1;
  }
  try {
    const tarn::Priors priors(parameters(), given);
    std::vector<std::string> printed;
    for (const tarn::ParameterPrior& prior : priors.all()) printed.push_back(prior.text());
    const tarn::Priors again(parameters(), printed);
    require(priors.all().size() == again.all().size(), "as many priors when they are stated anew");
    for (std::size_t i = 0; i < printed.size(); ++i) {
      require_equal(printed[i], again.all()[i].text(), "a prior that is printed is the same");
    }
  } catch (const tarn::InputError&) {
  }
  return 0;
}
