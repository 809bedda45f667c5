// Needs a library that is not found.
#include "witness.hpp"

int absent_answer();

TARN_PLUGIN("lacks_library", "1.0.0") {
  if (absent_answer() == 42) plugin.diagnostic<Silent>("lacks_library", "");
}
