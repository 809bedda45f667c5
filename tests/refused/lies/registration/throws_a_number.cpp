// Throws something that says nothing.
#include "witness.hpp"

TARN_PLUGIN("throws_a_number", "1.0.0") {
  plugin.diagnostic<Silent>("throws_a_number", "");
  throw 42;
}
