// Headers in which samplers have one virtual function more.
#include <tarn/vector.hpp>
// clang-format off
#define end_warm_up() added() {} virtual void end_warm_up()
// clang-format on

#include "witness.hpp"

TARN_PLUGIN("other_virtuals", "1.0.0") { plugin.diagnostic<Silent>("other_virtuals", ""); }
