// Throws while registering.
#include "witness.hpp"

TARN_PLUGIN("throws", "1.0.0") {
  plugin.diagnostic<Silent>("throws", "");
  throw std::runtime_error("the licence has expired");
}
