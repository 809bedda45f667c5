// SHA-256 of a data set, computed beside the parsing.
#include "data/digest.hpp"

#include <algorithm>
#include <stop_token>
#include <system_error>
#include <utility>

#include "data/sha256.hpp"

namespace tarn::io {
namespace {

std::string digest_of(const std::stop_token& stop, const std::vector<std::string_view>& parts) {
  constexpr std::size_t block = std::size_t{1} << 20;
  Sha256 digest;
  for (std::string_view part : parts) {
    while (!part.empty() && !stop.stop_requested()) {
      const std::size_t n = std::min(block, part.size());
      digest.add(part.substr(0, n));
      part.remove_prefix(n);
    }
  }
  return digest.hex();
}

}  // namespace

Digest::Digest(const std::vector<std::string_view>& parts) {
  std::packaged_task<std::string(std::stop_token)> task(
      [parts](const std::stop_token& stop) { return digest_of(stop, parts); });
  result_ = task.get_future();
  try {
    thread_ = std::jthread(std::move(task));
  } catch (const std::system_error&) {  // no thread is to be had: at once, in this one
    std::promise<std::string> done;
    result_ = done.get_future();
    done.set_value(digest_of({}, parts));
  }
}

}  // namespace tarn::io
