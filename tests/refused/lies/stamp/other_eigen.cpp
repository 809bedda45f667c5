// As if built with another Eigen.
#include <tarn/abi.hpp>
#undef TARN_ABI_EIGEN
#define TARN_ABI_EIGEN "5.0"

#include "witness.hpp"

TARN_PLUGIN("other_eigen", "1.0.0") { plugin.diagnostic<Silent>("other_eigen", ""); }
