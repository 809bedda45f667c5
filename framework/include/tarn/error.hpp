// Errors that somebody can mend. Numerical failure is a value (-inf, NaN), never an error.
#pragma once

#include <stdexcept>
#include <string>

namespace tarn {

/// What the process exits with; scripts rely on the numbers.
enum class ExitCode {
  done = 0,
  bug = 1,
  usage = 2,
  input = 3,        // data, formula or prior
  plugin = 4,       // a library that cannot serve
  sampling = 5,     // every chain failed
  diagnostics = 6,  // finished, but the diagnostics are bad
  io = 7,           // input or output failed, disk full
  stopped = 75,     // stopped early, what was drawn is safe
  interrupted = 130,
};

/// A sentence for a person: what is wrong, where, and what to do next.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& sentence) : std::runtime_error(sentence), code_(code) {}
  ExitCode code() const noexcept { return code_; }

 private:
  ExitCode code_;
};

/// The command line is wrong; its author can mend it.
struct UsageError : Error {
  explicit UsageError(const std::string& sentence) : Error(ExitCode::usage, sentence) {}
};

/// Data, formula or prior are wrong; the user can mend them.
struct InputError : Error {
  explicit InputError(const std::string& sentence) : Error(ExitCode::input, sentence) {}
};

/// A plugin is wrong or does not fit; its author can mend it.
struct PluginError : Error {
  explicit PluginError(const std::string& sentence) : Error(ExitCode::plugin, sentence) {}
};

/// No chain could be drawn.
struct SamplingError : Error {
  explicit SamplingError(const std::string& sentence) : Error(ExitCode::sampling, sentence) {}
};

/// A file could not be read or written.
struct IoError : Error {
  explicit IoError(const std::string& sentence) : Error(ExitCode::io, sentence) {}
};

}  // namespace tarn
