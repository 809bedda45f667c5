// Standard output and standard error: what is printed where, and progress on terminals.
#include "command_line/terminal.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>

#include "report/progress_line.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr auto line_period = std::chrono::seconds(10);

bool smart_terminal() {
  const char* const term = std::getenv("TERM");
  return isatty(STDERR_FILENO) != 0 && term != nullptr && std::strcmp(term, "dumb") != 0;
}

bool coloured() {
  const char* const refused = std::getenv("NO_COLOR");
  return smart_terminal() && (refused == nullptr || *refused == '\0');
}

/// What cannot be said on standard error cannot be said at all.
void to_stderr(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

/// Lines after the first are a formula and the mark under it, and indented; any other line end is
/// that of a cell or a name.
std::string sentence_of(std::string_view text) {
  std::string result;
  const std::string safe = printable(text);
  for (std::size_t i = 0; i < safe.size(); ++i) {
    if (safe[i] == '\n' && safe.compare(i + 1, 2, "  ") != 0) {
      result += "\\u000a";
    } else {
      result += safe[i];
    }
  }
  return result;
}

void labelled(const char* label, const char* colour, std::string_view sentence) {
  const std::string safe = sentence_of(sentence);
  to_stderr(coloured() ? fmt::format("\x1b[{}m{}\x1b[0m {}\n", colour, label, safe)
                       : fmt::format("{} {}\n", label, safe));
}

}  // namespace

namespace {

void write_out(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) throw BrokenPipe{};
  throw IoError(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
}

}  // namespace

void print(std::string_view text) { write_out(printable(text)); }

void print_data(std::string_view text) {
  if (isatty(STDOUT_FILENO) != 0) return print(text);
  write_out(text);
}

void say(std::string_view line) { to_stderr(printable(line) + '\n'); }
void complain(std::string_view sentence) { labelled("tarn:", "1;31", sentence); }
void warn(std::string_view sentence) { labelled("tarn: warning:", "1;33", sentence); }

ProgressLine::ProgressLine(bool quiet)
    : quiet_(quiet),
      terminal_(smart_terminal()),
      next_line_(std::chrono::steady_clock::now() + line_period) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const RunProgress& at) {
  if (quiet_) return;
  if (terminal_) {
    to_stderr(fmt::format("\r\x1b[K{}", progress_line(at)));
    shown_ = true;
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (now < next_line_) return;
  next_line_ = now + line_period;
  say(progress_line(at));
}

void ProgressLine::clear() {
  if (shown_) to_stderr("\r\x1b[K");
  shown_ = false;
}

}  // namespace tarn::launcher
