// Orthogonal polynomials by their three-term recurrence, as in R's poly().
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "data/formula/basis/basis.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"

namespace tarn::formula {

// The state: alpha_0 .. alpha_{d-1}, then the squared norms of p_0 .. p_d, with
//   p_{k+1}(x) = (x - alpha_k) p_k(x) - norm_k / norm_{k-1} p_{k-1}(x),  p_0 = 1
// (Stieltjes' procedure; Kennedy & Gentle 1980, pp. 343-4).
Basis learn_polynomials(std::size_t degree, std::vector<double> x, const std::string& name) {
  const std::size_t n = x.size();
  std::vector<double> sorted = x;
  std::ranges::sort(sorted);
  const auto distinct = as_size(std::unique(sorted.begin(), sorted.end()) - sorted.begin());
  if (distinct <= degree) {
    throw InputError(fmt::format("{} needs more than {} distinct values; there {} {}", name, degree,
                                 distinct == 1 ? "is" : "are", distinct));
  }
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(n);
  for (double& value : x) value -= mean;
  std::vector<double> alpha;
  std::vector<double> norms{static_cast<double>(n)};
  std::vector<double> before(n, 0);
  std::vector<double> last(n, 1);
  for (std::size_t k = 0; k < degree; ++k) {
    double moment = 0;
    for (std::size_t i = 0; i < n; ++i) moment += x[i] * last[i] * last[i];
    const double shift = moment / norms[k];
    const double ratio = k == 0 ? 0 : norms[k] / norms[k - 1];
    double norm = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const double next = (x[i] - shift) * last[i] - ratio * before[i];
      before[i] = last[i];
      last[i] = next;
      norm += next * next;
    }
    alpha.push_back(shift + mean);
    norms.push_back(norm);
  }
  Basis basis{Basis::Kind::orthogonal, degree, std::move(alpha)};
  basis.state.insert(basis.state.end(), norms.begin(), norms.end());
  return basis;
}

Basis powers(std::size_t degree) { return {Basis::Kind::powers, degree, {}}; }

}  // namespace tarn::formula
