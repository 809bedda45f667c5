// Writes a chain file with everything a reader may stumble over, and has it checked by a script
// while half of it is written and when it is finished:  make_chain_file OUT.h5 CHECK.sh
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <sys/wait.h>

#include "tarn/io/chain_store.hpp"

namespace {

constexpr std::size_t chains = 3;
constexpr std::size_t draws = 200;  // two batches, so that the first one is half of the run

tarn::Layout awkward_layout() {
  const tarn::Axis coefficient{"coefficient", {"Intercept", "x, squared", "say \"so\"", "it's"}};
  const tarn::Axis county{"county", {"Åre", "京都", "Ελλάδα", "a,b", "a,b", "", "tab\there", "7"}};
  const tarn::Axis term{"county_term", {"Intercept", "floor"}};
  std::vector<std::string> many;
  for (int i = 0; i < 250; ++i) many.push_back(fmt::format("item {}", i));

  tarn::Layout layout;
  layout.add({.name = "b", .axes = {coefficient}, .describes = "population-level coefficients"});
  layout.add({.name = "sigma",
              .support = tarn::Support::positive,
              .describes = "residual standard deviation"});
  layout.add({.name = "sd_county", .axes = {term}, .support = tarn::Support::positive});
  layout.add({.name = "cor_county", .axes = {term, term}, .support = tarn::Support::correlation});
  layout.add({.name = "r_county", .axes = {county, term}, .describes = "deviation of each county"});
  layout.add({.name = "hidden", .axes = {county}, .stored = false});
  layout.add({.name = "nothing", .axes = {{"none", {}}}});
  layout.add({.name = "r_b", .axes = {{"b", {"one", "two"}}}});  // a factor named like a variable
  layout.add({.name = "größe (m)", .axes = {{"Länge", {"kurz", "lang"}}}});
  layout.add({.name = "Sigma", .axes = {{"", {"0", "1"}}, {"", {"0", "1"}}}});
  layout.add({.name = "theta", .axes = {{"item", many}, term}});
  layout.add({.name = "chain", .describes = "a variable named like a dimension"});
  return layout;
}

std::vector<tarn::Statistic> statistics() {
  using Type = tarn::Statistic::Type;
  return {{"lp", Type::real, "log posterior up to a constant"},
          {"n_steps", Type::integer, "leapfrog steps"},
          {"diverging", Type::boolean, "energy error too large"},
          {"acceptance_rate", Type::real, ""}};
}

tarn::DrawBatch batch(const tarn::Layout& layout, std::size_t chain, std::size_t first,
                      std::size_t count) {
  tarn::DrawBatch made{.chain = chain, .first = first, .theta = {}, .statistics = {}, .seconds = 1};
  made.theta.resize(static_cast<Eigen::Index>(layout.size()), static_cast<Eigen::Index>(count));
  made.statistics.resize(4, static_cast<Eigen::Index>(count));
  for (Eigen::Index draw = 0; draw < made.theta.cols(); ++draw) {
    const double t = static_cast<double>(chain) + 0.01 * static_cast<double>(draw);
    for (Eigen::Index i = 0; i < made.theta.rows(); ++i) {
      made.theta(i, draw) = static_cast<double>(i) + std::sin(t * static_cast<double>(i + 1));
    }
    made.statistics.col(draw) << -t, static_cast<double>(draw % 8), draw % 7 == 0, 0.8;
  }
  return made;
}

std::shared_ptr<const tarn::io::FitData> awkward_data() {
  auto data = std::make_shared<tarn::io::FitData>();
  data->table.rows = 3;
  data->table.columns = {
      {.name = "größe (m)", .numbers = {1.5, -2, 1e-300}},
      {.name = "county", .is_text = true, .codes = {1, 0, 1}, .levels = {"京都", "a,b"}},
      {.name = "row", .numbers = {1, 2, 3}}};
  data->row_numbers = {2, 3, 7};
  data->response = "log(`größe (m)`)";
  data->observed = tarn::Vector::LinSpaced(3, -1, 1);
  return data;
}

int run_check(const std::string& script, const std::string& file) {
  std::fflush(stdout);
  const int status = std::system(fmt::format("sh '{}' '{}'", script, file).c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int make_and_check(const std::string& out, const std::string& script) {
  const tarn::Layout layout = awkward_layout();
  tarn::io::Provenance run;
  run.name = "every awkward thing";
  run.model_plugin = run.sampler = "test";
  run.model_plugin_version = run.sampler_version = "1";
  run.seed = 18446744073709551557u;
  run.config = R"({"name": "Ωmega, \"quoted\""})";
  run.data_sha256 = std::string(64, '0');
  run.draws_requested = draws;
  run.data = awkward_data();
  tarn::io::ChainWriter writer(out, layout, statistics(), chains, draws, run, true);

  constexpr std::size_t half = draws / 2;
  for (std::size_t chain = 0; chain < chains; ++chain) writer.write(batch(layout, chain, 0, half));
  fmt::print("half written, the run goes on:\n");
  if (const int failed = run_check(script, out + ".partial")) return failed;

  for (std::size_t chain = 0; chain < chains; ++chain) {
    writer.write(batch(layout, chain, half, draws - half));
  }
  writer.finish();
  fmt::print("finished:\n");
  return run_check(script, out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: make_chain_file OUT.h5 CHECK.sh\n");
    return 2;
  }
  try {
    return make_and_check(argv[1], argv[2]);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
