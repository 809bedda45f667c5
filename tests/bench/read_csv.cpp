// How fast CSV is read: MB/s, and against reading the same bytes, and against R's fread.
//
// read_csv [rows [columns [file]]]: writes the file (numbers as fwrite prints them, 15 digits),
// then takes the best of five readings of what is in the page cache.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tarn/io/table_reader.hpp"

namespace {

namespace fs = std::filesystem;

void generate(const fs::path& file, std::size_t rows, std::size_t columns) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> normal;
  std::ofstream out(file, std::ios::binary);
  std::string block = "g";
  for (std::size_t j = 1; j < columns; ++j) block += fmt::format(",x{}", j);
  for (std::size_t i = 0; i < rows; ++i) {
    block += fmt::format("\n{}", 1 + i / 100);
    for (std::size_t j = 1; j < columns; ++j) block += fmt::format(",{:.15g}", normal(random));
    if (block.size() > 1 << 20) {
      out << block;
      block.clear();
    }
  }
  out << block << '\n';
}

/// The best of five readings; on a shared machine the processor time is the steadier figure.
struct Seconds {
  double wall = 1e300;
  double cpu = 1e300;
};

Seconds best_seconds(const std::function<void()>& act) {
  Seconds best;
  for (int i = 0; i < 5; ++i) {
    const std::clock_t cpu = std::clock();
    const auto start = std::chrono::steady_clock::now();
    act();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best.wall = std::min(best.wall, taken.count());
    best.cpu = std::min(best.cpu, static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC);
  }
  return best;
}

void read_plainly(const fs::path& file) {
  static std::array<char, std::size_t{1} << 20> block;
  const int descriptor = open(file.c_str(), O_RDONLY);
  while (read(descriptor, block.data(), block.size()) > 0) {
  }
  close(descriptor);
}

void print_fread(const fs::path& file) {
  const std::string script = fmt::format(
      "if (requireNamespace('data.table', quietly = TRUE)) for (k in 1:2) {{"
      " f <- function() system.time(data.table::fread('{}', nThread = k, showProgress = FALSE));"
      " t <- replicate(5, {{ t <- f(); c(t[['elapsed']], t[['user.self']] + t[['sys.self']]) }});"
      " cat(sprintf('fread, %d thread(s): %.0f MB/s, %.0f MB/CPU s\n', k, {} / min(t[1, ]),"
      " {} / min(t[2, ]))) }}",
      file.string(), static_cast<double>(fs::file_size(file)) / 1e6,
      static_cast<double>(fs::file_size(file)) / 1e6);
  std::fflush(stdout);
  if (std::system(fmt::format("Rscript -e \"{}\" 2>/dev/null", script).c_str()) != 0) {
    fmt::print("fread: no Rscript here\n");
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t rows = count > 1 ? std::stoul(arguments[1]) : 1000000;
  const std::size_t columns = count > 2 ? std::stoul(arguments[2]) : 8;
  const fs::path given = count > 3 ? arguments[3] : "";
  const fs::path file = given.empty()
                            ? fs::temp_directory_path() / fmt::format("tarn_bench_{}.csv", getpid())
                            : given;
  if (!fs::exists(file)) generate(file, rows, columns);
  const double megabytes = static_cast<double>(fs::file_size(file)) / 1e6;
  const double plain = best_seconds([&] { read_plainly(file); }).wall;
  fmt::print("{:.0f} MB; read(2) alone: {:.0f} MB/s\n", megabytes, megabytes / plain);

  const std::vector<std::string> files{file.string()};
  for (const unsigned threads : {1U, 2U}) {
    const Seconds taken =
        best_seconds([&] { tarn::io::read_table(files, {.columns = {}, .threads = threads}); });
    fmt::print(
        "read_table, {} thread(s): {:.0f} MB/s, {:.0f} MB/CPU s, {:.1f} times as long as read(2)\n",
        threads, megabytes / taken.wall, megabytes / taken.cpu, taken.wall / plain);
  }
  print_fread(file);
  if (given.empty()) fs::remove(file);
}
