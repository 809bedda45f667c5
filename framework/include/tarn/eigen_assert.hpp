// An assertion of Eigen that fails becomes an exception: it stops one chain with a sentence, not
// the program without one. Included before all else by whatever is built against tarn.
#pragma once

#include <stdexcept>
#include <string>

namespace tarn {

[[noreturn, gnu::cold, gnu::noinline]] inline void failed_assertion(const char* condition,
                                                                    const char* function) {
  throw std::logic_error(std::string("an assertion of Eigen failed in ") + function + ": " +
                         condition);
}

}  // namespace tarn

#define eigen_assert(condition)                        \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::tarn::failed_assertion(#condition, __func__))
