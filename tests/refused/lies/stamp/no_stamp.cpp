// A library that has nothing to do with tarn.
#include "witness.hpp"
