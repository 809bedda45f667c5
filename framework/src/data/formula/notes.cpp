// Collects the notes on data that are unlikely to be meant as they are.
#include "data/formula/notes.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "data/formula/notes/levels.hpp"
#include "data/formula/notes/sentinels.hpp"
#include "tarn/error.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {
namespace {

std::vector<const Column*> columns_used(const Table& table, const Names& used) {
  std::vector<const Column*> columns;
  for (const Node* const name : used) {
    if (const Column* const column = table.find(name->text)) columns.push_back(column);
  }
  return columns;
}

std::string cells_text(std::size_t count) {
  return fmt::format("{} cell{}", count, count == 1 ? "" : "s");
}

void add(std::optional<std::string> note, std::vector<std::string>& notes) {
  if (note && std::ranges::find(notes, *note) == notes.end()) notes.push_back(std::move(*note));
}

void add_levels(const Built& built, std::vector<std::string>& notes) {
  const auto look = [&notes](const std::string& name, std::span<const std::string> levels) {
    add(look_alikes(name, levels), notes);
    add(total_level(name, levels), notes);
  };
  for (const Variable& variable : built.rows->variables) {
    if (variable.factor) look(variable.label, variable.factor->levels);
  }
  for (const Grouping& grouping : built.design.groupings) look(grouping.name, grouping.levels);
}

void add_numbers(const Built& built, const Names& used, const Names& groupings,
                 std::vector<std::string>& notes) {
  const Frame& frame = built.rows->frame;
  for (const Column* const column : columns_used(frame.table(), used)) {
    if (column->is_text) continue;
    const auto is_it = [column](const Node* name) { return name->text == column->name; };
    const bool groups = std::ranges::any_of(groupings, is_it);
    const auto look = [&](const std::vector<double>& values) {
      add(sentinel_note(column->name, values), notes);
      if (!groups) add(date_note(column->name, values), notes);
    };
    if (frame.is_whole()) {
      look(column->numbers);
      continue;
    }
    std::vector<double> values(frame.count());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = column->numbers[frame.row(i)];
    look(values);
  }
}

/// Fewer rows than effects: the group says nothing of one of them. One row per group of all of them
/// is another matter, which is refused or told of elsewhere.
void add_small_groups(const Built& built, std::vector<std::string>& notes) {
  for (std::size_t t = 0; t < built.design.terms.size(); ++t) {
    const GroupTerm& term = built.design.terms[t];
    const Grouping& grouping = built.design.groupings[term.grouping];
    const std::size_t effects = term.columns.size();
    const std::size_t levels = grouping.levels.size();
    if (effects < 2 || levels == built.rows->count()) continue;
    std::vector<std::size_t> rows(levels);
    for (const std::int32_t code : built.rows->levels[term.grouping]) {
      if (code >= 0) ++rows[static_cast<std::size_t>(code)];
    }
    const auto small =
        std::ranges::count_if(rows, [effects](std::size_t n) { return n < effects; });
    if (2 * static_cast<std::size_t>(small) <= levels) continue;
    notes.push_back(fmt::format(
        "{} of {} groups of {} have fewer rows than effects ({}); what is said of their {} comes "
        "for the most part from the other groups",
        small, levels, shown(grouping.name), effects, list_of(term.columns)));
  }
}

}  // namespace

void refuse_common_codes(const Table& table, const Names& used) {
  for (const Column* const column : columns_used(table, used)) {
    for (const Column::MissingCode& code : column->missing_codes) {
      const bool doubtful = code.code == "None" || code.code == "NA" || code.code == ".";
      // A single cell is no habit: in a column of names all are as common.
      if (!doubtful || code.stated || code.cells < 2) continue;
      std::vector<std::size_t> counts(column->levels.size());
      for (const std::int32_t level : column->codes) {
        if (level >= 0) ++counts[static_cast<std::size_t>(level)];
      }
      if (!counts.empty() && *std::ranges::max_element(counts) > code.cells) continue;
      throw InputError(fmt::format(
          "column '{}': '{}' is its commonest value ({}); say what it is: --missing {} if it "
          "stands for a missing value, --missing = (empty cells only) if it is a level",
          shown(column->name), code.code, cells_text(code.cells), code.code));
    }
  }
}

std::vector<std::string> code_notes(const Table& table, const Names& used) {
  std::vector<std::string> notes;
  for (const Column* const column : columns_used(table, used)) {
    std::vector<std::string> codes;
    std::size_t cells = 0;
    for (const Column::MissingCode& code : column->missing_codes) {
      codes.push_back(fmt::format("'{}' in {}", code.code, cells_text(code.cells)));
      cells += code.cells;
    }
    if (codes.empty()) continue;
    add(fmt::format("{}: {} {} taken as missing", shown(column->name), list_of(codes),
                    cells == 1 ? "is" : "are"),
        notes);
  }
  return notes;
}

std::vector<std::string> notes_on(const Built& built, const Names& used, const Names& groupings) {
  std::vector<std::string> notes = code_notes(built.rows->frame.table(), used);
  add_levels(built, notes);
  add_numbers(built, used, groupings, notes);
  add_small_groups(built, notes);
  return notes;
}

}  // namespace tarn::formula
