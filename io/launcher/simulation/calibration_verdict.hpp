// Whether ranks are uniform, quantity by quantity.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "simulation/calibration_file.hpp"

namespace tarn::launcher {

/// Draws among which the truth is ranked: 0 .. 99.
constexpr std::size_t ranked = 99;

/// A program that is right leaves some band once in a hundred runs.
constexpr double probability = 0.99;

struct Verdict {
  std::string name;
  double mean = 0.5;    // of the ranks' shares: 0.5 if calibrated
  double rank_sd = 1;   // their standard deviation, as a multiple of the uniform distribution's
  double distance = 0;  // the largest between ECDF and diagonal
  bool within = true;
  std::string words = {};
};

/// By the band that the ranks' distribution functions stay in, all quantities together.
std::vector<Verdict> evaluate(const std::vector<Ranked>& sets,
                              const std::vector<std::string>& quantities);

std::string as_text(const std::vector<Verdict>& verdicts);

}  // namespace tarn::launcher
