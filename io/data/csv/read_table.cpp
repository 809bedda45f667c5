// Data files to tables.
#include "tarn/io/table_reader.hpp"

#include <algorithm>
#include <limits>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "data/csv/columns.hpp"
#include "data/csv/header.hpp"
#include "data/csv/number.hpp"
#include "data/csv/record.hpp"
#include "data/csv/stream.hpp"
#include "data/digest.hpp"
#include "data/source.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::io {
namespace {

using csv::Header;
using csv::Kind;
using csv::Shard;

std::vector<Source> open_sources(std::span<const std::string> files) {
  if (files.empty())
    throw InputError("no data file is named; name a .csv file, or - for standard input");
  if (std::count(files.begin(), files.end(), "-") > 1) {
    throw InputError("standard input (-) is named more than once; it can be read only once");
  }
  std::vector<Source> sources;
  for (const std::string& file : files) sources.push_back(open_source(file));
  return sources;
}

/// The names of the columns to be stored, in the order of the file.
std::vector<std::string> stored_names(const std::vector<std::string>& names,
                                      const std::vector<std::string>& wanted,
                                      const std::string& label) {
  if (wanted.empty()) return names;
  const std::unordered_set<std::string_view> there(names.begin(), names.end());
  for (const std::string& name : wanted) {
    if (!there.contains(name)) throw InputError(unknown_column(name, names, label));
  }
  const std::unordered_set<std::string_view> asked(wanted.begin(), wanted.end());
  std::vector<std::string> stored;
  std::copy_if(names.begin(), names.end(), std::back_inserter(stored),
               [&](const auto& name) { return asked.contains(name); });
  return stored;
}

void require_same_columns(const Header& header, const Source& source, const Header& first,
                          const Source& first_source) {
  const auto require = [](const Header& these, const Source& here, const Header& those,
                          const Source& there) {
    const std::unordered_set<std::string_view> known(those.names.begin(), those.names.end());
    for (const std::string& name : these.names) {
      if (!known.contains(name)) {
        throw InputError(
            fmt::format("column '{}' is in {} but not in {}; files read as one table must have the "
                        "same columns",
                        name, here.label, there.label));
      }
    }
  };
  require(first, first_source, header, source);
  require(header, source, first, first_source);
}

Shard shard_of(const Source& source, const Header& header, const std::vector<std::string>& stored,
               const csv::Rules& rules) {
  const std::string_view text = source.text.view();
  Shard shard{&source, text.substr(as_size(header.body - text.data())), header.format, &rules, {}};
  std::unordered_map<std::string_view, std::size_t> place;
  for (const std::string& name : stored) place.emplace(name, place.size());
  for (const std::string& name : header.names) {
    const auto found = place.find(name);
    shard.columns.push_back(found == place.end() ? csv::unstored : found->second);
  }
  return shard;
}

/// 1.234 may be a thousand with its separator; 0.5, 12.25 and 1234.5 cannot.
bool is_surely_pointed(std::string_view number) {
  if (number.starts_with('-') || number.starts_with('+')) number.remove_prefix(1);
  const std::size_t point = number.find('.');
  if (point == std::string_view::npos) return false;
  return point == 0 || point > 3 || number.front() == '0' || number.size() - point != 4;
}

/// With a decimal comma, a column without any whose points can only be decimal ones is of numbers.
void read_points(Column& column) {
  bool sure = false;
  std::vector<double> values;
  for (const std::string& level : column.levels) {
    double value = 0;
    const std::string_view text = csv::without_blanks(level);
    if (csv::read_number(text, '.', value) != csv::Meaning::number) return;
    sure = sure || is_surely_pointed(text);
    values.push_back(value);
  }
  if (!sure) return;
  Column numbers;
  numbers.name = column.name;
  numbers.missing = column.missing;
  numbers.numbers.reserve(column.codes.size());
  for (const std::int32_t code : column.codes) {
    numbers.numbers.push_back(code < 0 ? std::numeric_limits<double>::quiet_NaN()
                                       : values[as_size(code)]);
  }
  column = std::move(numbers);
}

std::string table_source(std::span<const std::string> files) {
  if (files.size() > 1) return fmt::format("{} files", files.size());
  return files.front() == "-" ? "standard input" : files.front();
}

}  // namespace

std::shared_ptr<const Table> read_table(std::span<const std::string> files,
                                        const TableOptions& options) {
  std::vector<Source> sources = open_sources(files);
  std::vector<std::string_view> raw;
  for (const Source& source : sources) raw.push_back(source.raw.view());
  Digest digest(std::move(raw));

  const csv::Rules rules(options.missing, options.decimal);
  std::vector<Shard> shards;
  std::vector<std::string> stored;
  Header first;
  for (Source& source : sources) {
    uncompress(source);
    recode(source, options.encoding, options.comment);
    Header header = csv::read_header(source, options.skip, rules);
    if (shards.empty()) {
      stored = stored_names(header.names, options.columns, source.label);
      first = header;
    } else {
      require_same_columns(header, source, first, sources.front());
    }
    shards.push_back(shard_of(source, header, stored, rules));
  }

  const unsigned threads =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t chunk = std::max<std::size_t>(1, options.chunk);
  csv::Columns columns(stored, shards, rules);
  const auto read = [&](std::span<const Kind> kinds) {
    csv::stream(shards, kinds, threads, chunk,
                [&columns](const csv::Piece& piece) { columns.append(piece); });
  };
  read(csv::guess(shards, stored.size()));
  // A text far down in what looked like numbers: those columns are read once more.
  if (const std::vector<Kind> again = columns.spoiled(); !again.empty()) read(again);

  auto table = std::make_shared<Table>();
  table->columns = std::move(columns).finish();
  if (options.decimal != '.') {
    for (Column& each : table->columns) {
      if (each.is_text) read_points(each);
    }
  }
  const Column& column = table->columns.front();
  table->rows = column.is_text ? column.codes.size() : column.numbers.size();
  table->source = table_source(files);
  if (table->rows == 0) {
    throw InputError(fmt::format("{} has a header line but no rows",
                                 files.size() > 1 ? table->source : sources.front().label));
  }
  table->sha256 = digest.hex();
  return table;
}

}  // namespace tarn::io
