// Microseconds of processor time per parameter of the convergence diagnostic, for 4 chains of 1000
// draws, against the limit of 150 us and R's posterior::summarise_draws where Rscript and posterior
// are installed.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "summary.hpp"
#include "tarn/rng.hpp"
#include "tarn/statistics/ranks.hpp"

namespace {

constexpr std::size_t chains = 4;
constexpr std::size_t draws = 1000;
constexpr double limit = 150;

/// An autoregression per chain: rho = 0 is what the best samplers give, 0.95 a poor one.
std::vector<double> autoregression(double rho, std::uint64_t seed) {
  std::vector<double> x;
  for (std::size_t chain = 0; chain < chains; ++chain) {
    tarn::Rng rng({seed, static_cast<std::uint32_t>(chain)});
    double y = rng.normal();
    for (std::size_t i = 0; i < draws; ++i) {
      y = rho * y + std::sqrt(1 - rho * rho) * rng.normal();
      x.push_back(y);
    }
  }
  return x;
}

double microseconds(const std::vector<std::vector<double>>& parameters) {
  const tarn::convergence::Columns columns{{0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975},
                                           {0.05, 0.5, 0.95}};
  const tarn::convergence::Halves halves(chains, draws);
  const tarn::statistics::NormalScores scores(halves.size());
  tarn::convergence::Summary summary(columns, halves, scores);
  std::vector<double> row(columns.count());
  double best = 1e300;
  for (int repeat = 0; repeat < 7; ++repeat) {
    const std::clock_t start = std::clock();
    for (const auto& x : parameters) summary.summarise(x, row);
    const double spent = 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    best = std::min(best, spent / static_cast<double>(parameters.size()));
  }
  return best;
}

/// Of posterior's default measures, which are fewer than ours; NaN: R or posterior is not there.
double microseconds_of_posterior() {
  const char* script =
      "Rscript -e 'suppressMessages(library(posterior)); set.seed(1); "
      "x <- as_draws_array(array(rnorm(1000 * 4 * 50), c(1000, 4, 50))); "
      "invisible(summarise_draws(x)); cat(sum(system.time(summarise_draws(x))[1:2]) / 50 * 1e6)' "
      "2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(script, "r"), pclose);
  double spent = 0;
  return pipe && std::fscanf(pipe.get(), "%lf", &spent) == 1 ? spent : std::nan("");
}

}  // namespace

int main() {
  const double posterior = microseconds_of_posterior();
  fmt::print("convergence, {} x {} draws: us per parameter, and its ratio to the limit of {:g}\n",
             chains, draws, limit);
  for (const double rho : {0.0, 0.5, 0.95, 0.99}) {
    std::vector<std::vector<double>> parameters;
    for (std::uint64_t seed = 0; seed < 200; ++seed)
      parameters.push_back(autoregression(rho, seed));
    const double ours = microseconds(parameters);
    fmt::print("  autocorrelation {:4g}: {:7.1f}  {:5.2f}", rho, ours, ours / limit);
    if (!std::isnan(posterior))
      fmt::print("   posterior takes {:.0f} times as long", posterior / ours);
    fmt::print("\n");
  }
}
