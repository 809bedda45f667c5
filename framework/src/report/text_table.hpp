// Aligned columns within the width of a page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tarn {

/// Columns as wide on a terminal as a text is: code points, not bytes.
std::size_t text_width(std::string_view text);

/// At most so wide; what is too long loses its middle.
std::string shortened(const std::string& text, std::size_t width);

/// Breaks at blanks; lines after the first are indented.
std::string wrapped(std::string_view text, std::size_t width, std::size_t indent = 0);

/// Rows of cells. Text is aligned left, numbers by their decimal points.
class TextTable {
 public:
  enum class Align { left, right, point };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const noexcept { return rows_.empty(); }
  const std::vector<Column>& columns() const noexcept { return columns_; }
  const std::vector<std::vector<std::string>>& rows() const noexcept { return rows_; }

  /// The first column gives way where the table is wider than the page.
  std::string text(std::size_t page = 100) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tarn
