// A stamp that leaves out a part.
#include <tarn/abi.hpp>
#undef TARN_ABI_FINGERPRINT
#define TARN_ABI_FINGERPRINT "stdlib=" TARN_ABI_STDLIB " eigen=" TARN_ABI_EIGEN

#include "witness.hpp"

TARN_PLUGIN("damaged_stamp", "1.0.0") { plugin.diagnostic<Silent>("damaged_stamp", ""); }
