// Appending, and reading back what an earlier run left.
#include "simulation/calibration_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

namespace fs = std::filesystem;

std::string header(const std::vector<std::string>& quantities) {
  std::string line = "data_set,run,thin,ess";
  for (const std::string& name : quantities) {
    std::string quoted;
    for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += ",\"" + quoted + '"';
  }
  return line + '\n';
}

std::string whole_lines(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  std::string text = bytes.str();
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  return text;
}

}  // namespace

CalibrationFile::CalibrationFile(fs::path path, const std::string& run,
                                 const std::vector<std::string>& quantities, bool force)
    : path_(std::move(path)), run_(run) {
  const std::string first = header(quantities);
  std::string kept = first;
  if (!force && fs::exists(path_)) {
    std::istringstream lines(whole_lines(path_));
    std::string line;
    const bool ours = !std::getline(lines, line) || line + '\n' == first;
    for (bool same = ours; same && std::getline(lines, line);) {
      std::istringstream cells(line);
      std::string cell;
      std::vector<std::string> all;
      while (std::getline(cells, cell, ',')) all.push_back(cell);
      same = all.size() == quantities.size() + 4 && all[1] == run_ &&
             all[0] == std::to_string(sets_.size() + 1);
      if (!same) {
        sets_.clear();
        break;
      }
      Ranked set{*read_number<std::size_t>(all[2]), *read_number<double>(all[3]), {}};
      for (std::size_t q = 4; q < all.size(); ++q) {
        set.ranks.push_back(*read_number<std::size_t>(all[q]));
      }
      sets_.push_back(std::move(set));
      kept += line + '\n';
    }
    if (sets_.empty() && fs::file_size(path_) > 0 && whole_lines(path_) != first) {
      throw UsageError(
          fmt::format("'{}' was not made by this run: another seed, other data, formula, priors or "
                      "options; give another --output, or replace it with --force",
                      path_.string()));
    }
  }
  errno = 0;
  out_.open(path_, std::ios::binary | std::ios::trunc);
  out_ << kept << std::flush;
  if (!out_) {
    throw IoError(fmt::format("'{}' cannot be written: {}", path_.string(),
                              std::generic_category().message(errno)));
  }
}

void CalibrationFile::add(std::size_t number, Ranked ranked) {
  early_.emplace(number, std::move(ranked));
  while (!early_.empty() && early_.begin()->first == sets_.size()) {
    write(early_.begin()->second);
    sets_.push_back(std::move(early_.begin()->second));
    early_.erase(early_.begin());
  }
}

void CalibrationFile::write(const Ranked& ranked) {
  std::string line =
      fmt::format("{},{},{},{:.1f}", sets_.size() + 1, run_, ranked.thin, ranked.ess);
  for (const std::size_t rank : ranked.ranks) line += fmt::format(",{}", rank);
  out_ << line << '\n' << std::flush;
  if (!out_)
    throw IoError(fmt::format("'{}' cannot be written; is the disk full?", path_.string()));
}

}  // namespace tarn::launcher
