// Expected responses of rows whose groups may be new: the average over new groups.
#pragma once

#include <cstddef>

#include "tarn/prediction.hpp"

namespace tarn::launcher {

/// As tarn::predict() does for PredictionPlan::expectation; effects of levels that the fit has not
/// seen are integrated out, instead of drawn.
void expect_over_new_groups(const FittedModel& model, const Draws& posterior, const NewRows& rows,
                            std::size_t threads, const PredictionBlock& visit);

}  // namespace tarn::launcher
