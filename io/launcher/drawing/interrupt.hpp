// Signals and a time limit that ask a run to end: by a request to stop while draws come, at once
// before and after.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include <pthread.h>
#include <signal.h>

#include "tarn/error.hpp"

namespace tarn::launcher {

/// SIGINT, SIGTERM, and SIGHUP unless it is ignored (nohup). While it lives, a thread of its own
/// takes them, so that no code runs in a signal handler. Threads started later inherit the mask.
/// Where the system refuses a thread, signals end the process as they always do.
class Interrupt {
 public:
  using Clock = std::chrono::steady_clock;

  /// At first, end_at_once().
  explicit Interrupt(std::function<std::string()> left, std::optional<Clock::time_point> late = {});
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// The process ends at once when it is told to, and the first time when it is `late`. What is
  /// unfinished is removed; `left` says what there is then, after `interrupted` and the like, for
  /// example `before the first draw; no file is left`.
  void end_at_once(std::function<std::string()> left);

  /// From now on the first signal is a request to stop; a second one ends the process at once.
  void ask() noexcept { asking_ = true; }

  std::stop_token token() const noexcept { return source_.get_token(); }

  /// `interrupted`, `ended by SIGTERM`; what the process exits with.
  std::string words() const;
  ExitCode code() const noexcept;

 private:
  void wait() noexcept;
  int next_signal() const noexcept;

  std::stop_source source_;
  std::atomic<bool> asking_ = false, done_ = false;
  std::atomic<int> signal_ = 0;
  mutable std::mutex mutex_;  // of the next two
  std::function<std::string()> left_;
  std::optional<Clock::time_point> late_;
  sigset_t signals_, before_;
  std::thread thread_;
};

/// The last words of a command whose files are whole or not there.
std::string nothing_half_written();

}  // namespace tarn::launcher
