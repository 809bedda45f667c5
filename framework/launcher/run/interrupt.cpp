// A thread that waits for signals.
#include "run/interrupt.hpp"

#include <unistd.h>

#include "tarn/error.hpp"

namespace tarn::launcher {
namespace {

constexpr int farewell = SIGUSR1;  // from the destructor, to our own thread only

}  // namespace

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, farewell}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] {
    for (int signal = 0; sigwait(&signals_, &signal) == 0 && signal != farewell;) {
      if (!source_.request_stop()) _exit(static_cast<int>(ExitCode::interrupted));
    }
  });
}

Interrupt::~Interrupt() {
  pthread_kill(thread_.native_handle(), farewell);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace tarn::launcher
