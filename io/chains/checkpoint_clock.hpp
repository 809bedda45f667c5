// When draws are committed.
#pragma once

#include <chrono>

namespace tarn::io {

/// When to commit: a reader should soon see the first draws of each chain, a kill should cost
/// little, and a fast run should not notice.
class CheckpointClock {
  using Clock = std::chrono::steady_clock;

 public:
  using Time = Clock::time_point;

  static Time now() { return Clock::now(); }
  bool due() const {
    const auto since = Clock::now() - last_;
    return since >= std::chrono::seconds(10) || since >= 50 * cost_;  // at most 2 % of the time
  }
  void record(Time started) {
    last_ = Clock::now();
    cost_ = last_ - started;
  }

 private:
  Time last_ = Clock::now();
  Clock::duration cost_{};
};

}  // namespace tarn::io
