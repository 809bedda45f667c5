// Syntax trees back to text, in R's spacing.
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "data/formula/language/node.hpp"

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

void write(const Node& node, std::string& out) {
  switch (node.kind) {
    case Node::Kind::number:
      out += number_text(node.number);
      break;
    case Node::Kind::name:
      out += is_plain_name(node.text) ? node.text : '`' + node.text + '`';
      break;
    case Node::Kind::text:
      out += '"' + node.text + '"';
      break;
    case Node::Kind::parentheses:
      out += '(';
      write(node.arguments.front(), out);
      out += ')';
      break;
    case Node::Kind::call:
      out += node.text + '(';
      for (std::size_t i = 0; i < node.arguments.size(); ++i) {
        if (i > 0) out += ", ";
        if (!node.argument_names[i].empty()) out += node.argument_names[i] + " = ";
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
