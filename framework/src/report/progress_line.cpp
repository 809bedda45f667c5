// The progress line: rate, time left, divergences.
#include "report/progress_line.hpp"

#include <cmath>

#include <fmt/format.h>

#include "report/numbers.hpp"

namespace tarn {

std::string progress_line(const RunProgress& at) {
  const double share =
      at.total == 0 ? 1 : static_cast<double>(at.done) / static_cast<double>(at.total);
  std::string line = fmt::format("{:.0f} %", std::floor(100 * share));
  if (at.done > 0 && at.seconds > 0) {
    const double rate = static_cast<double>(at.done) / at.seconds;
    line += rate < 10 ? fmt::format(", {:.2g} transitions/s", rate)
                      : fmt::format(", {} transitions/s", grouped(as_size(std::llround(rate))));
    line += fmt::format(", {} left", duration_text(static_cast<double>(at.total - at.done) / rate));
  }
  if (at.divergences > 0) line += ", " + count_of(at.divergences, "divergence");
  return line;
}

}  // namespace tarn
