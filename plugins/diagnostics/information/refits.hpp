// Groups that importance sampling cannot leave out are left out by fitting again.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "criteria.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::information {

/// Which levels of a grouping were fitted without.
struct Refits {
  std::vector<std::size_t> levels;  // with their rows left out, in the order in which it was done
  std::string why_not;              // why some were not, in a clause; or nothing
};

/// Replaces the figures of the first `most` of the `wanted` levels.
Refits refit_levels(const Fit& fit, std::size_t grouping, const std::vector<std::size_t>& wanted,
                    std::size_t most, std::vector<Criteria>& levels);

}  // namespace tarn::information
