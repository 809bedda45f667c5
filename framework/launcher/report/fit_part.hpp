// One fit in the report.
#pragma once

#include <string>
#include <vector>

#include "diagnosis.hpp"
#include "reopen.hpp"
#include "report/html/page.hpp"

namespace tarn::launcher {

/// Run card, then a section for each diagnostic, in their order.
html::FitPart fit_part(const Reopened& fit, const std::vector<Diagnosed>& diagnosed,
                       double interval);

}  // namespace tarn::launcher
