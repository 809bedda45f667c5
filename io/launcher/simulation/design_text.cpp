// Makes the columns of --design, one for each part.
#include "simulation/design_text.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tarn/error.hpp"
#include "tarn/prior.hpp"
#include "tarn/rng.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::size_t most_rows = 100'000'000;
constexpr std::size_t most_levels = 10'000'000;  // each has a label

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

std::vector<std::string> split(std::string_view text, char at) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find(at);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

struct Part {
  std::string name;
  std::string what;
};

[[noreturn]] void refuse(const Part& part, const std::string& why) {
  throw UsageError(fmt::format("--design: '{}: {}': {}", part.name, part.what, why));
}

/// The library's matching is as deep as the text is long.
bool matches(const std::string& text, std::smatch& match, const std::regex& form) {
  constexpr std::size_t longest = 1000;
  return text.size() <= longest && std::regex_match(text, match, form);
}

std::vector<Part> parts_of(std::string_view text) {
  std::vector<Part> parts;
  for (const std::string& one : split(text, ';')) {
    if (one.empty()) continue;
    const auto colon = one.find(':');
    if (colon == std::string::npos) {
      throw UsageError(fmt::format(
          "--design: '{}' has no colon; a column is written as 'x: normal(0, 1)'", one));
    }
    parts.push_back({trimmed(one.substr(0, colon)), trimmed(one.substr(colon + 1))});
    const Part& part = parts.back();
    if (part.name.empty() || part.what.empty()) refuse(part, "a name and what it is belong here");
    const auto same = [&](const Part& other) { return other.name == part.name; };
    if (std::count_if(parts.begin(), parts.end(), same) > 1) refuse(part, "this name is taken");
  }
  return parts;
}

std::size_t whole_number(const Part& part, const std::string& text, std::size_t most = most_rows) {
  const auto number = read_number<std::size_t>(text);
  if (!number || *number == 0 || *number > most) {
    refuse(part, fmt::format("'{}' must be a whole number from 1 to {}", text, most));
  }
  return *number;
}

/// `8 levels x 15`; of `5 levels` the second number is absent.
struct Levels {
  std::size_t count;
  std::optional<std::size_t> rows_of_each;
};

std::optional<Levels> levels_of(const Part& part) {
  static const std::regex form(R"((\d+) levels?(?: *x *(\d+))?)");
  std::smatch match;
  if (!matches(part.what, match, form)) return std::nullopt;
  Levels levels{whole_number(part, match[1], most_levels), {}};
  if (match[2].matched) levels.rows_of_each = whole_number(part, match[2]);
  return levels;
}

std::size_t rows_of(const std::vector<Part>& parts) {
  std::optional<std::size_t> rows;
  const auto agree = [&](const Part& part, std::size_t count) {
    if (count > most_rows) {
      refuse(part, fmt::format("these are {} rows; at most {} can be made", count, most_rows));
    }
    if (rows && *rows != count) {
      refuse(part, fmt::format("these are {} rows, and another part says {}", count, *rows));
    }
    rows = count;
  };
  for (const Part& part : parts) {
    if (part.name == "rows") agree(part, whole_number(part, part.what));
    const auto levels = levels_of(part);
    if (levels && levels->rows_of_each) agree(part, levels->count * *levels->rows_of_each);
  }
  if (!rows) {
    throw UsageError(
        "--design does not say how many rows there are; add 'rows: 100', or give a factor rows of "
        "each level: 'g: 8 levels x 15'");
  }
  return *rows;
}

Column text_column(const std::string& name, std::vector<std::string> levels, std::size_t rows,
                   const std::function<std::size_t(std::size_t)>& level) {
  Column column{.name = name, .is_text = true, .levels = std::move(levels)};
  for (std::size_t i = 0; i < rows; ++i) column.codes.push_back(std::int32_t(level(i)));
  return column;
}

Column factor(const Part& part, const Levels& levels, std::size_t rows) {
  std::vector<std::string> labels;
  for (std::size_t j = 1; j <= levels.count; ++j) {
    labels.push_back(fmt::format("{}{}", part.name, j));
  }
  if (levels.count > rows) refuse(part, fmt::format("{} rows are too few for it", rows));
  return text_column(part.name, std::move(labels), rows, [&](std::size_t i) {
    return levels.rows_of_each ? i / *levels.rows_of_each : i % levels.count;
  });
}

/// A density, of every row or `by` the levels of a factor that stands before it.
Column drawn(const Part& part, const Table& before, std::size_t rows, Rng& rng) {
  static const std::regex form(R"((.*\)) +by +(.+))");
  std::smatch match;
  const bool grouped = matches(part.what, match, form);
  const Density density = Density::parse(grouped ? match[1].str() : part.what);
  if (!density.proper() || density.scales_with_sigma() || !density.of_number()) {
    refuse(part, "it must be the proper density of a number, such as normal(0, 1)");
  }
  Column column{.name = part.name};
  if (!grouped) {
    for (std::size_t i = 0; i < rows; ++i) column.numbers.push_back(density.draw(rng));
    return column;
  }
  const Column* by = before.find(match[2].str());
  if (by == nullptr || !by->is_text) {
    refuse(part, fmt::format("'{}' must be a factor that stands before it", match[2].str()));
  }
  std::vector<double> of_level;
  for (std::size_t j = 0; j < by->levels.size(); ++j) of_level.push_back(density.draw(rng));
  for (const std::int32_t code : by->codes) {
    column.numbers.push_back(of_level[as_size(code)]);
  }
  return column;
}

/// All whole numbers up to it are doubles.
std::int64_t whole_end(const Part& part, const std::string& text) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  const auto number = read_number<std::int64_t>(text);
  if (!number || *number < -most || *number > most) {
    refuse(part, fmt::format("'{}' must be a whole number from -{} to {}", text, most, most));
  }
  return *number;
}

Column in_turn(const Part& part, std::size_t rows) {
  static const std::regex range(R"((-?\d+) +to +(-?\d+))");
  std::smatch match;
  Column column{.name = part.name};
  if (matches(part.what, match, range)) {
    const auto first = whole_end(part, match[1]), last = whole_end(part, match[2]);
    if (first > last) refuse(part, "the first number must be the least");
    const auto count = as_size(last - first) + 1;
    if (count > most_rows) {
      refuse(part,
             fmt::format("these are {} numbers; at most {} can be in turn", count, most_rows));
    }
    for (std::size_t i = 0; i < rows; ++i) {
      column.numbers.push_back(static_cast<double>(first) + static_cast<double>(i % count));
    }
    return column;
  }
  const std::vector<std::string> values = split(part.what, ',');
  if (values.size() == 1) {
    refuse(part, "it is neither '8 levels', a density, '0 to 9', nor values with commas");
  }
  std::vector<double> numbers;
  for (const std::string& value : values) {
    if (const auto number = read_number<double>(value)) numbers.push_back(*number);
  }
  if (numbers.size() != values.size()) {
    std::vector<std::string> labels;
    for (const std::string& value : values) {
      if (std::ranges::find(labels, value) == labels.end()) labels.push_back(value);
    }
    return text_column(part.name, labels, rows, [&](std::size_t i) {
      return std::size_t(std::ranges::find(labels, values[i % values.size()]) - labels.begin());
    });
  }
  for (std::size_t i = 0; i < rows; ++i) column.numbers.push_back(numbers[i % numbers.size()]);
  return column;
}

}  // namespace

Table design_table(std::string_view text, std::uint64_t seed) {
  const std::vector<Part> parts = parts_of(text);
  Table table;
  table.rows = rows_of(parts);
  table.source = "the design";
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const Part& part = parts[k];
    if (part.name == "rows") continue;
    Rng rng({seed, static_cast<std::uint32_t>(k), Purpose::design});
    if (const auto levels = levels_of(part)) {
      table.columns.push_back(factor(part, *levels, table.rows));
    } else if (part.what.find('(') != std::string::npos) {
      table.columns.push_back(drawn(part, table, table.rows, rng));
    } else {
      table.columns.push_back(in_turn(part, table.rows));
    }
  }
  if (table.columns.empty()) {
    // A formula such as y ~ 1 needs no covariates.
    table.columns.push_back(in_turn({"row", fmt::format("1 to {}", table.rows)}, table.rows));
  }
  return table;
}

}  // namespace tarn::launcher
