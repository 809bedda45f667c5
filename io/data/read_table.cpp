// Data files to tables.
#include "tarn/io/table_reader.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "data/csv/columns.hpp"
#include "data/csv/header.hpp"
#include "data/csv/record.hpp"
#include "data/csv/stream.hpp"
#include "data/digest.hpp"
#include "data/source.hpp"
#include "tarn/error.hpp"
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
  for (const std::string& name : wanted) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw InputError(unknown_column(name, names, label));
    }
  }
  std::vector<std::string> stored;
  std::copy_if(names.begin(), names.end(), std::back_inserter(stored), [&](const auto& name) {
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  });
  return stored;
}

void require_same_columns(const Header& header, const Source& source, const Header& first,
                          const Source& first_source) {
  const auto require = [](const Header& these, const Source& here, const Header& those,
                          const Source& there) {
    for (const std::string& name : these.names) {
      if (std::find(those.names.begin(), those.names.end(), name) == those.names.end()) {
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

Shard shard_of(const Source& source, const Header& header, const std::vector<std::string>& stored) {
  const std::string_view text = source.text.view();
  Shard shard{&source,
              text.substr(static_cast<std::size_t>(header.body - text.data())),
              header.separator,
              {}};
  for (const std::string& name : header.names) {
    const auto found = std::find(stored.begin(), stored.end(), name);
    shard.columns.push_back(
        found == stored.end() ? csv::unstored : static_cast<std::size_t>(found - stored.begin()));
  }
  return shard;
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

  std::vector<Shard> shards;
  std::vector<std::string> stored;
  Header first;
  for (Source& source : sources) {
    uncompress(source);
    Header header = csv::read_header(source);
    if (shards.empty()) {
      stored = stored_names(header.names, options.columns, source.label);
      first = header;
    } else {
      require_same_columns(header, source, first, sources.front());
    }
    shards.push_back(shard_of(source, header, stored));
  }

  const unsigned threads =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  const std::size_t chunk = std::max<std::size_t>(1, options.chunk);
  csv::Columns columns(stored, shards);
  const auto read = [&](std::span<const Kind> kinds) {
    csv::stream(shards, kinds, threads, chunk,
                [&columns](const csv::Piece& piece) { columns.append(piece); });
  };
  read(csv::guess(shards, stored.size()));
  // A text far down in what looked like numbers: those columns are read once more.
  if (const std::vector<Kind> again = columns.spoiled(); !again.empty()) read(again);

  auto table = std::make_shared<Table>();
  table->columns = std::move(columns).finish();
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
