// Fits that may be compared: of the same observations.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fits/load.hpp"

namespace tarn::launcher {

/// Throws InputError that says what differs: the response, the rows used, their values, their
/// weights. Files that differ elsewhere are told of on standard error.
void check_comparable(const std::vector<std::unique_ptr<LoadedFit>>& fits);

/// The factor whose groups are left out: `given`, or the only one there is.
std::string shared_grouping(const std::vector<std::unique_ptr<LoadedFit>>& fits,
                            const std::string& given);

/// A fit's model over rows that have the levels of a grouping of another fit: a model without that
/// factor has groups to be left out, too.
class Grouped {
 public:
  Grouped(const LoadedFit& fit, const LoadedFit& donor, const std::string& grouping);

  const FittedModel& model() const noexcept { return model_; }

 private:
  Design design_;
  FittedModel model_;
};

}  // namespace tarn::launcher
