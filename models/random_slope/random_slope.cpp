// Linear regression with intercepts and slopes that vary by group (MODEL.md has the algebra):
//
//   y_ij = x_ij'b + z_ij'r_j + e_ij,   e_ij ~ N(0, sigma^2),   r_j ~ N(0, Sigma)
//
//   b_k    ~ any density: normal, scaled_normal (sd a multiple of sigma), student_t, flat, ...
//   sigma  ~ any density of a positive number; inv_gamma on sigma^2 is conjugate
//   Sigma  = diag(sd) C diag(sd): any density for each sd, lkj for C; or inv_wishart for Sigma
//
// z holds the columns of all terms on one grouping factor; columns of different terms, and those of
// (x || g), are independent.
#include <tarn/plugin.hpp>

#include "regression/regression.hpp"
#include "solver/one_factor.hpp"

namespace tarn::random_slope {

class RandomSlope final : public regression::Regression {
 public:
  static constexpr int generality = 2;

  static std::optional<std::string> refuses(const Design& design) {
    if (design.terms.empty()) {
      return "the formula has no group term; it needs one, such as (1 + x | g)";
    }
    if (design.groupings.size() > 1) {
      return "it takes group terms on one factor, the formula has " +
             std::to_string(design.groupings.size());
    }
    return std::nullopt;
  }

  explicit RandomSlope(const ModelInput& input)
      : Regression(input, regression::solver_of<solver::OneFactor>(input.design)) {}
};

}  // namespace tarn::random_slope

TARN_PLUGIN("random_slope", "0.5.0") {
  plugin.model<tarn::random_slope::RandomSlope>(
      "random_slope", "y = X b + Z r_group + e: slopes by one factor, (1 + x | g)");
}
