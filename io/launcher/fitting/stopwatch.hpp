// Where the time of a command goes.
#pragma once

#include <chrono>
#include <ctime>

namespace tarn::launcher {

/// Wall time, and processor time of all threads together.
struct Seconds {
  double wall = 0;
  double cpu = 0;

  Seconds operator-(const Seconds& other) const { return {wall - other.wall, cpu - other.cpu}; }
};

class Stopwatch {
 public:
  /// What has gone by since the lap before.
  Seconds lap() {
    const Seconds before = last_;
    last_ = now();
    return last_ - before;
  }

 private:
  static Seconds now() {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now().time_since_epoch();
    std::timespec cpu{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return {wall.count(),
            static_cast<double>(cpu.tv_sec) + 1e-9 * static_cast<double>(cpu.tv_nsec)};
  }

  Seconds last_ = now();
};

}  // namespace tarn::launcher
