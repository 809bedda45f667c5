// Figures of shrinkage and of fitted lines.
#pragma once

#include <string>

#include "groups.hpp"

namespace tarn::pooling {

/// Each group from no pooling to partial pooling, beside the line of complete pooling.
void add_caterpillar(const Groups& groups, std::size_t term, const std::string& response,
                     Report& report);

/// Intercepts and slopes, or the first two columns, of every group.
void add_plane(const Groups& groups, const std::string& response, Report& report);

/// The regression line of each of some groups, with its rows. Without a covariate: nothing.
void add_lines(const Fit& fit, const Groups& groups, ConstVectorRef ols, Report& report);

/// So many of `count` numbers, the first and the last among them, at even distances.
std::vector<std::size_t> evenly(std::size_t count, std::size_t most);

}  // namespace tarn::pooling
