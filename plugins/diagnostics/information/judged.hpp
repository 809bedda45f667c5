// The criteria of all units of one kind, and what is said and shown of them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "criteria.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::information {

/// Rows, or the levels of a grouping that have rows.
struct Judged {
  std::string grouping;             // empty: rows
  bool integrated = true;           // the group's effects are integrated out
  std::vector<std::string> labels;  // numbers of rows in the data, or names of levels
  std::vector<Criteria> units;
  double threshold;  // Pareto k above this is bad
  double mcse = 0;   // Monte Carlo standard error of the sum of elpd_loo
  std::string why_not_refitted = {};
  bool normal = true;            // the response
  std::string given_level = {};  // of rows: the factor whose effects are integrated out, if one is

  bool rows() const noexcept { return grouping.empty(); }

  /// "919 rows", "1 level of county".
  std::string count(std::size_t n) const;

  /// Units whose Pareto k is above `limit`, the worst first.
  std::vector<std::size_t> above(double limit) const;

  /// Those that were left out by fitting without them, and those that should have been.
  std::vector<std::size_t> refitted() const;
  std::vector<std::size_t> unreliable() const;
};

void add_tables(const Judged& judged, std::size_t named, bool pointwise, Report& report);
void add_findings(const Judged& judged, bool has_groups, Report& report);
void add_figure(const Judged& judged, std::size_t number, Report& report);

}  // namespace tarn::information
