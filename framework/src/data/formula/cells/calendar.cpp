// Dates and times, by what their tokens are.
#include "data/formula/cells/calendar.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "data/formula/language/words.hpp"

namespace tarn::formula {
namespace {

struct Token {
  enum class Kind { number, word, mark };
  Kind kind;
  std::string text;  // words in small letters
  int value = 0;

  std::size_t digits() const noexcept { return kind == Kind::number ? text.size() : 0; }
  bool is(std::string_view what) const noexcept { return kind != Kind::number && text == what; }
};

using Tokens = std::vector<Token>;

// English, German, French, Spanish, Italian, Portuguese and Dutch, whole and as they are cut, but
// for what is rather another word: gen, set, out, mag, ago.
constexpr auto months = std::to_array<std::string_view>(
    {"jan",      "january",   "januar",    "jänner",     "janvier",   "janv",      "enero",
     "ene",      "gennaio",   "janeiro",   "januari",    "feb",       "february",  "februar",
     "février",  "févr",      "fév",       "febrero",    "febbraio",  "fevereiro", "fev",
     "februari", "mar",       "march",     "märz",       "mär",       "mrz",       "maerz",
     "mars",     "marzo",     "março",     "maart",      "mrt",       "apr",       "april",
     "avril",    "avr",       "abril",     "abr",        "aprile",    "may",       "mai",
     "mayo",     "maggio",    "maio",      "mei",        "jun",       "june",      "juni",
     "juin",     "junio",     "giugno",    "giu",        "junho",     "jul",       "july",
     "juli",     "juillet",   "juil",      "julio",      "luglio",    "lug",       "julho",
     "aug",      "august",    "août",      "aout",       "agosto",    "augustus",  "sep",
     "sept",     "september", "septembre", "septiembre", "settembre", "setembro",  "oct",
     "october",  "oktober",   "okt",       "octobre",    "octubre",   "ottobre",   "ott",
     "outubro",  "nov",       "november",  "novembre",   "noviembre", "novembro",  "dec",
     "december", "dezember",  "dez",       "décembre",   "déc",       "decembre",  "diciembre",
     "dic",      "dicembre",  "dezembro"});

constexpr auto weekdays = std::to_array<std::string_view>(
    {"mon",        "monday",   "tue",      "tues",     "tuesday",  "wed",     "wednesday", "thu",
     "thur",       "thurs",    "thursday", "fri",      "friday",   "sat",     "saturday",  "sun",
     "sunday",     "mo",       "montag",   "di",       "dienstag", "mi",      "mittwoch",  "do",
     "donnerstag", "fr",       "freitag",  "sa",       "samstag",  "so",      "sonntag",   "lundi",
     "mardi",      "mercredi", "jeudi",    "vendredi", "samedi",   "dimanche"});

constexpr auto fillers =
    std::to_array<std::string_view>({"of", "the", "de", "del", "st", "nd", "rd", "th"});

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80); }

/// Nothing where the cell is longer than any date is.
Tokens tokens_of(std::string_view cell) {
  constexpr std::size_t longest = 48;
  Tokens tokens;
  if (cell.size() > longest) return tokens;
  for (std::size_t i = 0; i < cell.size();) {
    std::size_t end = i + 1;
    if (is_digit(cell[i])) {
      while (end < cell.size() && is_digit(cell[end])) ++end;
      Token number{Token::Kind::number, std::string(cell.substr(i, end - i))};
      if (number.text.size() <= 4) number.value = std::stoi(number.text);
      tokens.push_back(std::move(number));
    } else if (is_letter(cell[i])) {
      while (end < cell.size() && is_letter(cell[end])) ++end;
      Token word{Token::Kind::word, std::string(cell.substr(i, end - i))};
      std::ranges::transform(word.text, word.text.begin(), [](unsigned char c) {
        return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
      });
      tokens.push_back(std::move(word));
    } else {
      tokens.push_back({Token::Kind::mark, std::string(1, cell[i])});
    }
    i = end;
  }
  return tokens;
}

/// Reads tokens from the left; what it cannot read it leaves.
class DateReader {
 public:
  explicit DateReader(const Tokens& tokens) : tokens_(tokens) {}

  bool at_end() const noexcept { return at_ == tokens_.size(); }

  bool time() {
    const std::size_t start = at_;
    if (!number(1, 2, 0, 24)) return false;
    if (half_of_day()) return true;
    if (!(take(":") || take("h")) || !number(2, 2, 0, 59)) return back_to(start);
    if (take(":")) {
      if (!number(2, 2, 0, 60)) return back_to(start);
      if ((peek(".") || peek(",")) && at_ + 1 < tokens_.size() && tokens_[at_ + 1].digits() > 0) {
        at_ += 2;
      }
    }
    half_of_day();
    zone();
    return true;
  }

  bool year() { return number(4, 4, 1000, 2999); }

  bool date() { return with_numbers() || with_month(); }

  /// Between a date and its time.
  void gap() {
    while (take(" ") || take(",") || take("t")) {
    }
  }

 private:
  const Token* next() const noexcept { return at_end() ? nullptr : &tokens_[at_]; }
  bool peek(std::string_view text) const { return !at_end() && tokens_[at_].is(text); }

  bool take(std::string_view text) {
    if (!peek(text)) return false;
    ++at_;
    return true;
  }

  bool back_to(std::size_t start) {
    at_ = start;
    return false;
  }

  bool number(std::size_t fewest, std::size_t most, int low, int high) {
    const Token* const token = next();
    if (token == nullptr || token->digits() < fewest || token->digits() > most ||
        token->value < low || token->value > high) {
      return false;
    }
    ++at_;
    return true;
  }

  bool half_of_day() {
    const std::size_t start = at_;
    take(" ");
    for (const char* half : {"am", "pm", "uhr"}) {
      if (take(half)) return true;
    }
    if ((take("a") || take("p")) && take(".") && take("m") && take(".")) return true;
    return back_to(start);
  }

  /// Z, UTC, +01:00, CET.
  void zone() {
    const std::size_t start = at_;
    take(" ");
    if (take("z") || take("utc") || take("gmt")) return;
    if (take("+") || take("-")) {
      if (number(2, 4, 0, 1400)) {
        if (take(":")) number(2, 2, 0, 59);
        return;
      }
    } else if (const Token* const word = next();
               word != nullptr && word->kind == Token::Kind::word && word->text.size() <= 4) {
      ++at_;
      return;
    }
    at_ = start;
  }

  bool with_numbers() {
    const std::size_t start = at_;
    if (year()) {
      if (week_or_quarter()) return true;
      for (const char* mark : {"-", "/", "."}) {
        if (!take(mark)) continue;
        if (week_or_quarter()) return true;
        if (number(1, 2, 1, 12)) {
          if (take(mark) && number(1, 2, 1, 31)) return true;
          // 2024-01; 2024.01 would be a number
          if (at_end() && *mark != '.') return true;
        }
        break;
      }
      return back_to(start);
    }
    const int first = at_end() ? 0 : tokens_[at_].value;
    if (!number(1, 2, 1, 31)) return back_to(start);
    for (const char* mark : {"-", "/", "."}) {
      if (!take(mark)) continue;
      if (*mark != '.' && first <= 12 && year()) return true;  // 01/2024
      const int second = at_end() ? 0 : tokens_[at_].value;
      if (number(1, 2, 1, first <= 12 ? 31 : 12) && second > 0 && take(mark) &&
          (year() || number(2, 2, 0, 99))) {
        return true;
      }
      break;
    }
    return back_to(start);
  }

  bool week_or_quarter() {
    const std::size_t start = at_;
    take(" ");
    if (take("w") && number(1, 2, 1, 53)) {
      if (take("-")) number(1, 1, 1, 7);
      return true;
    }
    at_ = start;
    take(" ");
    if (take("q") && number(1, 1, 1, 4)) return true;
    return back_to(start);
  }

  /// One name of a month, at most a weekday, and numbers that can be a day and a year, whatever
  /// stands between them.
  bool with_month() {
    const std::size_t start = at_;
    int named = 0, days = 0, numbers = 0;
    std::size_t end = at_;
    for (; !at_end(); ++at_) {
      const Token& token = tokens_[at_];
      if (token.kind == Token::Kind::number) {
        const bool may_be = token.digits() <= 2 || (token.digits() == 4 && token.value >= 1000);
        const bool is_hour = at_ + 1 < tokens_.size() && tokens_[at_ + 1].is(":");
        if (!may_be || is_hour || ++numbers > 2) break;
      } else if (token.kind == Token::Kind::word) {
        if (contains(months, token.text)) {
          if (++named > 1) return back_to(start);
        } else if (contains(weekdays, token.text)) {
          if (++days > 1) return back_to(start);
        } else if (!contains(fillers, token.text)) {
          break;
        }
      } else if (std::string_view("-/., '").find(token.text.front()) == std::string_view::npos) {
        break;
      }
      end = at_ + 1;
    }
    if (named != 1) return back_to(start);
    at_ = end;
    return true;
  }

  const Tokens& tokens_;
  std::size_t at_ = 0;
};

}  // namespace

Calendar calendar_of(std::string_view cell) {
  while (!cell.empty() && cell.front() == ' ') cell.remove_prefix(1);
  while (!cell.empty() && cell.back() == ' ') cell.remove_suffix(1);
  const Tokens tokens = tokens_of(cell);
  if (tokens.empty()) return Calendar::neither;
  DateReader clock(tokens);
  if (clock.time() && clock.at_end()) return Calendar::time;
  DateReader reader(tokens);
  if (!reader.date()) return Calendar::neither;
  if (reader.at_end()) return Calendar::date;
  reader.gap();
  if (!reader.time()) return Calendar::neither;
  reader.gap();
  reader.year();  // Mon Jan 05 10:00:00 2024
  return reader.at_end() ? Calendar::date : Calendar::neither;
}

}  // namespace tarn::formula
