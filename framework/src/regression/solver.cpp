// What a solver need not have.
#include "regression/solver.hpp"

#include "tarn/error.hpp"

namespace tarn::regression {

std::vector<Matrix> Solver::derivative(const std::vector<Matrix>& /*lambda*/, const Matrix& /*B*/) {
  throw PluginError("this solver has no derivatives");
}

Solver::Parabola Solver::parabola(const Values& /*at*/, std::size_t /*f*/,
                                  const Matrix& /*ratios*/) {
  throw PluginError("this solver has no steps of standard deviations given ratios");
}

}  // namespace tarn::regression
