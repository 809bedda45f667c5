// Ranks of simulated data sets in a file that grows by whole lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace tarn::launcher {

/// What one data set says: the ranks of the true values, and how good its draws were.
struct Ranked {
  std::size_t thin = 1;  // transitions between ranked draws
  double ess = 0;        // the least effective draws of a quantity, of all that were drawn
  std::vector<std::size_t> ranks;
};

/// CSV: data_set, run, thin, ess, and a column for each quantity. `run` is a mark of all that
/// decides the numbers, so that runs are not mixed. Lines are in the order of the data sets, so
/// that the file's bytes do not depend on the number of threads.
class CalibrationFile {
 public:
  /// Goes on with a file of the same run; a last line without its end is dropped. Throws UsageError
  /// for a file of another run, unless `force`, and IoError.
  CalibrationFile(std::filesystem::path path, const std::string& run,
                  const std::vector<std::string>& quantities, bool force);

  const std::vector<Ranked>& sets() const noexcept { return sets_; }

  /// Takes data set `number`; writes it once all before it are there.
  void add(std::size_t number, Ranked ranked);

 private:
  void read(const std::string& text, const std::string& first, std::size_t quantities);
  void write(const Ranked& ranked);

  std::filesystem::path path_;
  std::string run_;
  std::vector<Ranked> sets_;             // as written
  std::map<std::size_t, Ranked> early_;  // before their turn
  std::uintmax_t length_ = 0;            // of its whole lines
  std::ofstream out_;
};

}  // namespace tarn::launcher
