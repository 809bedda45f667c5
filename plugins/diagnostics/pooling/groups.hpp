// The groups of one factor: least squares of each, and its posterior.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tarn/diagnostic.hpp"
#include "tarn/model.hpp"

namespace tarn::pooling {

/// Posterior means of all coefficients and effects.
struct Means {
  Vector b;               // in the user's coordinates
  std::vector<Matrix> r;  // of each grouping: q x J; empty where the draws hold none
};
Means posterior_means(const Fit& fit);

/// One coefficient of every group: z's column k of a factor's terms.
struct Term {
  std::string column;
  double complete = 0;        // without groups; 0 where there is no such column
  double population = 0;      // the posterior mean
  double pooling_factor = 0;  // Gelman & Pardoe 2006
  Vector none;                // J: of the group alone; NaN where its rows cannot tell
  Vector partial;             // posterior mean of b + r
  Vector sd, lower, upper;
  Vector shrinkage;  // 0: as if alone, 1: as if all groups were one
};

struct Groups {
  std::size_t grouping = 0;
  std::string method = "least squares";  // by which a group is fitted alone
  std::string name;
  std::vector<std::string> levels;
  Vector count;  // rows, or the sum of their weights
  std::vector<Term> terms;
};

/// All columns of one factor; `complete`: coefficients without groups. Throws nothing: what the
/// draws do not hold is NaN.
Groups judge_groups(const Fit& fit, std::size_t grouping, const Means& means,
                    ConstVectorRef complete);

/// Whether least squares are what groups are fitted alone by.
bool is_normal(const Design& design);

/// What coefficients and effects add up to: "y", "logit of the probability of use".
std::string predicted_name(const Design& design);

/// The block of a grouping's effects in the draws, or nothing.
std::optional<std::size_t> effects_block(const Fit& fit, std::size_t grouping);

/// The number of the population coefficient that a group column varies about, or nothing.
std::optional<std::size_t> coefficient_of(const Design& design, const std::string& column);

/// Names of the columns of all terms on a factor.
std::vector<std::string> columns_on(const Design& design, std::size_t grouping);

/// Draws of one coefficient; zeros where there is none.
Vector coefficient_draws(const Fit& fit, std::optional<std::size_t> coefficient);

}  // namespace tarn::pooling
