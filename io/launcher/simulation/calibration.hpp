// Simulated data sets, fitted, and the truth ranked among their draws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulation/calibration_file.hpp"
#include "simulation/covariates.hpp"
#include "tarn/calibration.hpp"

namespace tarn::launcher {

/// The population's parameters, and the log likelihood: a quantity of parameters and data finds
/// errors that parameters alone do not, such as a likelihood that is left out (Modrak et al. 2023).
struct Ranking {
  std::vector<std::string> names;
  std::vector<Eigen::Index> elements;
  bool has_likelihood = false;

  Ranking(const Layout& layout, const Design& design, bool likelihood);
  Vector operator()(Model& model, const Rows& rows, ConstVectorRef theta) const;
};

/// What it is made from must outlive it. Data sets may be ranked by several threads at once.
class Calibration {
 public:
  Calibration(const Registry& registry, const Simulator& simulator, const Design& design,
              const SamplerType& sampler, const Settings& sampler_settings,
              const CalibrationPlan& plan);

  const std::vector<std::string>& quantities() const noexcept { return ranking_.names; }

  /// Thinned to draws that are nearly independent: fitted anew, with more transitions between
  /// draws, where the least effective number of draws is below those that are ranked.
  Ranked rank(std::uint32_t number) const;

 private:
  Replicate fit(const CalibrationPlan& plan, std::uint32_t number) const;
  double least_ess(const Matrix& draws) const;

  const DiagnosticType& convergence_;
  const Simulator& simulator_;
  ModelInput input_;
  const SamplerType& sampler_;
  const Settings& sampler_settings_;
  CalibrationPlan plan_;
  Ranking ranking_;
};

}  // namespace tarn::launcher
