// From a design and its priors to the blocks of a draw, and back and forth between it and a State.
#include "parts.hpp"

#include <algorithm>

namespace tarn::crossed {

Parts::Parts(const ModelInput& input)
    : design(input.design),
      moments(design.moments()),
      equations(design.derived<NormalEquations>()),
      coefficients(design, input.priors),
      b(layout.add({"b",
                    {{"coefficient", design.coefficients}},
                    Support::real,
                    "population-level coefficients"})),
      sds(equations.size()),
      r(equations.size()) {
  if (!design.known_errors) {
    sigma_prior = &input.priors.of("sigma");
    sigma = layout.add({"sigma", {}, Support::positive, "residual standard deviation"});
  }
  for (const NormalEquations::Factor& factor : equations.factors()) {
    covariances.emplace_back(design, input.priors, factor.grouping);
    covariances.back().check_proper(factor.levels);
  }
  // Blocks in the order of the formula.
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    sds[place_of(g)] = covariances[place_of(g)].add_to(layout);
  }
  for (std::size_t g = 0; g < design.groupings.size(); ++g) {
    const std::string factor = design.groupings[g].variable();
    r[place_of(g)] = layout.add({"r_" + factor,
                                 {{factor, design.groupings[g].levels},
                                  {factor + "_term", covariances[place_of(g)].columns()}},
                                 Support::real,
                                 "deviation of each group from the population",
                                 "sd_" + factor});
  }
}

State Parts::empty() const {
  State state{{1, {}}, Vector::Zero(p()), {}};
  for (const NormalEquations::Factor& factor : equations.factors()) {
    state.covariances.push_back({Vector::Ones(factor.q), Matrix::Identity(factor.q, factor.q)});
    state.r.push_back(Vector::Zero(factor.levels * factor.q));
  }
  return state;
}

Spread Parts::spread(ConstVectorRef theta) const {
  Spread spread{sigma_prior != nullptr ? layout.of(theta, sigma)[0] : 1, {}};
  for (std::size_t f = 0; f < factors(); ++f) {
    spread.covariances.push_back(covariances[f].read(layout, sds[f], theta));
  }
  return spread;
}

State Parts::read(ConstVectorRef theta) const {
  State now{spread(theta), layout.of(theta, b), {}};
  design.to_working(now.b);
  for (const std::size_t effects : r) now.r.emplace_back(layout.of(theta, effects));
  return now;
}

void Parts::write(const State& now, VectorRef theta) const {
  auto to = layout.of(theta, b);
  to = now.b;
  design.to_user(to);
  if (sigma_prior != nullptr) layout.of(theta, sigma)[0] = now.sigma;
  for (std::size_t f = 0; f < factors(); ++f) {
    covariances[f].write(now.covariances[f], layout, sds[f], theta);
    layout.of(theta, r[f]) = now.r[f];
  }
}

std::string Parts::name(std::size_t f) const {
  return design.groupings[equations.factors()[f].grouping].variable();
}

std::size_t Parts::place_of(std::size_t grouping) const {
  const auto& all = equations.factors();
  return static_cast<std::size_t>(
      std::ranges::find(all, grouping, &NormalEquations::Factor::grouping) - all.begin());
}

}  // namespace tarn::crossed
