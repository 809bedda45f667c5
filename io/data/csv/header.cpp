// The header line of a CSV text.
#include "data/csv/header.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "data/csv/number.hpp"
#include "data/csv/record.hpp"
#include "data/csv/separator.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::io::csv {
namespace {

constexpr const char* row_names = "row_names";

bool named_as_tabbed(std::string_view path) noexcept {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  return path.ends_with(".tsv") || path.ends_with(".tab");
}

const char* skip_lines(const char* p, const char* end, std::size_t count, const Source& source) {
  for (std::size_t i = 0; i < count; ++i) {
    if (p == end) {
      throw InputError(fmt::format("--skip {} leaves nothing of {}, which has {} line{}", count,
                                   source.label, i, i == 1 ? "" : "s"));
    }
    p = skip_line_end(std::find_if(p, end, is_line_end));
  }
  return p;
}

/// Excel's first line `sep=;` says what separates the fields; `p` is set past it.
std::optional<char> stated_separator(const char*& p, const char* end, const Source& source) {
  const char* const line_end = std::find_if(p, end, is_line_end);
  std::string_view line(p, as_size(line_end - p));
  if (line.size() > 1 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  if (line.size() < 5 || (line.substr(0, 4) != "sep=" && line.substr(0, 4) != "SEP=")) return {};
  const char separator = line[4];
  // Some programs fill the line up with separators, as if it were a row.
  if (line.find_first_not_of(separator, 4) != std::string_view::npos) return {};
  if (std::string_view(",;\t|").find(separator) == std::string_view::npos) {
    throw InputError(
        fmt::format("the first line of {} says that '{}' separates the fields; tarn reads fields "
                    "that a comma, semicolon, tab or bar separates",
                    source.label, shown({&separator, 1})));
  }
  p = skip_line_end(line_end);
  return separator;
}

void refuse_numbers(const std::vector<std::string>& names, const std::string& label,
                    const Rules& rules) {
  double number;
  if (std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return read_cell(name, number, rules) == Meaning::number;
      })) {
    throw InputError(fmt::format(
        "the first line of {} holds numbers, not column names; add a header line", label));
  }
}

void check_names(const std::vector<std::string>& names, const std::string& label) {
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      throw InputError(
          fmt::format("column {} of {} has no name; name it in the header line", i + 1, label));
    }
    const auto [before, is_new] = seen.emplace(names[i], i);
    if (!is_new) {
      throw InputError(fmt::format("{} has two columns named '{}' (columns {} and {}); rename one",
                                   label, shown(names[i]), before->second + 1, i + 1));
    }
  }
}

/// What stands in the rows beyond the names: nothing, values that are all blank, or, before them,
/// the row names that R's write.table() leaves out of the header line.
void take_rows_into_account(const std::vector<Glance>& rows, Header& header) {
  const std::size_t named = header.names.size() + header.format.nameless;
  if (rows.empty() || rows.front().fields <= named) return;
  const std::size_t more = rows.front().fields - named;
  const auto all = [&rows](auto test) { return std::ranges::all_of(rows, test); };
  if (!all([&](const Glance& row) { return row.fields == named + more; })) return;
  if (all([&](const Glance& row) { return row.blank_end >= more; })) {
    header.format.nameless += more;
  } else if (more == 1 && header.format.nameless == 0 && are_row_names(rows)) {
    header.names.insert(header.names.begin(), row_names);
    header.format.short_header = true;
  }
}

}  // namespace

Header read_header(const Source& source, std::size_t skip, const Rules& rules) {
  const std::string_view text = source.text.view();
  const char* const end = text.data() + text.size();
  const char* p = text.data() + (text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  p = skip_blank_lines(skip_lines(p, end, skip, source), '\0');
  if (p == end) {
    throw InputError(
        fmt::format("{} holds only blank lines; it needs a header line and rows", source.label));
  }
  const std::optional<char> stated = stated_separator(p, end, source);
  if (stated) p = skip_blank_lines(p, '\0');
  Header header;
  char& separator = header.format.separator;
  try {
    separator =
        stated ? *stated : find_separator(p, end, named_as_tabbed(source.path), rules.decimal);
    header.body = find_record_end(p, p, end, separator);
    check_characters({p, as_size(header.body - p)});
    std::string scratch;
    for (;; ++p) {
      const Field field = read_field(p, end, separator);
      header.names.emplace_back(undoubled(field, scratch));
      p = field.end;
      if (*p != separator) break;
    }
  } catch (const Fault& fault) {
    throw explain(fault, text, source.label);
  }
  header.format.fields = header.names.size();
  refuse_numbers(header.names, source.label, rules);
  while (header.names.size() > 1 && header.names.back().empty()) {
    header.names.pop_back();
    ++header.format.nameless;
  }
  // R and pandas write row names under an empty name.
  if (header.names.front().empty() && header.names.size() > 1) header.names.front() = row_names;
  take_rows_into_account(glance_at(header.body, end, separator), header);
  check_names(header.names, source.label);
  return header;
}

}  // namespace tarn::io::csv
