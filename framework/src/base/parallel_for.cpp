// Work in parts, shared out among threads.
#include "tarn/parallel_for.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace tarn {

void parallel_for(std::size_t parts, std::size_t threads,
                  const std::function<void(std::size_t part, std::size_t thread)>& work) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto serve = [&](std::size_t thread) {
    try {
      for (std::size_t part = next++; part < parts; part = next++) work(part, thread);
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = parts;
    }
  };
  {
    std::vector<std::jthread> others;
    try {
      for (std::size_t t = 1; t < std::min(threads, parts); ++t) others.emplace_back(serve, t);
    } catch (const std::system_error&) {
      // With fewer threads it takes longer.
    }
    serve(0);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tarn
