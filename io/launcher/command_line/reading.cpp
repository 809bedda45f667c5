// How data files are read: options, and what of them a fit stores.
#include "command_line/reading.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tarn/text.hpp"

namespace tarn::launcher {
namespace {

constexpr std::uint64_t most_lines = 1'000'000'000;

const std::vector<std::pair<std::string, io::Encoding>>& encodings() {
  static const std::vector<std::pair<std::string, io::Encoding>> all{
      {"utf-8", io::Encoding::utf8},
      {"latin1", io::Encoding::latin1},
      {"windows-1252", io::Encoding::windows_1252}};
  return all;
}

std::string name_of(io::Encoding encoding) {
  return std::ranges::find(encodings(), encoding, &std::pair<std::string, io::Encoding>::second)
      ->first;
}

/// `n/a,-999` beside the standard ones, `=n/a,-999` in their place, `=`: none.
io::MissingCodes read_codes(const Arguments& arguments) {
  io::MissingCodes codes;
  if (!arguments.given("missing")) return codes;
  std::string text = arguments.text("missing");
  codes.keep_standard = !text.starts_with('=');
  if (!codes.keep_standard) text.erase(0, 1);
  if (text.empty() && codes.keep_standard) {
    arguments.refuse("missing", "takes codes, such as n/a,-999; = alone: empty cells only");
  }
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    std::string code = text.substr(0, comma);
    if (code.find_first_not_of(" \t") == std::string::npos) {
      arguments.refuse("missing", "there is nothing between two commas");
    }
    codes.stated.push_back(std::move(code));
    if (comma == std::string::npos) break;
    text.erase(0, comma + 1);
  }
  return codes;
}

char read_comment(const Arguments& arguments) {
  if (!arguments.given("comment")) return '\0';
  const std::string text = arguments.text("comment");
  if (text.size() != 1 || std::ispunct(static_cast<unsigned char>(text.front())) == 0 ||
      std::string_view("\",;|.-+'").find(text.front()) != std::string_view::npos) {
    arguments.refuse("comment", "takes one character that begins no cell, such as #");
  }
  return text.front();
}

}  // namespace

std::vector<Option> reading_options() {
  return {{"missing", "CODE,...",
           "cells that stand for missing values, beside the usual " +
               list_of(io::MissingCodes::standard(), 20) +
               "; =CODE,...: these alone, =: empty cells alone"},
          {"decimal", ".|,", "decimal mark of the numbers", "."},
          {"skip", "N", "lines before the header line", "0"},
          {"comment", "'#'", "lines that begin with this character are skipped"},
          {"encoding", "NAME", "utf-8, latin1 or windows-1252", "utf-8"}};
}

io::TableOptions read_reading(const Arguments& arguments) {
  io::TableOptions options;
  options.missing = read_codes(arguments);
  options.decimal = arguments.choice("decimal", {".", ","}).front();
  options.skip = arguments.count("skip", 0, most_lines);
  options.comment = read_comment(arguments);
  std::vector<std::string> names;
  for (const auto& [name, encoding] : encodings()) names.push_back(name);
  const std::string chosen = arguments.choice("encoding", names);
  for (const auto& [name, encoding] : encodings()) {
    if (name == chosen) options.encoding = encoding;
  }
  return options;
}

nlohmann::ordered_json to_json(const io::TableOptions& reading) {
  return {{"missing", reading.missing.stated},
          {"standard_missing", reading.missing.keep_standard},
          {"decimal", std::string(1, reading.decimal)},
          {"skip", reading.skip},
          {"comment", reading.comment == '\0' ? "" : std::string(1, reading.comment)},
          {"encoding", name_of(reading.encoding)}};
}

io::MissingCodes missing_codes(const nlohmann::ordered_json& config) {
  try {
    const auto& data = config.at("data");
    // Files of format 1.0 do not say: tarn 0.1.0, which wrote them, knew these.
    if (!data.contains("reading")) return {{"NA", "NaN", "nan"}, false};
    const auto& reading = data.at("reading");
    return {reading.at("missing").get<std::vector<std::string>>(),
            reading.at("standard_missing").get<bool>()};
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format(
        "the fit's configuration does not say how its data were read ({}); give --missing",
        error.what()));
  }
}

}  // namespace tarn::launcher
