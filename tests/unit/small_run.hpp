// A run of many shapes, whose every value tells where it belongs.
#pragma once

#include <filesystem>
#include <iterator>
#include <vector>

#include "made_up_draws.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/runtime.hpp"
#include "temporary_folder.hpp"

namespace tarn::test {

/// Variables small and large, in one piece and in chunks, split at each axis that can be.
inline Layout many_shapes() {
  const Axis group{"group", numbered_labels("g", 70)};
  const Axis term{"group_term", {"Intercept", "x"}};
  Layout layout;
  layout.add({.name = "b",
              .axes = {{"coefficient", {"Intercept", "a,b", "\"q\""}}},
              .describes = "population-level coefficients"});
  layout.add({.name = "sigma", .support = Support::positive});
  layout.add({.name = "cor_group", .axes = {term, term}, .support = Support::correlation});
  layout.add({.name = "hidden", .axes = {group}, .stored = false});
  layout.add({.name = "r_group", .axes = {group, term}});
  layout.add({.name = "none", .axes = {{"nothing", {}}}});
  layout.add({.name = "wide", .axes = {term, {"row", numbered_labels("", 250)}}});
  layout.add({.name = "deep",
              .axes = {{"site", {"north", "süd"}}, {"day", numbered_labels("d", 9)}, group}});
  return layout;
}

inline const std::vector<Statistic> statistics{{"lp", Statistic::Type::real, "log posterior"},
                                               {"n_steps", Statistic::Type::integer, ""},
                                               {"diverging", Statistic::Type::boolean, ""}};

struct SmallRun {
  TemporaryFolder folder;
  Layout layout = many_shapes();
  std::size_t chains = 3, draws = 250;
  io::Provenance provenance{.name = "many shapes",
                            .model_plugin = "m",
                            .model_plugin_version = "1",
                            .sampler = "s",
                            .sampler_version = "2",
                            .seed = 18446744073709551557u,
                            .config = R"({"name": "Ωmega"})",
                            .data_sha256 = "da7a",
                            .build = "",
                            .draws_requested = 250};

  std::filesystem::path out() const { return folder.path() / "fit.h5"; }
  std::filesystem::path partial() const { return folder.path() / "fit.h5.partial"; }

  io::ChainWriter writer() const {
    return {out(), layout, statistics, chains, draws, provenance, false};
  }
  void write(io::ChainWriter& writer, std::size_t chain, std::size_t from, std::size_t to) const {
    write_draws(writer, layout.size(), statistics.size(), chain, from, to, batch_length(draws));
  }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder.path()), {}));
  }
};

}  // namespace tarn::test
