// The table of parameters that `fit` and `summary` print, and the verdict under it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "report/text_table.hpp"
#include "tarn/diagnostic.hpp"

namespace tarn {

/// Index of a column; throws PluginError where a diagnostic has none of that name.
std::size_t column_of(const ReportTable& table, const std::string& name);

/// The rows of a table of `convergence` that `wanted` lists, in columns for people: mean, sd, mcse,
/// quantiles, R-hat and effective draws, each with the digits that its Monte Carlo error supports.
TextTable summary_table(const ReportTable& parameters, const std::vector<std::size_t>& wanted);

/// The name of a table or a column, for people: "ols_se" is "OLS se".
std::string in_words(const std::string& name);

/// Any other table: labels, then columns of numbers with the digits that tell its rows apart. At
/// most so many rows.
TextTable plain_table(const ReportTable& table, std::size_t most_rows);

/// "good", "notes" or "bad": the worst of the findings.
std::string verdict_word(const std::vector<Finding>& findings);

/// "the draws can be used", or not, or as what.
std::string verdict_words(bool bad, bool approximate);

/// "verdict: the draws can be used", with a line end.
std::string verdict_line(Finding::Level worst, bool approximate = false);

/// One finding a line, the worst first.
std::string findings_text(const std::vector<Finding>& findings);

/// Both.
std::string verdict_text(const std::vector<Finding>& findings, bool approximate = false);

}  // namespace tarn
