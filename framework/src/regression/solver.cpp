// What a solver need not have.
#include "regression/solver.hpp"

#include "tarn/error.hpp"

namespace tarn::regression {

std::vector<Matrix> Solver::derivative(const std::vector<Matrix>& /*lambda*/, const Matrix& /*B*/) {
  throw PluginError("this solver has no derivatives");
}

}  // namespace tarn::regression
