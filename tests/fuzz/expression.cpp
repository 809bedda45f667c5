// Any formula over a small table: refused in words, or a design that its own state gives again.
#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "fuzzing.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"

namespace {

using tarn::fuzz::require;

/// Numbers with a missing one, whole numbers, two texts, years; 24 rows.
std::shared_ptr<const tarn::Table> small_table() {
  constexpr std::size_t rows = 24;
  auto table = std::make_shared<tarn::Table>();
  table->rows = rows;
  table->source = "data.csv";
  const auto numbers = [&](const char* name, double (*value)(double)) {
    tarn::Column& column = table->columns.emplace_back();
    column.name = name;
    for (std::size_t i = 0; i < rows; ++i) {
      column.numbers.push_back(value(static_cast<double>(i)));
      if (std::isnan(column.numbers.back())) ++column.missing;
    }
  };
  numbers("y", [](double i) { return 1 + std::fmod(i * 7, 11) / 4; });
  numbers("x", [](double i) { return std::fmod(i * 5, 13) - 6; });
  numbers("z", [](double i) { return i == 3 ? std::nan("") : std::exp(i / 8); });
  numbers("n", [](double i) { return std::fmod(i, 5); });
  numbers("b", [](double i) { return std::fmod(i, 2); });
  const auto texts = [&](const char* name, std::vector<std::string> levels, std::size_t run) {
    tarn::Column& column = table->columns.emplace_back();
    column.name = name;
    column.is_text = true;
    column.levels = std::move(levels);
    for (std::size_t i = 0; i < rows; ++i) {
      column.codes.push_back(static_cast<std::int32_t>(i / run % column.levels.size()));
    }
    column.first_text = column.levels.front();
    column.first_text_line = 2;
  };
  texts("g", {"a", "b", "c", "d"}, 1);
  texts("h", {"low", "high"}, 4);
  return table;
}

bool same(double a, double b) {
  return std::abs(a - b) <= 1e-9 * (1 + std::abs(a)) || (std::isnan(a) && std::isnan(b)) || a == b;
}

bool same(const tarn::Matrix& a, const tarn::Matrix& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  for (Eigen::Index i = 0; i < a.size(); ++i) {
    if (!same(a.data()[i], b.data()[i])) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const tarn::Table> table = small_table();
  constexpr std::size_t most_columns = 512;
  const std::string_view text = tarn::fuzz::text_of(data, size);
  try {
    const tarn::ParsedDesign parsed = tarn::make_design(text, table);
    const tarn::Design& design = parsed.design;
    require(parsed.row_numbers.size() == design.rows->count(), "rows are numbered");
    if (design.size() > most_columns) return 0;
    const tarn::Rows rows = design.all_rows();
    require(rows.X.allFinite() && rows.y.allFinite(), "a design has finite numbers");
    try {
      const tarn::NewRows again = tarn::make_new_rows(text, table, parsed.state);
      std::vector<std::size_t> places;
      for (std::size_t at = 0; at < again.row_numbers.size(); ++at) {
        if (std::ranges::binary_search(parsed.row_numbers, again.row_numbers[at])) {
          places.push_back(at);
        }
      }
      require(places.size() == rows.count(), "a row that was used can be predicted");
      require(same(rows.X, tarn::gathered(*again.rows, places).X), "and has the same covariates");
    } catch (const tarn::InputError& error) {
      require(false, std::string("the rows of a fit can be predicted; ") + error.what());
    }
  } catch (const tarn::InputError&) {
  }
  return 0;
}
