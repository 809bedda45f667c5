// A thread that waits for signals.
#include "run/interrupt.hpp"

#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "command_line/terminal.hpp"
#include "tarn/io/unfinished.hpp"

namespace tarn::launcher {
namespace {

constexpr int farewell = SIGUSR1;  // from the destructor, to our own thread only

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt(std::function<std::string()> last_words) : last_words_(std::move(last_words)) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, farewell}) sigaddset(&signals_, signal);
  if (!is_ignored(SIGHUP)) sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  try {
    thread_ = std::thread([this] { wait(); });
  } catch (const std::system_error& error) {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    warn(
        fmt::format("the system refuses a thread ({}): a signal will end this run without its "
                    "draws being collected",
                    error.code().message()));
  }
}

Interrupt::~Interrupt() {
  if (!thread_.joinable()) return;
  pthread_kill(thread_.native_handle(), farewell);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::wait() noexcept {
  for (int signal = 0; sigwait(&signals_, &signal) == 0 && signal != farewell;) {
    int none = 0;
    signal_.compare_exchange_strong(none, signal);
    if (keeping_ && source_.request_stop()) continue;
    io::remove_unfinished();
    if (!keeping_) {
      complain(fmt::format("{} {}", words(),
                           last_words_ ? last_words_() : "before the first draw; no file is left"));
    }
    _exit(static_cast<int>(code()));
  }
}

std::string Interrupt::words() const {
  switch (signal_) {
    case SIGTERM:
      return "ended by SIGTERM";
    case SIGHUP:
      return "ended by SIGHUP";
    default:
      return "interrupted";
  }
}

ExitCode Interrupt::code() const noexcept {
  return signal_ == SIGTERM || signal_ == SIGHUP ? ExitCode::stopped : ExitCode::interrupted;
}

std::string nothing_half_written() { return "before it was done; no file is left half-written"; }

}  // namespace tarn::launcher
