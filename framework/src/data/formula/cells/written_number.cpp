// A number as people write it: signs, currencies, marks, powers of ten, units.
#include "data/formula/cells/written_number.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

#include "data/formula/language/words.hpp"

namespace tarn::formula {
namespace {

constexpr std::size_t longest_cell = 64;
constexpr std::size_t longest_unit = 20;

/// Characters that stand for others, in UTF-8.
constexpr auto same_as = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"\u2212", "-"},  // minus
    {"\u2013", "-"},  // en dash
    {"\u00A0", " "},  // no-break space
    {"\u202F", " "},  // narrow no-break space
    {"\u2009", " "},  // thin space
    {"\u2019", "'"},  // apostrophe of Swiss thousands
    {"\u066B", ","},  // Arabic decimal separator
    {"\u066C", "'"},  // Arabic separator of thousands
    {"\u00D7", "x"},  // times
    {"\u00B7", "x"},
});

constexpr auto currencies = std::to_array<std::string_view>(
    {"US$", "R$",  "A$",  "C$",  "$",   "€",   "£",   "¥",   "₹",   "₽", "₩",
     "₺",   "USD", "EUR", "GBP", "JPY", "CHF", "CNY", "INR", "AUD", "CAD", "NZD",
     "SEK", "NOK", "DKK", "BRL", "MXN", "ZAR", "Fr.", "kr",  "Rs",  "zł"});

constexpr auto comparisons =
    std::to_array<std::string_view>({"<=", ">=", "<", ">", "≤", "≥", "~", "≈", "±"});

constexpr auto ordinals = std::to_array<std::string_view>(
    {"st", "nd", "rd", "th", "er", "ère", "re", "e", "ème", "º", "ª", "."});

constexpr auto known_units = std::to_array<std::string_view>(
    {"%",        "‰",     "m",   "cm",    "mm",     "km",    "µm",  "um",   "nm",      "in",
     "ft",       "mi",    "g",   "kg",    "mg",     "µg",    "ug",  "ng",   "t",       "lb",
     "lbs",      "oz",    "l",   "ml",    "cl",     "dl",    "µl",  "ms",   "s",       "sec",
     "min",      "h",     "hr",  "hrs",   "hour",   "hours", "d",   "day",  "days",    "wk",
     "week",     "weeks", "mo",  "month", "months", "y",     "yr",  "yrs",  "year",    "years",
     "°C",       "°F",    "°",   "Pa",    "kPa",    "hPa",   "bar", "mbar", "mmHg",    "mV",
     "kV",       "mA",    "kW",  "MW",    "kWh",    "kJ",    "Hz",  "kHz",  "MHz",     "GHz",
     "mol",      "mmol",  "ppm", "ppb",   "k",      "M",     "Mio", "Mrd",  "million", "billion",
     "thousand", "€",     "$",   "£",     "KB",     "MB",    "GB",  "TB"});

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// With common characters in the place of their likenesses, full-width and Arabic digits too.
std::string normalised(std::string_view cell) {
  std::string result;
  while (!cell.empty()) {
    const auto found = std::ranges::find_if(
        same_as, [cell](const auto& pair) { return cell.starts_with(pair.first); });
    const auto byte = [cell](std::size_t i) { return static_cast<unsigned char>(cell[i]); };
    if (found != same_as.end()) {
      result += found->second;
      cell.remove_prefix(found->first.size());
    } else if (cell.size() > 2 && byte(0) == 0xEF && byte(1) == 0xBC && byte(2) >= 0x90 &&
               byte(2) <= 0x99) {
      result += static_cast<char>('0' + byte(2) - 0x90);  // U+FF10 to U+FF19
      cell.remove_prefix(3);
    } else if (cell.size() > 1 && byte(0) == 0xD9 && byte(1) >= 0xA0 && byte(1) <= 0xA9) {
      result += static_cast<char>('0' + byte(1) - 0xA0);  // U+0660 to U+0669
      cell.remove_prefix(2);
    } else {
      result += cell.front();
      cell.remove_prefix(1);
    }
  }
  return result;
}

bool take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

template <std::size_t n>
bool take_any(std::string_view& text, const std::array<std::string_view, n>& words) {
  for (const std::string_view word : words) {
    if (!take(text, word)) continue;
    text = trimmed(text);
    return true;
  }
  return false;
}

bool take_sign(std::string_view& text) {
  if (!take(text, "-") && !take(text, "+")) return false;
  text = trimmed(text);
  return true;
}

/// Digits with marks between them; a blank only before three digits.
std::string_view take_body(std::string_view& text) {
  std::size_t end = 0, last_digit = 0;
  const auto digits_at = [text](std::size_t i) {
    std::size_t n = 0;
    while (i + n < text.size() && is_digit(text[i + n])) ++n;
    return n;
  };
  while (end < text.size()) {
    const char c = text[end];
    if (is_digit(c)) {
      end += digits_at(end);
      last_digit = end;
    } else if ((c == '.' || c == ',') && digits_at(end + 1) > 0) {
      ++end;
    } else if ((c == ' ' || c == '\'' || c == '_') && end > 0 && digits_at(end + 1) == 3) {
      ++end;
    } else {
      break;
    }
  }
  // "5." is 5, as it is in files of numbers; the point of "5. " is an ordinal's.
  if (last_digit > 0 && end + 1 == text.size() && text[end] == '.') last_digit = end;
  const std::string_view body = text.substr(0, last_digit);
  text.remove_prefix(last_digit);
  return body;
}

/// Three digits in each group but the first, which has up to three; in India two in those between.
bool is_grouped(std::string_view digits, char mark) {
  std::vector<std::size_t> sizes;
  for (;;) {
    const std::size_t at = digits.find(mark);
    const std::string_view group = digits.substr(0, at);
    if (!all_digits(group)) return false;
    sizes.push_back(group.size());
    if (at == std::string_view::npos) break;
    digits.remove_prefix(at + 1);
  }
  if (sizes.size() < 2 || sizes.back() != 3) return false;
  const auto all = [&](std::size_t size) {
    return std::all_of(sizes.begin() + 1, sizes.end() - 1,
                       [=](std::size_t s) { return s == size; });
  };
  return (all(3) && sizes.front() <= 3) || (all(2) && sizes.front() <= 2);
}

/// What the marks of a body mean; nothing where they make no number.
std::optional<Notation> marks_of(std::string_view body) {
  const auto count = [body](char c) { return std::ranges::count(body, c); };
  for (const char mark : {' ', '\'', '_'}) {
    if (count(mark) == 0) continue;
    const std::size_t decimal = body.find_first_of(".,");
    if (decimal != std::string_view::npos && !all_digits(body.substr(decimal + 1))) return {};
    if (!is_grouped(body.substr(0, decimal), mark)) return {};
    return count(',') > 0 ? Notation::both : Notation::thousands;
  }
  const auto points = count('.'), commas = count(',');
  if (commas == 0 && points <= 1) {
    if (points == 1 || body.size() < 2) return Notation::plain;
    if (body.front() == '0') return Notation::padded;
    std::uint64_t value = 0;
    const auto read = std::from_chars(body.data(), body.data() + body.size(), value);
    const bool exact = read.ec == std::errc{} && value <= (std::uint64_t{1} << 53);
    return exact ? Notation::plain : Notation::long_integers;
  }
  if (points == 0 && commas == 1) {
    const std::size_t at = body.find(',');
    const bool thousand = is_grouped(body, ',') && body.front() != '0';
    return thousand && at <= 3 ? Notation::commas : Notation::decimal_commas;
  }
  if (points == 0) return is_grouped(body, ',') ? std::optional(Notation::thousands) : std::nullopt;
  if (commas == 0) return is_grouped(body, '.') ? std::optional(Notation::both) : std::nullopt;
  // The mark that comes last is the decimal one.
  const bool comma_last = body.rfind(',') > body.rfind('.');
  const char decimal = comma_last ? ',' : '.', group = comma_last ? '.' : ',';
  const std::size_t at = body.find(decimal);
  if (count(decimal) != 1 || !is_grouped(body.substr(0, at), group)) return {};
  return comma_last ? Notation::both : Notation::thousands;
}

/// e3, E-03, D+02; x10^3. The first is as files have it, if no comma stands before it.
bool take_power(std::string_view& text, bool& other) {
  std::string_view rest = text;
  const bool plain = take(rest, "e") || take(rest, "E");
  const bool fortran = !plain && (take(rest, "D") || take(rest, "d"));
  if (!plain && !fortran) {
    rest = trimmed(rest);
    if (!take(rest, "x") && !take(rest, "*")) return false;
    rest = trimmed(rest);
    if (!take(rest, "10")) return false;
    take(rest, "^");
    take(rest, "**");
  }
  if (!take(rest, "-")) take(rest, "+");
  std::size_t n = 0;
  while (n < rest.size() && is_digit(rest[n])) ++n;
  if (n == 0) return false;
  rest.remove_prefix(n);
  // 12d5 is a label; so is what goes on with letters.
  if (fortran && !rest.empty()) return false;
  other = other || !plain;
  text = rest;
  return true;
}

/// Letters and signs of units, two words at most; digits only after a letter, as in m2 and s-1.
bool is_unit(std::string_view text) {
  if (text.size() > longest_unit || text.empty()) return false;
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
  };
  if (!is_letter(text.front()) && text.front() != '%' && text.front() != '$' &&
      text.front() != '"' && text.front() != '\'') {
    return false;
  }
  if (std::ranges::count(text, ' ') > 1) return false;
  if (contains(ordinals, text.substr(0, text.find(' ')))) return false;  // 7th grade
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool after_letter = i > 0 && (is_letter(text[i - 1]) || text[i - 1] == '^' ||
                                        text[i - 1] == '-' || is_digit(text[i - 1]));
    if (is_digit(c) ? !after_letter
                    : !is_letter(c) && std::string_view("%/^*.-$\"' ").find(c) == text.npos) {
      return false;
    }
  }
  return true;
}

bool is_hexadecimal(std::string_view text) {
  if (!text.starts_with("0x") && !text.starts_with("0X")) return false;
  text.remove_prefix(2);
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

std::optional<WrittenNumber> read(std::string_view text) {
  WrittenNumber number;
  // What spreadsheets are made to write, so that a number stays a text.
  if (text.size() > 3 && text.starts_with("=\"") && text.ends_with('"')) {
    text = trimmed(text.substr(2, text.size() - 3));
    number.other = true;
  }
  if (text.size() > 1 && text.front() == '\'') {
    text.remove_prefix(1);
    number.other = true;
  }
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    text = trimmed(text.substr(1, text.size() - 2));
    number.other = true;
  }
  if (is_hexadecimal(text)) {
    number.other = true;
    return number;
  }
  number.other = take_any(text, comparisons) || number.other;
  const bool sign = take_sign(text);
  number.unit = take_any(text, currencies);
  if (number.unit && !sign) take_sign(text);

  const std::string_view body = take_body(text);
  if (body.empty()) return std::nullopt;
  const std::optional<Notation> marks = marks_of(body);
  if (!marks) return std::nullopt;
  number.marks = *marks;
  if (take_power(text, number.other) && number.marks >= Notation::padded &&
      number.marks <= Notation::long_integers) {
    number.marks = Notation::plain;
  }
  if (!number.other && all_digits(body) && text.size() > 1 && text.front() == '/' &&
      all_digits(text.substr(1))) {
    number.other = true;
    return number;
  }
  text = trimmed(text);
  if (text.empty()) return number;
  if (!is_unit(text)) return std::nullopt;
  number.suffix = text;
  return number;
}

}  // namespace

std::optional<WrittenNumber> read_written_number(std::string_view cell) {
  if (cell.size() > longest_cell ||
      std::ranges::none_of(cell, [](char c) { return is_digit(c) || (c & 0x80) != 0; })) {
    return std::nullopt;
  }
  const std::string normal = normalised(cell);
  std::optional<WrittenNumber> number = read(trimmed(normal));
  // A minus that is none, digits of another script: not as the file should have them.
  const bool is_plain =
      number && number->marks <= Notation::long_integers && !number->unit && number->suffix.empty();
  if (is_plain && normal != cell) number->other = true;
  return number;
}

bool is_known_unit(std::string_view suffix) { return contains(known_units, suffix); }

}  // namespace tarn::formula
