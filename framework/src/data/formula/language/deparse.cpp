// Syntax trees back to text, in R's spacing.
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "data/formula/language/node.hpp"
#include "data/formula/language/terms.hpp"

namespace tarn::formula {
namespace {

bool is_tight(std::string_view operation) {
  return operation == "^" || operation == ":" || operation == "/" || operation == "%%" ||
         operation == "%/%";
}

bool is_plain_name(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!letter(name.front()) && name.front() != '.') return false;
  if (name.size() > 1 && name.front() == '.' && digit(name[1])) return false;
  for (const char c : name) {
    if (!letter(c) && !digit(c) && c != '.' && c != '_') return false;
  }
  return true;
}

void write_operation(const Node& node, std::string& out);

/// In quotes where it would be read as something else without: no name, a constant, or all columns.
std::string written_name(const Node& node) {
  Node bare;
  bare.kind = Node::Kind::name;
  bare.text = node.text;
  const bool quotes =
      !is_plain_name(node.text) || (node.quoted && (node.text == "." || is_constant_name(bare)));
  return quotes ? '`' + node.text + '`' : node.text;
}

/// There is no escape: a text holds one kind of quote at most.
std::string written_text(const std::string& text) {
  const char quote = text.find('"') == std::string::npos ? '"' : '\'';
  return quote + text + quote;
}

void write(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::number:
      out += number_text(node.number);
      break;
    case Node::Kind::name:
      out += written_name(node);
      break;
    case Node::Kind::text:
      out += written_text(node.text);
      break;
    case Node::Kind::parentheses:
      out += '(';
      write(node.arguments.front(), out);
      out += ')';
      break;
    case Node::Kind::call:
      out += written_name(node) + '(';
      for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        if (i > 0) out += ", ";
        const std::string& name = node.argument_names[i];
        if (!name.empty()) out += (is_plain_name(name) ? name : '`' + name + '`') + " = ";
        write(node.arguments[i], out);
      }
      out += ')';
      break;
    case Node::Kind::operation:
      write_operation(node, out);
      break;
  }
}

/// A chain of operations is as deep as it is long, so it is walked, not recursed into.
void write_operation(const Node& node, std::string& out) {
  std::vector<const Node*> chain;
  const Node* first = &node;
  while (first->kind == Node::Kind::operation && first->arguments.size() == 2) {
    chain.push_back(first);
    first = &first->arguments.front();
  }
  if (first->kind == Node::Kind::operation) out += first->text;
  write(first->kind == Node::Kind::operation ? first->arguments.front() : *first, out);
  for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
    const std::string& operation = (*it)->text;
    out += is_tight(operation) ? operation : ' ' + operation + ' ';
    write((*it)->arguments.back(), out);
  }
}

}  // namespace

const Node& inside(const Node& node) {
  const Node* it = &node;
  while (it->kind == Node::Kind::parentheses) it = &it->arguments.front();
  return *it;
}

std::string deparse(const Node& node) {
  std::string text;
  write(node, text);
  return text;
}

std::string number_text(double number) {
  if (!std::isfinite(number)) return std::isnan(number) ? "NaN" : number > 0 ? "Inf" : "-Inf";
  if (number == 0) return "0";
  // The fewest digits that agree with fifteen.
  const std::string fifteen = fmt::format("{:.14e}", number);
  double rounded = 0;
  std::from_chars(fifteen.data(), fifteen.data() + fifteen.size(), rounded);
  std::string scientific;
  int digits = 0;
  for (; digits < 15; ++digits) {
    scientific = fmt::format("{:.{}e}", number, digits);
    double value = 0;
    std::from_chars(scientific.data(), scientific.data() + scientific.size(), value);
    if (value == rounded) break;
  }
  const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
  const std::string fixed = fmt::format("{:.{}f}", rounded, std::max(0, digits - exponent));
  return fixed.size() <= scientific.size() ? fixed : scientific;
}

}  // namespace tarn::formula
