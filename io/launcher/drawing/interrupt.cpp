// A thread that waits for signals.
#include "drawing/interrupt.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "command_line/terminal.hpp"
#include "tarn/io/unfinished.hpp"

namespace tarn::launcher {
namespace {

constexpr int to_ourselves = SIGUSR1;  // to our own thread only: there is something new
constexpr int out_of_time = -1;

bool is_ignored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt(std::function<std::string()> left, std::optional<Clock::time_point> late)
    : left_(std::move(left)), late_(late) {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, to_ourselves}) sigaddset(&signals_, signal);
  if (!is_ignored(SIGHUP)) sigaddset(&signals_, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  try {
    thread_ = std::thread([this] { wait(); });
  } catch (const std::system_error& error) {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    warn(
        fmt::format("the system cannot start a thread ({}): a signal will end this run without its "
                    "draws being collected",
                    error.code().message()));
  }
}

Interrupt::~Interrupt() {
  if (!thread_.joinable()) return;
  done_ = true;
  pthread_kill(thread_.native_handle(), to_ourselves);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::end_at_once(std::function<std::string()> left) {
  {
    const std::lock_guard lock(mutex_);
    left_ = std::move(left);
    late_.reset();
  }
  asking_ = false;
  if (thread_.joinable()) pthread_kill(thread_.native_handle(), to_ourselves);
}

/// Of all signals that it waits for, or `out_of_time`.
int Interrupt::next_signal() const noexcept {
  std::optional<Clock::time_point> late;
  {
    const std::lock_guard lock(mutex_);
    late = late_;
  }
  for (;;) {
    int signal = 0;
    if (asking_ || !late) {
      if (sigwait(&signals_, &signal) == 0) return signal;
      continue;
    }
    const auto rest = std::max(*late - Clock::now(), Clock::duration::zero());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(rest);
    const std::timespec time{static_cast<std::time_t>(seconds.count()),
                             std::chrono::nanoseconds(rest - seconds).count()};
    signal = sigtimedwait(&signals_, nullptr, &time);
    if (signal > 0) return signal;
    if (errno == EAGAIN && !asking_) return out_of_time;
  }
}

void Interrupt::wait() noexcept {
  for (;;) {
    const int signal = next_signal();
    if (done_) return;
    if (signal == to_ourselves) continue;
    int none = 0;
    signal_.compare_exchange_strong(none, signal);
    if (asking_ && source_.request_stop()) continue;
    io::remove_unfinished();
    // In the midst of collecting draws there is no time for words.
    if (!asking_) {
      const std::lock_guard lock(mutex_);
      complain(fmt::format("{} {}", words(), left_()));
    }
    _exit(static_cast<int>(code()));
  }
}

std::string Interrupt::words() const {
  switch (signal_) {
    case out_of_time:
      return "time is up";
    case SIGTERM:
      return "ended by SIGTERM";
    case SIGHUP:
      return "ended by SIGHUP";
    default:
      return "interrupted";
  }
}

ExitCode Interrupt::code() const noexcept {
  return signal_ == SIGINT ? ExitCode::interrupted : ExitCode::stopped;
}

std::string nothing_half_written() { return "before it was done; no file is left half-written"; }

}  // namespace tarn::launcher
