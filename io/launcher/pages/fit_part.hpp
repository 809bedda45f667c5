// The sections of the report that belong to one fit.
#pragma once

#include <string>
#include <vector>

#include "fits/comparison.hpp"
#include "fits/diagnosis.hpp"
#include "fits/load.hpp"
#include "report/html/page.hpp"

namespace tarn::launcher {

/// Run card, then a section for each diagnostic, in their order.
html::FitPart fit_part(const LoadedFit& fit, const std::vector<Diagnosed>& diagnosed,
                       double interval);

/// Which fit predicts best.
html::Section comparison_section(const Comparison& comparison);

}  // namespace tarn::launcher
