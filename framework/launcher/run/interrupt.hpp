// SIGINT and SIGTERM as a request to stop; a second one ends the process at once.
#pragma once

#include <stop_token>
#include <thread>

#include <pthread.h>
#include <signal.h>

namespace tarn::launcher {

/// While it lives, a thread of its own takes the signals, so that no code runs in a signal handler.
/// Threads started later inherit the mask.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const noexcept { return source_.get_token(); }

 private:
  std::stop_source source_;
  sigset_t signals_, before_;
  std::thread thread_;
};

}  // namespace tarn::launcher
