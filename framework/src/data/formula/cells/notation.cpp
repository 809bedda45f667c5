// What the cells of a column of text look like.
#include "data/formula/cells/notation.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "data/formula/cells/calendar.hpp"
#include "data/formula/cells/written_number.hpp"
#include "tarn/index.hpp"

namespace tarn::formula {
namespace {

/// A suffix is a unit where all numbers have the same, or where each is a known one: 1A, 1B and 2A
/// are classes.
class Suffixes {
 public:
  void add(const WrittenNumber& number) {
    if (number.suffix.empty()) return;
    if (first_.empty()) first_ = number.suffix;
    same_ = same_ && first_ == number.suffix;
    known_ = known_ && is_known_unit(number.suffix);
  }
  bool are_units() const noexcept { return same_ || known_; }

 private:
  std::string first_;
  bool same_ = true, known_ = true;
};

/// Counts of the ways in which numbers are written, with the first cell of each.
class Survey {
 public:
  void add(std::string_view cell) {
    if (const Calendar calendar = calendar_of(cell); calendar != Calendar::neither) {
      note(calendar == Calendar::date ? Notation::dates : Notation::times, cell);
      ++calendars_;
      return;
    }
    const std::optional<WrittenNumber> number = read_written_number(cell);
    if (!number) {
      if (odd_cells_++ == 0) odd_ = cell;
      return;
    }
    suffixes_.add(*number);
    if (numbers_++ == 0) first_number_ = cell;
    note(of(*number), cell);
  }

  /// Labels only, so many that a few dates would change nothing.
  bool is_hopeless() const noexcept {
    return odd_cells_ == 4096 && numbers_ == 0 && calendars_ == 0;
  }

  Looks looks() const {
    const std::size_t all = numbers_ + calendars_ + odd_cells_;
    if (calendars_ > 0) {
      const Notation kind = count(Notation::dates) > 0 ? Notation::dates : Notation::times;
      if (calendars_ == all) return {kind, first(kind), {}};
      return mostly(calendars_, all) ? Looks{kind, first(kind), odd_.empty() ? first_number_ : odd_}
                                     : Looks{};
    }
    if (numbers_ == 0 || !suffixes_.are_units()) return {};
    if (odd_cells_ > 0) {
      const Notation marks = by_marks();
      const bool marked = marks != Notation::plain && count(Notation::unit) == 0;
      return marked && mostly(numbers_, all) ? Looks{marks, first(marks), odd_} : Looks{};
    }
    for (const Notation kind : {Notation::unit, Notation::other}) {
      if (count(kind) > 0) return {kind, first(kind), {}};
    }
    if (const Notation marks = by_marks(); marks != Notation::plain) {
      return {marks, first(marks), {}};
    }
    for (const Notation kind : {Notation::padded, Notation::long_integers}) {
      if (count(kind) > 0) return {kind, first(kind), {}};
    }
    return {Notation::plain, first(Notation::plain), {}};
  }

 private:
  struct Seen {
    std::size_t count = 0;
    std::string first;
  };

  static Notation of(const WrittenNumber& number) {
    if (number.other) return Notation::other;
    if (number.unit || !number.suffix.empty()) return Notation::unit;
    return number.marks;
  }

  static bool mostly(std::size_t part, std::size_t all) { return part >= 5 && 2 * part > all; }

  /// What commas and points mean, of all cells together.
  Notation by_marks() const {
    if (count(Notation::both) > 0) return Notation::both;
    if (count(Notation::decimal_commas) > 0) {
      return count(Notation::thousands) > 0 ? Notation::both : Notation::decimal_commas;
    }
    if (count(Notation::thousands) > 0) return Notation::thousands;
    if (count(Notation::commas) == 0) return Notation::plain;
    return Notation::commas;
  }

  void note(Notation kind, std::string_view cell) {
    Seen& seen = seen_[static_cast<std::size_t>(kind)];
    if (seen.count++ == 0) seen.first = cell;
  }
  std::size_t count(Notation kind) const { return seen_[static_cast<std::size_t>(kind)].count; }
  const std::string& first(Notation kind) const {
    return seen_[static_cast<std::size_t>(kind)].first;
  }

  std::vector<Seen> seen_{static_cast<std::size_t>(Notation::other) + 1};
  Suffixes suffixes_;
  std::size_t numbers_ = 0, calendars_ = 0, odd_cells_ = 0;
  std::string odd_, first_number_;
};

}  // namespace

Looks looks_of(std::span<const std::string_view> cells) {
  Survey survey;
  for (const std::string_view cell : cells) {
    survey.add(cell);
    if (survey.is_hopeless()) return {};
  }
  return survey.looks();
}

}  // namespace tarn::formula
