// The table of densities: those of tarn, and those that plugins bring.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tarn/density.hpp"

namespace tarn {

// Rows of tarn's own, by what they are densities of.
std::vector<DensityType> real_densities();
std::vector<DensityType> positive_densities();
std::vector<DensityType> interval_densities();
std::vector<DensityType> block_densities();

/// The row of a name, or nullptr. It stays where it is for good.
const DensityType* find_density(std::string_view name);

bool is_own_density(std::string_view name);

/// In the order in which users are told of them.
std::vector<std::string> density_names();

/// Those of one number with this support, and those whose ends are their arguments.
std::vector<std::string> density_names(Support support);

/// From now on this is the row of its name; densities read before keep theirs. The library that it
/// is from is never unloaded.
void add_density(const DensityType& type);

/// `normal(mean, sd)`.
std::string usage(const DensityType& type);

}  // namespace tarn
