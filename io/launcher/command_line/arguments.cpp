// Reads options from the command line, the environment and a file, in this precedence.
#include "command_line/arguments.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <boost/algorithm/string/trim.hpp>
#include <boost/program_options.hpp>

#include "command_line/option_file.hpp"
#include "tarn/text.hpp"

extern char** environ;

namespace tarn::launcher {
namespace {

namespace po = boost::program_options;

constexpr const char* positional = "-words-";

po::options_description described(const Command& command) {
  po::options_description result;
  for (const OptionGroup& group : command.groups) {
    for (const Option& option : group.options) {
      auto* value = po::value<std::string>();
      if (option.argument.empty()) value->implicit_value("yes");
      const std::string name =
          option.letter != 0 ? fmt::format("{},{}", option.name, option.letter) : option.name;
      result.add_options()(name.c_str(), value);
    }
  }
  result.add_options()(positional, po::value<std::string>());
  return result;
}

/// Switches with their value, which may be left out: --json as --json=yes. A parser that takes an
/// optional value would take the word that follows.
std::vector<std::string> with_switches(const Command& command, std::span<const std::string> line) {
  std::vector<std::string> words(line.begin(), line.end());
  for (std::string& word : words) {
    if (word == "--") break;
    for (const OptionGroup& group : command.groups) {
      for (const Option& option : group.options) {
        const bool is_it = word == "--" + option.name ||
                           (option.letter != 0 && word == std::string{'-', option.letter});
        if (is_it && option.argument.empty()) word = "--" + option.name + "=yes";
      }
    }
  }
  return words;
}

[[noreturn]] void unknown(const Command& command, const std::string& spelled,
                          const std::string& name, const std::string& prefix) {
  const std::string best = nearest(name, command.option_names());
  throw UsageError(fmt::format(
      "{}: unknown option of 'tarn {}'; {}tarn {} --help lists them all", spelled, command.name,
      best.empty() ? "" : fmt::format("did you mean '{}{}'? ", prefix, best), command.name));
}

bool known_to_any(const std::vector<Command>& all, const std::string& option) {
  return std::ranges::any_of(all, [&](const Command& c) { return c.find(option) != nullptr; });
}

std::string option_name(std::string variable) {
  variable.erase(0, 5);
  for (char& c : variable) {
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return variable;
}

/// The parser of INI files takes every # for the beginning of a comment. One that follows a
/// character, or the = of its line, is part of the value: missing = #N/A,-999.
constexpr char literal_mark = '\x01';

std::string with_literal_marks(std::string text) {
  char before = '\n', last = '\n';  // the character before, and the last that is no blank
  bool comment = false, has_value = false;
  for (char& c : text) {
    if (c == '\n') {
      comment = has_value = false;
    } else if (c == '#' && !comment) {
      const bool first_of_value = last == '=' && !has_value;
      const bool follows = before != ' ' && before != '\t' && last != '\n';
      comment = !first_of_value && !follows;
      if (!comment) c = literal_mark;
    }
    has_value = c != '\n' && (has_value || (last == '=' && c != ' ' && c != '\t'));
    before = c;
    if (c != ' ' && c != '\t') last = c;
  }
  return text;
}

/// The number, from 1, of the first line that is this one, comments and blanks at its ends apart.
std::size_t line_number(const std::string& text, const std::string& wanted) {
  std::istringstream stream(text);
  std::size_t number = 1;
  for (std::string line; std::getline(stream, line); ++number) {
    if (boost::algorithm::trim_copy(line.substr(0, line.find('#'))) == wanted) break;
  }
  return number;
}

}  // namespace

Arguments::Arguments(const Command& command, const std::vector<Command>& all,
                     std::span<const std::string> line)
    : command_(command) {
  take_line(line);
  take_environment(all);
  if (given("config")) take_file(all);
}

void Arguments::take(const std::string& option, Value value) {
  const Option& known = *command_.find(option);
  if (value.texts.size() > 1 && !known.repeatable) {
    throw UsageError(
        fmt::format("{} is given {} times; give it once", value.origin, value.texts.size()));
  }
  values_.try_emplace(option, std::move(value));
}

void Arguments::take_line(std::span<const std::string> line) {
  const po::options_description options = described(command_);
  po::positional_options_description words;
  words.add(positional, -1);
  std::map<std::string, Value> found;
  try {
    using Style = po::command_line_style::style_t;
    const auto parsed = po::command_line_parser(with_switches(command_, line))
                            .options(options)
                            .positional(words)
                            .style(Style::unix_style & ~Style::allow_guessing)
                            .run();
    for (const auto& option : parsed.options) {
      if (option.string_key == positional) {
        words_.insert(words_.end(), option.value.begin(), option.value.end());
        continue;
      }
      Value& value = found[option.string_key];
      value.origin = "--" + option.string_key;
      value.texts.insert(value.texts.end(), option.value.begin(), option.value.end());
      if (option.value.empty()) value.texts.emplace_back("yes");
    }
  } catch (const po::unknown_option& error) {
    const std::string spelled = error.get_option_name();
    unknown(command_, spelled, spelled.substr(spelled.find_first_not_of('-')), "--");
  } catch (const po::invalid_syntax& error) {
    const std::string name = error.get_option_name();
    throw UsageError(fmt::format("{}: a value must follow", name));
  } catch (const po::error& error) {
    throw UsageError(fmt::format("the command line cannot be read: {}", error.what()));
  }
  for (auto& [option, value] : found) take(option, std::move(value));
}

void Arguments::take_environment(const std::vector<Command>& all) {
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = text.find('=');
    if (!text.starts_with("TARN_") || equals == std::string::npos) continue;
    const std::string variable = text.substr(0, equals);
    if (variable == "TARN_PLUGIN_PATH") continue;  // the search path's own
    const std::string option = option_name(variable);
    if (option == "help" || !known_to_any(all, option)) {
      strange_.push_back(variable);
    } else if (command_.find(option) != nullptr) {
      take(option, {{text.substr(equals + 1)}, variable + "="});
    }
  }
}

void Arguments::take_file(const std::vector<Command>& all) {
  const std::string file = text("config");
  const std::string content = with_literal_marks(read_option_file(file, "configuration file"));
  std::istringstream stream(content);
  std::map<std::string, Value> found;
  try {
    for (const auto& option : po::parse_config_file(stream, described(command_), true).options) {
      const std::string& name = option.string_key;
      const std::string origin = fmt::format("{}: {} =", file, name);
      if (command_.find(name) == nullptr || name == "config" || name == "help") {
        if (known_to_any(all, name) && name != "config" && name != "help") continue;
        unknown(command_, fmt::format("{}: '{}'", file, name), name, "");
      }
      if (name == "plugin-path") {  // who sends a configuration must not choose the code that runs
        throw UsageError(fmt::format(
            "{}: 'plugin-path' cannot be set in a configuration file; give --plugin-path, or set "
            "TARN_PLUGIN_PATH",
            file));
      }
      Value& value = found[name];
      value.origin = origin;
      for (std::string text : option.value) {
        std::ranges::replace(text, literal_mark, '#');
        value.texts.push_back(std::move(text));
      }
    }
  } catch (const po::invalid_config_file_syntax& error) {
    // Its what() never ends where the line holds one of Boost's own marks, such as %invalid_line%.
    std::string line = error.tokens();
    const std::size_t number = line_number(content, line);
    std::ranges::replace(line, literal_mark, '#');
    throw UsageError(fmt::format(
        "configuration file '{}': line {}, '{}', has no '='; write NAME = VALUE, for example "
        "draws = 2000",
        shown(file), number, shown(line)));
  }
  for (auto& [option, value] : found) take(option, std::move(value));
}

}  // namespace tarn::launcher
