// The normal distribution (FAMILY.md). Its class is in libtarn, for the solvers are exact for it.
#include <tarn/gaussian.hpp>
#include <tarn/plugin.hpp>

TARN_PLUGIN("gaussian", "0.5.0") {
  plugin.family<tarn::Gaussian>(
      "gaussian", "normal about the linear predictor; sigma, or known standard errors by se()",
      {.links = {tarn::Link::identity},
       .takes = {tarn::Takes::weights, tarn::Takes::offset, tarn::Takes::standard_errors,
                 tarn::Takes::predictors}});
}
