// Fits of the same rows, ordered by how well they predict what was left out.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "fits/load.hpp"
#include "judge/comparison.hpp"
#include "report/text_table.hpp"

namespace tarn::launcher {

/// What is left out, and how.
struct Criterion {
  std::string name;   // loo, waic, logo
  std::string group;  // for logo
  std::string elpd;   // columns of the table of `information`
  std::string p;

  std::string unit() const { return group.empty() ? "row" : "group"; }
};

struct Compared {
  const LoadedFit* fit;
  double elpd, se, p;
  Difference difference;
  double weight;
  std::size_t bad_k;     // units left out by importance sampling alone, in vain
  std::size_t refitted;  // units left out by a fit without them
  double mcse;           // Monte Carlo standard error of elpd; 0 for waic

  std::string name() const { return fit->path().string(); }
};

/// The best fit first.
struct Comparison {
  Criterion criterion;
  std::size_t units;  // rows or groups
  std::vector<Compared> fits;
  std::vector<std::string> sentences;  // what the figures mean
};

/// Of loo, waic or logo. Throws UsageError for another.
Criterion criterion_of(const std::string& name);

/// The fits are comparable (comparable.hpp). Throws InputError or PluginError where one of them
/// cannot be.
Comparison compare(const std::vector<std::unique_ptr<LoadedFit>>& fits, const Criterion& criterion,
                   bool stacking, std::size_t threads);

std::string heading(const Comparison& comparison);
TextTable table_of(const Comparison& comparison);

}  // namespace tarn::launcher
