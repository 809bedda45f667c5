// Groups by their coefficients: estimates, ranks within draws, who is among the first, who is
// before whom.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "answers/estimates.hpp"
#include "tarn/draws.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

/// Which effects: the block r_<g> and the place of a column in it.
struct GroupColumn {
  std::size_t block = 0;
  std::size_t column = 0;
  std::string grouping;  // as its axis is called
  std::string term;      // Intercept, x
  std::vector<std::string> levels;
  std::ptrdiff_t coefficient = -1;  // of b, that is added; -1: b has no such column
  std::size_t means = 0;            // the block of b
};

/// `grouping` and `term` may be empty where there is only one (of terms: the intercept, or the
/// first). Throws UsageError with the nearest names.
GroupColumn find_group_column(const Layout& layout, const std::string& grouping,
                              const std::string& term);

/// `b[Intercept] + r_g[...,Intercept]`
std::string what_it_is(const GroupColumn& column);

struct RankedGroup {
  std::string level;
  Estimate value;
  double rank, rank_lower, rank_upper;  // mean and interval; 1 is the first
  double among_first;                   // the probability of a rank up to RankPlan::first
};

/// `A > B` of two levels.
struct GroupPair {
  std::size_t before, after;
  Estimate difference;
  double probability, mcse;
};

struct RankPlan {
  bool lowest_first = false;
  std::size_t first = 1;
  std::vector<std::string> pairs;  // "A > B"
  Interval interval;
};

struct GroupRanking {
  std::vector<RankedGroup> groups;  // by the mean of their ranks
  std::vector<GroupPair> pairs;
  std::size_t rank_draws = 0;  // of how many draws the ranks are: all, unless there are many groups
};

/// Throws UsageError for a pair whose sides are no two levels.
GroupRanking rank_groups(const Registry& registry, const Draws& draws, const GroupColumn& column,
                         const RankPlan& plan);

std::string as_text(const GroupRanking& ranking, const GroupColumn& column, const RankPlan& plan,
                    std::size_t most_rows);
nlohmann::ordered_json as_json(const GroupRanking& ranking, const GroupColumn& column,
                               const RankPlan& plan);

}  // namespace tarn::launcher
