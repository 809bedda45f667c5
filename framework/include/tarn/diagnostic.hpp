// The role of a diagnostic: it judges a finished fit and answers with findings and tables.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "tarn/draws.hpp"
#include "tarn/settings.hpp"

namespace tarn {

/// A judgement in a sentence, with advice.
struct Finding {
  enum class Level { good, note, bad };
  Level level = Level::note;
  std::string sentence;
};

/// Numbers for people and scripts: rows are labelled, columns are named.
struct ReportTable {
  std::string name;
  std::vector<std::string> columns;
  std::vector<std::string> rows;
  std::vector<double> values;  // row by row; NaN: cannot say

  double at(std::size_t row, std::size_t column) const {
    return values[row * columns.size() + column];
  }
};

/// What diagnostics add to.
class Report {
 public:
  void add(Finding finding) { findings_.push_back(std::move(finding)); }
  void add(ReportTable table) { tables_.push_back(std::move(table)); }

  const std::vector<Finding>& findings() const noexcept { return findings_; }
  const std::vector<ReportTable>& tables() const noexcept { return tables_; }

 private:
  std::vector<Finding> findings_;
  std::vector<ReportTable> tables_;
};

/// A finished fit, as a diagnostic sees it.
struct Fit {
  const Draws& posterior;   // parameters
  const Draws* statistics;  // what the sampler reported with each draw; nullptr: nothing
};

class Diagnostic {
 public:
  virtual ~Diagnostic();
  virtual void judge(const Fit& fit, Report& report) = 0;
};

}  // namespace tarn
