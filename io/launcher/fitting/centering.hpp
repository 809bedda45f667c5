// What --center does to priors, for people.
#pragma once

#include <string>
#include <vector>

#include "tarn/design.hpp"
#include "tarn/formula.hpp"
#include "tarn/prior.hpp"

namespace tarn::launcher {

/// Of what --center says: yes, no or population.
void set_centering(const std::string& center, FormulaOptions& options);

/// Whether the prior of a parameter is about where all centred covariates are at their means, and
/// another one than the prior where they are 0.
bool is_at_means(const Subject& subject, const Design& design);

/// "default: 2.5 sd(y), at the means"
std::string source_text(const std::string& source, bool at_means);

/// On stated priors whose meaning depends on it: those of intercepts that vary by group, where a
/// covariate's mean is more than its standard deviation from 0.
std::vector<std::string> notes_on_stated(const Priors& priors, const Design& design);

}  // namespace tarn::launcher
