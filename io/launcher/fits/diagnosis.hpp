// All diagnostics that apply to a fit.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "fits/load.hpp"
#include "tarn/registry.hpp"

namespace tarn::launcher {

/// What one diagnostic said.
struct Diagnosed {
  const DiagnosticType* type;
  Report report;
  std::string why_not;  // where it does not apply, in a sentence; else empty
};

struct DiagnosisOptions {
  std::vector<std::string> only = {};  // names; empty: all
  std::map<std::string, double> truth = {};
  bool figures = false;
  /// Settings of single diagnostics, NAME=VALUE, by diagnostic.
  std::map<std::string, std::vector<std::string>> settings = {};
};

/// In the order of their places. A diagnostic that fails is told in `why_not`, and does not stop
/// the others. Throws UsageError for a name in `only` that no plugin has.
std::vector<Diagnosed> diagnose(const LoadedFit& fit, const DiagnosisOptions& options);

/// The worst of all findings.
Finding::Level worst(const std::vector<Diagnosed>& all);

/// True values of a simulation, as `tarn simulate` writes them: a JSON object of numbers by element
/// name. Throws InputError.
std::map<std::string, double> read_truth(const std::string& file);

nlohmann::ordered_json to_json(const std::vector<Finding>& findings);
nlohmann::ordered_json to_json(const ReportTable& table);

}  // namespace tarn::launcher
