// What goes to standard output, what to standard error, and what only to a terminal.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tarn/runtime.hpp"

namespace tarn::launcher {

/// The reader of our output has gone: nothing is left to be said.
struct BrokenPipe {};

// Whatever is said or printed, control characters in it are escaped: cells and names of data files
// get this far.

/// Results. Throws BrokenPipe, or IoError where they cannot be written.
void print(std::string_view text);

/// A data file that goes to standard output: byte for byte, unless that is a terminal.
void print_data(std::string_view text);

/// A line on standard error.
void say(std::string_view line);

/// `tarn: ` and a sentence, in colour on a terminal that takes it.
void complain(std::string_view sentence);
void warn(std::string_view sentence);

/// How far a run is: one line that is overwritten on a terminal, a line every ten seconds
/// elsewhere, nothing where nobody wants to know.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const RunProgress& at);
  void clear();

 private:
  bool quiet_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point next_line_;
};

}  // namespace tarn::launcher
