// Appends ranks to a file, and reads those of an earlier run.
#include "simulation/calibration_file.hpp"

#include <cerrno>
#include <optional>
#include <sstream>
#include <system_error>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/io/table_writer.hpp"
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

/// A line of this run, the next of its data sets; nothing where it is none.
std::optional<Ranked> read_line(const std::string& line, const std::string& run, std::size_t number,
                                std::size_t quantities) {
  std::istringstream cells(line);
  std::vector<std::string> all;
  for (std::string cell; std::getline(cells, cell, ',');) all.push_back(cell);
  if (all.size() != quantities + 4 || all[0] != std::to_string(number) || all[1] != run) return {};
  const auto thin = read_number<std::size_t>(all[2]);
  const auto ess = read_number<double>(all[3]);
  if (!thin || !ess) return {};
  Ranked set{*thin, *ess, {}};
  for (std::size_t q = 4; q < all.size(); ++q) {
    const auto rank = read_number<std::size_t>(all[q]);
    if (!rank) return {};
    set.ranks.push_back(*rank);
  }
  return set;
}

}  // namespace

CalibrationFile::CalibrationFile(fs::path path, const std::string& run,
                                 const std::vector<std::string>& quantities, bool force)
    : path_(std::move(path)), run_(run) {
  const std::string first = header(quantities);
  const std::string kept = !force && fs::exists(path_) ? whole_lines(path_) : "";
  if (!kept.empty()) read(kept, first, quantities.size());
  // What is there stays where it is: a kill in this moment loses nothing.
  if (kept.empty()) {
    io::write_text(path_, first, true);
    length_ = first.size();
  } else {
    fs::resize_file(path_, kept.size());
    length_ = kept.size();
  }
  errno = 0;
  out_.open(path_, std::ios::binary | std::ios::app);
  if (!out_) {
    throw IoError(fmt::format("'{}' cannot be written: {}", path_.string(),
                              std::generic_category().message(errno)));
  }
}

void CalibrationFile::read(const std::string& text, const std::string& first,
                           std::size_t quantities) {
  std::istringstream lines(text);
  std::string line;
  bool ours = std::getline(lines, line) && line + '\n' == first;
  while (ours && std::getline(lines, line)) {
    auto set = read_line(line, run_, sets_.size() + 1, quantities);
    ours = set.has_value();
    if (ours) sets_.push_back(std::move(*set));
  }
  if (ours) return;
  throw UsageError(
      fmt::format("'{}' was not made by this run: another seed, other data, formula, priors or "
                  "options; give another --output, or replace it with --force",
                  path_.string()));
}

void CalibrationFile::add(std::size_t number, Ranked one) {
  early_.emplace(number, std::move(one));
  while (!early_.empty() && early_.begin()->first == sets_.size()) {
    write(early_.begin()->second);
    sets_.push_back(std::move(early_.begin()->second));
    early_.erase(early_.begin());
  }
}

void CalibrationFile::write(const Ranked& one) {
  std::string line = fmt::format("{},{},{},{:.1f}", sets_.size() + 1, run_, one.thin, one.ess);
  for (const std::size_t rank : one.ranks) line += fmt::format(",{}", rank);
  line += '\n';
  errno = 0;
  out_ << line << std::flush;
  if (!out_) {
    const std::string reason = std::generic_category().message(errno);
    out_.close();  // which tries again to write what it holds
    std::error_code ignored;
    fs::resize_file(path_, length_, ignored);  // else the same is done by who goes on with it
    throw IoError(
        fmt::format("'{}' cannot be written: {}; it holds {} data sets: make room, then the same "
                    "command again",
                    path_.string(), reason, sets_.size()));
  }
  length_ += line.size();
}

}  // namespace tarn::launcher
