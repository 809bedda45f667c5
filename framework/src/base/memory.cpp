// Is there memory enough?
#include "tarn/memory.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tarn/error.hpp"

namespace tarn {
namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// The number after `name` in a file of the system; `unlimited` if there is none.
double number_in(const std::string& file, const std::string& name) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    if (word != name) continue;
    double number = unlimited;
    return in >> number ? number : unlimited;
  }
  return unlimited;
}

double first_number_in(const std::string& file) {
  std::ifstream in(file);
  double number = unlimited;
  return in >> number ? number : unlimited;  // `max`: no limit
}

/// Addresses that the process has taken.
double taken() {
  return first_number_in("/proc/self/statm") * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// The control group's limit less what it has taken, files that can be dropped not counted.
double left_in_group() {
  std::ifstream in("/proc/self/cgroup");
  double least = unlimited;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("0::")) continue;
    for (std::string group = line.substr(3);; group = group.substr(0, group.rfind('/'))) {
      const std::string folder = "/sys/fs/cgroup" + group;
      const double most = first_number_in(folder + "/memory.max");
      if (most < unlimited) {
        const double used = first_number_in(folder + "/memory.current");
        const double files = number_in(folder + "/memory.stat", "file");
        if (used < unlimited)
          least = std::min(least, most - used + (files < unlimited ? files : 0));
      }
      if (group.empty() || group == "/") break;
    }
  }
  return least;
}

}  // namespace

double available_memory() {
  double least = 1024 * number_in("/proc/meminfo", "MemAvailable:");
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    least = std::min(least, static_cast<double>(limit.rlim_cur) - taken());
  }
  return std::max(0.0, std::min(least, left_in_group()));
}

void require_memory(double bytes, const std::string& what, const std::string& remedy) {
  constexpr double never_short = 64e6;  // not worth a question
  if (bytes < never_short) return;
  const double available = available_memory();
  if (bytes <= available) return;
  throw IoError(fmt::format("{} needs {} of memory, and there are {}; {}", what, bytes_text(bytes),
                            bytes_text(available), remedy));
}

std::string bytes_text(double bytes) {
  constexpr const char* units[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 || bytes >= 99.95 ? 0 : 1, units[unit]);
}

}  // namespace tarn
