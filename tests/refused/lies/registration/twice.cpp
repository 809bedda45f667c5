// Registers one name twice.
#include "witness.hpp"

TARN_PLUGIN("twice", "1.0.0") {
  plugin.diagnostic<Silent>("echo", "");
  plugin.diagnostic<Silent>("echo", "");
}
