// The findings: what the table means, in sentences with advice.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "approximation.hpp"
#include "summary.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn::convergence {

/// What a parameter must meet (Vehtari et al. 2021).
struct Limits {
  double rhat = 1.01;
  double ess_per_chain = 100;
};

/// A table of parameters and what is known about its rows.
struct Judged {
  const ReportTable& table;
  const std::vector<Kind>& kinds;  // of each row
  std::size_t chains;
  std::size_t draws;                             // per chain
  const Approximation* approximation = nullptr;  // that they are draws of, if any
};

/// 12345 as 12,345.
std::string grouped(double number);

void add_findings(const Judged& judged, const Limits& limits, Report& report);

/// How many true values lie in the intervals between these quantiles.
void add_coverage(const ReportTable& table, const std::map<std::string, double>& truth,
                  std::pair<double, double> interval, Report& report);

}  // namespace tarn::convergence
