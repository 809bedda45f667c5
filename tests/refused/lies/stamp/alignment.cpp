// Eigen really aligns to another number of bytes here.
#undef EIGEN_MAX_ALIGN_BYTES
#define EIGEN_MAX_ALIGN_BYTES 16
#include "witness.hpp"

TARN_PLUGIN("alignment", "1.0.0") { plugin.diagnostic<Silent>("alignment", ""); }
