// Which kernel this processor runs.
#include "kernel.hpp"

const shift_kernel::Functions& shift_kernel::fastest() {
#ifdef TARN_X86_64
  if (__builtin_cpu_supports("avx512f")) return avx512;
  if (__builtin_cpu_supports("avx2")) return avx2;
#endif
  return plain;
}
