// Data files as people have them: what a formula becomes over one, in a line.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tarn/error.hpp"
#include "tarn/formula.hpp"
#include "tarn/io/table_reader.hpp"
#include "temporary_folder.hpp"

namespace tarn::test {

using io::TableOptions;
using Texts = std::vector<std::string>;

/// What a formula becomes over a file, in a line; or the refusal, without the caret.
struct DataFolder : TemporaryFolder {
  std::string becomes(const std::string& text, const std::string& formula,
                      TableOptions options = {}, std::string_view name = "data.csv") const {
    return becomes_file(write(name, text).string(), formula, std::move(options));
  }

  std::string becomes_file(const std::string& file, const std::string& formula,
                           TableOptions options = {}) const {
    options.columns = formula_columns(formula);
    try {
      const auto table = io::read_table(Texts{file}, options);
      const auto summary = make_design(formula, table).summary;
      std::string line = fmt::format("{}/{}: {}", summary.rows_used, summary.rows_read,
                                     fmt::join(summary.columns, " "));
      for (const auto& factor : summary.factors) {
        if (factor.coding.empty()) {
          line += fmt::format("; {} {}", factor.name, fmt::join(factor.levels, "|"));
        }
      }
      for (const std::string& note : summary.notes) line += "\n" + note;
      return line;
    } catch (const InputError& error) {
      std::string sentence = error.what();
      sentence.resize(std::min(sentence.find('\n'), sentence.size()));
      for (std::size_t at; (at = sentence.find(file)) != std::string::npos;) {
        sentence.replace(at, file.size(), "data.csv");
      }
      return sentence;
    }
  }
};

/// y and x, y being numbers that vary. `sep` separates.
inline std::string file_of(const Texts& cells, char sep = ',') {
  std::string text = fmt::format("y{}x\n", sep);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    text += fmt::format("{}{}{}\n", (i * 7) % 5, sep, cells[i]);
  }
  return text;
}

}  // namespace tarn::test
