// Work in parts, shared out among threads.
#pragma once

#include <cstddef>
#include <functional>

namespace tarn {

/// Calls work(part, thread) once for each part, in any order, by at most so many threads, of which
/// the caller's is number 0. When all have stopped, the first exception is rethrown; parts that had
/// not begun by then are left out.
void parallel_for(std::size_t parts, std::size_t threads,
                  const std::function<void(std::size_t part, std::size_t thread)>& work);

}  // namespace tarn
