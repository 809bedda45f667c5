// Which character separates the fields of a CSV text.
#include "data/csv/separator.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>

#include "data/csv/record.hpp"
#include "tarn/text.hpp"

namespace tarn::io::csv {
namespace {

constexpr std::string_view candidates = ",;\t|";

/// So many rows tell a rule from an accident.
constexpr std::size_t most_glances = 64;

Glance glance(const char*& p, const char* end, char separator) {
  Glance row;
  for (;; ++p) {
    const char* const start = skip_blanks(p, separator);
    const Field field = read_field(p, end, separator);
    if (row.fields++ == 0) {
      row.quoted = *start == '"';
      row.first = field.text;
    }
    row.blank_end = field.text.empty() ? row.blank_end + 1 : 0;
    p = field.end;
    if (*p != separator) return row;
  }
}

/// Does each of the first rows have the header's number of fields, or one more, for row names?
/// Last fields without a name may be absent.
bool agrees(const Glance& header, const std::vector<Glance>& rows) {
  return std::ranges::all_of(rows, [&](const Glance& row) {
    return row.fields == rows.front().fields && row.fields + header.blank_end >= header.fields &&
           row.fields <= header.fields + 1;
  });
}

}  // namespace

std::vector<Glance> glance_at(const char* p, const char* end, char separator) {
  std::vector<Glance> rows;
  try {
    while (rows.size() < most_glances && (p = skip_blank_lines(p, separator)) < end) {
      rows.push_back(glance(p, end, separator));
    }
  } catch (const Fault&) {
    // Reported by the reading itself, with what stands before it.
  }
  return rows;
}

bool are_row_names(const std::vector<Glance>& rows) {
  std::unordered_set<std::string_view> seen;
  bool quoted = true, numbers = false, counted = true;
  for (const Glance& row : rows) {
    if (row.first.empty() || !seen.insert(row.first).second) return false;
    quoted = quoted && row.quoted;
    numbers = numbers || tarn::read_number<double>(row.first);
    counted = counted && row.first == std::to_string(seen.size());
  }
  return !rows.empty() && (quoted || !numbers || counted);
}

char find_separator(const char* p, const char* end, bool tabbed, char decimal) {
  struct Found {
    char separator;
    std::size_t count;
    bool agrees;
  };
  std::vector<Found> found;
  char alone = decimal == ',' ? ';' : ',';  // of a single column
  for (const char separator : candidates) {
    try {
      const char* q = p;
      const Glance header = glance(q, end, separator);
      const std::vector<Glance> rows = glance_at(q, end, separator);
      if (header.fields > 1) {
        found.push_back({separator, header.fields, agrees(header, rows)});
      } else if (!rows.empty() && agrees(header, rows) && rows.front().fields == 2 &&
                 are_row_names(rows) && (separator != ',' || rows.front().quoted)) {
        // A single column under row names: 1,5 without quotes would rather be one and a half.
        alone = separator;
      }
    } catch (const Fault&) {
      // This would not be the separator of a header line.
    }
  }
  const auto rank = [&](const Found& one) {
    if (tabbed && one.separator == '\t') return 0;
    return one.separator == ',' && decimal != ',' ? 1 : 2;
  };
  std::ranges::stable_sort(found, [&](const Found& a, const Found& b) {
    if (a.agrees != b.agrees) return a.agrees;
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    return a.count > b.count;
  });
  return found.empty() ? alone : found.front().separator;
}

}  // namespace tarn::io::csv
