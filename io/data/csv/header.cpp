// The header line of a CSV text.
#include "data/csv/header.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "data/csv/number.hpp"
#include "data/csv/record.hpp"

namespace tarn::io::csv {
namespace {

constexpr std::string_view candidates = ",;\t";

bool named_as_tabbed(std::string_view path) noexcept {
  if (path.ends_with(".gz")) path.remove_suffix(3);
  return path.ends_with(".tsv") || path.ends_with(".tab");
}

/// A comma if the line has any, else the commoner of semicolon and tab; in .tsv a tab, if any.
char find_separator(const char* p, bool tabbed) noexcept {
  std::size_t commas = 0, semicolons = 0, tabs = 0;
  bool quoted = false;
  bool fresh = true;  // a quote opens a field only at its start
  for (; *p != '\0' && (quoted || !is_line_end(*p)); ++p) {
    if (*p == '"' && (quoted || fresh)) quoted = !quoted;
    if (quoted) continue;
    commas += *p == ',';
    semicolons += *p == ';';
    tabs += *p == '\t';
    fresh = candidates.find(*p) != std::string_view::npos || (fresh && *p == ' ');
  }
  if (tabbed && tabs > 0) return '\t';
  if (commas > 0) return ',';
  if (semicolons == 0 && tabs == 0) return ',';
  return tabs > semicolons ? '\t' : ';';
}

void check_names(std::vector<std::string>& names, const std::string& label) {
  double number;
  if (std::all_of(names.begin(), names.end(), [&number](const std::string& name) {
        return read_cell(name, number) == Meaning::number;
      })) {
    throw InputError(fmt::format(
        "the first line of {} holds numbers, not column names; add a header line", label));
  }
  // R writes row names under an empty name.
  if (names.front().empty() && names.size() > 1) names.front() = "row_names";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) {
      throw InputError(
          fmt::format("column {} of {} has no name; name it in the header line", i + 1, label));
    }
    const auto before = std::find(names.begin(), names.begin() + i, names[i]);
    if (before != names.begin() + i) {
      throw InputError(fmt::format("{} has two columns named '{}' (columns {} and {}); rename one",
                                   label, names[i], before - names.begin() + 1, i + 1));
    }
  }
}

}  // namespace

Header read_header(const Source& source) {
  const std::string_view text = source.text.view();
  const char* const end = text.data() + text.size();
  const char* p = text.data() + (text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  p = skip_blank_lines(p, '\0');
  if (p == end) {
    throw InputError(
        fmt::format("{} holds only blank lines; it needs a header line and rows", source.label));
  }
  Header header;
  try {
    header.separator = find_separator(p, named_as_tabbed(source.path));
    header.body = find_record_end(p, p, end, header.separator);
    check_characters({p, static_cast<std::size_t>(header.body - p)});
    std::string scratch;
    for (;; ++p) {
      const Field field = read_field(p, end, header.separator);
      header.names.emplace_back(undoubled(field, scratch));
      p = field.end;
      if (*p != header.separator) break;
    }
  } catch (const Fault& fault) {
    throw explain(fault, text, source.label);
  }
  check_names(header.names, source.label);
  return header;
}

}  // namespace tarn::io::csv
