// What a fit of 1e6 rows and 1e4 group effects costs in memory, in processor time, one line per
// figure; tests/bench/landmarks.py puts them beside their limits.
#include <algorithm>
#include <ctime>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "fit.hpp"
#include "million_rows.hpp"

namespace {

using namespace tarn;

constexpr std::size_t chains = 4;
constexpr std::size_t draws = 1000;

/// Best of three, since the machine may be shared.
double cpu_seconds(const std::function<void()>& act) {
  double best = 1e300;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const std::clock_t start = std::clock();
    act();
    best = std::min(best, static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
  }
  return best;
}

/// Memory in the order in which draws arrive: one copy, as a file takes.
class Store final : public DrawSink {
 public:
  explicit Store(Eigen::Index size)
      : values_(Matrix::Zero(size, static_cast<Eigen::Index>(chains * draws))) {}

  void write(const DrawBatch& batch) override {
    const auto at = static_cast<Eigen::Index>(batch.chain * draws + batch.first);
    values_.middleCols(at, batch.theta.cols()) = batch.theta;
  }

  Matrix& values() { return values_; }

 private:
  Matrix values_;
};

/// The finished draws of one chain after another, as a diagnostic sees them.
class Stored final : public Draws {
 public:
  Stored(const Layout& layout, const Matrix& values)
      : layout_(layout), values_(values.transpose()) {}

  std::size_t chains() const noexcept override { return ::chains; }
  std::size_t draws() const noexcept override { return ::draws; }
  const Layout& layout() const noexcept override { return layout_; }
  void read(std::size_t block, std::size_t first, MatrixRef into) const override {
    into =
        values_.middleCols(static_cast<Eigen::Index>(layout_.offset(block) + first), into.cols());
  }
  void read_draws(std::size_t chain, std::size_t first, MatrixRef into) const override {
    into = values_.middleRows(static_cast<Eigen::Index>(chain * ::draws + first), into.cols())
               .transpose();
  }

 private:
  const Layout& layout_;
  Matrix values_;
};

/// No draw can be cheaper: as many normals, scaled and stored.
double limit(Matrix& values) {
  Rng rng({1});
  Vector z(values.rows());
  const Vector mean = Vector::LinSpaced(values.rows(), -1, 1);
  const Vector sd = mean.cwiseAbs2();
  return cpu_seconds([&] {
    for (Eigen::Index i = 0; i < values.cols(); ++i) {
      fill_normal(z, rng);
      values.col(i) = mean + sd.cwiseProduct(z);
    }
  });
}

void print(const char* name, double value) { fmt::print("{} {:.4g}\n", name, value); }

}  // namespace

int main() {
  const Design design = bench::simulate(1'000'000);
  print("moments_s", cpu_seconds([&] { design.with_rows(design.rows).group_moments(0); }));

  design.group_moments(0);
  const Registry& registry = test::registry();
  const ModelType& model = *registry.model("random_intercept").type;
  const SamplerType& sampler = *registry.sampler("collapsed").type;
  const Priors priors(model.parameters(design), bench::priors);
  const Settings of_model(model.settings, {}, "random_intercept");
  const Settings of_sampler(sampler.settings, {}, "collapsed");
  RunPlan plan{.chains = chains, .warmup = 1000, .draws = draws, .seed = 1, .threads = 1};
  const ModelInput input{design, priors, of_model};
  const auto layout = Run(model, input, sampler, of_sampler, plan).layout();
  Store store(static_cast<Eigen::Index>(layout.size()));
  const auto go = [&] { run(model, input, sampler, of_sampler, plan, store); };

  const double all = cpu_seconds(go);
  const std::size_t one = plan.draws = 1;
  const double set_up = cpu_seconds(go);
  plan.draws = draws;
  const double stored = static_cast<double>(layout.size() * chains * (draws - one));
  print("draws_s", all);
  print("set_up_s", set_up);
  print("parameter_ns", 1e9 * (all - set_up) / stored);
  go();
  const DiagnosticType& convergence = *registry.diagnostic("convergence").type;
  const Stored finished(layout, store.values());
  print("diagnostics_s", cpu_seconds([&] {
          Report report;
          convergence.make(Settings(convergence.settings, {}, "convergence"))
              ->evaluate({finished, nullptr}, report);
        }));
  print("limit_ns", 1e9 * limit(store.values()) / static_cast<double>(store.values().size()));
}
