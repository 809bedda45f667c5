// Lays out a text table: column widths, decimal points, a first column that may be cut.
#include "report/text_table.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

constexpr std::size_t gap = 2;

bool begins_code_point(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

/// What stands behind the decimal point, the point included.
std::size_t tail_width(const std::string& cell) {
  const std::size_t point = cell.find('.');
  return point == std::string::npos ? 0 : cell.size() - point;
}

/// Cells of one column, padded so that their decimal points meet.
void align_points(std::vector<std::string>& cells) {
  std::size_t widest = 0;
  for (const std::string& cell : cells) widest = std::max(widest, tail_width(cell));
  for (std::string& cell : cells) cell.append(widest - tail_width(cell), ' ');
}

/// To the least width, from `narrow` on, at which names that differ still do; where `wide` is not
/// enough for that they are numbered.
void shorten(std::vector<std::string>& names, std::size_t narrow, std::size_t wide) {
  const std::size_t different = std::set<std::string>(names.begin(), names.end()).size();
  for (std::size_t width = narrow; width <= wide; ++width) {
    std::set<std::string> cut;
    for (const std::string& name : names) cut.insert(shortened(name, width));
    if (cut.size() < different) continue;
    for (std::string& name : names) name = shortened(name, width);
    return;
  }
  std::map<std::string, std::string> numbered;  // by name
  std::set<std::string> taken;
  for (std::string& name : names) {
    std::string& text = numbered[name];
    for (int k = 1; text.empty(); ++k) {
      const std::string number = k == 1 ? "" : " (" + std::to_string(k) + ")";
      const std::string candidate =
          shortened(name, narrow - std::min(narrow, number.size())) + number;
      if (taken.insert(candidate).second) text = candidate;
    }
    name = text;
  }
}

std::string padded(const std::string& cell, std::size_t width, bool left) {
  const std::string blanks(width - std::min(width, text_width(cell)), ' ');
  return left ? cell + blanks : blanks + cell;
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return as_size(std::count_if(text.begin(), text.end(), begins_code_point));
}

std::string shortened(const std::string& text, std::size_t width) {
  if (text_width(text) <= width || width < 4) return text;
  const auto first_points = [](std::string_view of, std::size_t count) {
    std::size_t end = 0;
    for (; end < of.size(); ++end) {
      if (begins_code_point(of[end]) && count-- == 0) break;
    }
    return end;
  };
  const std::size_t back = (width - 3) / 2;
  const std::size_t front = width - 3 - back;
  return text.substr(0, first_points(text, front)) + "..." +
         text.substr(first_points(text, text_width(text) - back));
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  const std::size_t lead = std::min(text.find_first_not_of(' '), text.size());
  std::string result(lead, ' ');
  std::size_t column = lead;
  bool first = true;
  text.remove_prefix(lead);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (std::exchange(first, false)) {
      // The lead is there already.
    } else if (column + 1 + text_width(word) > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else {
      result += ' ';
      ++column;
    }
    result += word;
    column += text_width(word);
  }
  return result;
}

std::string TextTable::text(std::size_t page) const {
  std::vector<std::vector<std::string>> columns;
  std::vector<std::size_t> widths;
  std::size_t total = 0;
  for (std::size_t k = 0; k < columns_.size(); ++k) {
    std::vector<std::string> cells;
    for (const auto& row : rows_) cells.push_back(shown(row[k]));
    if (columns_[k].align == Align::point) align_points(cells);
    std::size_t width = text_width(columns_[k].title);
    for (const std::string& cell : cells) width = std::max(width, text_width(cell));
    columns.push_back(std::move(cells));
    widths.push_back(width);
    total += width + (k == 0 ? 0 : gap);
  }
  if (total > page) {
    const std::size_t excess = total - page;
    const std::size_t narrow = std::max<std::size_t>(12, widths[0] - std::min(widths[0], excess));
    shorten(columns[0], narrow, std::min(widths[0], narrow + page));
    widths[0] = text_width(columns_[0].title);
    for (const std::string& cell : columns[0]) widths[0] = std::max(widths[0], text_width(cell));
  }

  std::string result;
  const auto line = [&](const auto& cell_of) {
    std::string row;
    for (std::size_t k = 0; k < columns_.size(); ++k) {
      if (k > 0) row.append(gap, ' ');
      row += padded(cell_of(k), widths[k], columns_[k].align == Align::left);
    }
    row.erase(row.find_last_not_of(' ') + 1);
    result += row + '\n';
  };
  if (std::any_of(columns_.begin(), columns_.end(),
                  [](const auto& c) { return !c.title.empty(); })) {
    line([&](std::size_t k) { return columns_[k].title; });
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    line([&](std::size_t k) { return columns[k][i]; });
  }
  return result;
}

}  // namespace tarn
