// Signals that ask a run to end: while there is nothing to lose at once, then by a request to stop.
#pragma once

#include <atomic>
#include <functional>
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
  /// `last_words`: said after words() where a signal ends the process at once.
  explicit Interrupt(std::function<std::string()> last_words = {});
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Before this a signal ends the process at once, and no unfinished file is left. From now on the
  /// first one is a request to stop; a second one ends the process.
  void keep_draws() noexcept { keeping_ = true; }

  std::stop_token token() const noexcept { return source_.get_token(); }

  /// `interrupted`, `ended by SIGTERM`; what the process exits with.
  std::string words() const;
  ExitCode code() const noexcept;

 private:
  void wait() noexcept;

  std::function<std::string()> last_words_;
  std::stop_source source_;
  std::atomic<bool> keeping_ = false;
  std::atomic<int> signal_ = 0;
  sigset_t signals_, before_;
  std::thread thread_;
};

/// The last words of a command whose files are whole or not there.
std::string nothing_half_written();

}  // namespace tarn::launcher
