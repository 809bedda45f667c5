// A number of the data among those of replicates.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tarn/diagnostic.hpp"

namespace tarn::predictive_check {

struct Comparison {
  double data = 0;
  double mean = 0;
  double lower = 0, upper = 0;  // 95 % of the replicates
  double p = 0;                 // share of the replicates at or above the data, ties by half

  double tail() const { return std::min(p, 1 - p); }
};

Comparison compare(double data, std::vector<double> replicates);

/// Columns of tables of comparisons, and a row of one.
std::vector<std::string> comparison_columns();
void add_row(ReportTable& table, const std::string& label, const Comparison& c);

}  // namespace tarn::predictive_check
