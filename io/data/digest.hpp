// SHA-256 of a data set, computed beside the parsing.
#pragma once

#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace tarn::io {

/// Starts at once, on a thread of its own where the system gives one; the bytes must outlive it.
/// Gives up when destroyed.
class Digest {
 public:
  /// Of the parts one after the other.
  explicit Digest(const std::vector<std::string_view>& parts);

  /// Waits; 64 hexadecimal digits.
  std::string hex() { return result_.get(); }

 private:
  std::future<std::string> result_;
  std::jthread thread_;
};

}  // namespace tarn::io
