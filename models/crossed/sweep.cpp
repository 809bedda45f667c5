// Blocks of the Gibbs sweep.
#include "sweep.hpp"

#include <tarn/distributions.hpp>
#include <tarn/target.hpp>

namespace tarn::crossed {
namespace {

/// Dense columns up to which a factor counts as small in a Gibbs sweep.
constexpr Eigen::Index small = 64;

}  // namespace

std::vector<JointBlock> choose_blocks(const solver::NormalEquations& equations) {
  const std::vector<std::size_t> all = solver::all_factors(equations);
  std::vector<JointBlock> blocks;
  if (solver::is_affordable(equations)) {
    blocks.push_back({all, solver::Elimination(equations, all)});
    return blocks;
  }
  std::vector<std::size_t> few;
  Eigen::Index columns = 0;
  for (std::size_t f = equations.size(); f-- > 0;) {
    const auto& factor = equations.factors()[f];
    columns += factor.levels * factor.q;
    if (columns <= small) few.insert(few.begin(), f);
  }
  for (std::size_t f = 0; f + few.size() < equations.size(); ++f) {
    std::vector<std::size_t> together{f};
    together.insert(together.end(), few.begin(), few.end());
    blocks.push_back({together, solver::Elimination(equations, together)});
  }
  // The last is the cheapest. Few levels say little of their covariance: it and they hold each
  // other.
  blocks.back().with_covariance = few;
  return blocks;
}

void slice_covariance(const GroupCovariance& prior, Covariance& now,
                      const std::function<double()>& log_likelihood, Rng& rng) {
  Layout layout;
  const GroupCovariance::Place place = prior.add_working_to(layout);
  const Target target(layout, [&](ConstVectorRef natural) {
    now = prior.read(layout, place, natural);
    return prior.log_density(now) + log_likelihood();
  });
  Vector natural(target.natural_size());
  prior.write(now, layout, place, natural);
  Vector z = target.free(natural);
  for (Eigen::Index k = 0; k < z.size(); ++k) {
    const auto along = [&](double x) {
      Vector there = z;
      there[k] = x;
      return target.log_density(there);
    };
    z[k] = slice(z[k], 1.0, along, rng);
  }
  now = prior.read(layout, place, target.natural(z));
}

}  // namespace tarn::crossed
