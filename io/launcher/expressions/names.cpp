// Finds names, exactly first, then with what may be left out.
#include "expressions/names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "expressions/pattern.hpp"
#include "tarn/error.hpp"
#include "tarn/index.hpp"
#include "tarn/text.hpp"

namespace tarn::launcher::expressions {
namespace {

constexpr std::size_t most_listed = 8;

/// `r_g[308, Days]` as `r_g[308,Days]`.
std::string without_blanks_at_commas(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == ' ' && !text.empty() && (text.back() == ',' || text.back() == '[')) continue;
    if (c == ',' || c == ']') {
      while (!text.empty() && text.back() == ' ') text.pop_back();
    }
    text += c;
  }
  return text;
}

std::vector<std::string> names_of(const std::vector<Quantity>& all) {
  std::vector<std::string> names;
  for (const Quantity& one : all) names.push_back(one.name);
  return names;
}

}  // namespace

Names::Names(const Layout& layout) : layout_(layout) {
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    if (layout.block(b).stored) variables_.push_back({layout.block(b).name, b, false, 0, {}});
  }
  const auto means = layout.find("b");
  if (!means || layout.block(*means).axes.size() != 1) return;
  const std::vector<std::string>& columns = layout.block(*means).axes.front().labels;
  for (std::size_t b = 0; b < layout.blocks(); ++b) {
    const Block& block = layout.block(b);
    if (!block.stored || !block.name.starts_with("r_") || block.axes.size() != 2) continue;
    Variable sum{"coef_" + block.name.substr(2), b, true, *means, {}};
    for (const std::string& column : block.axes.back().labels) {
      const auto at = std::ranges::find(columns, column);
      sum.shared.push_back(at == columns.end() ? -1 : static_cast<int>(at - columns.begin()));
    }
    const bool any = std::ranges::any_of(sum.shared, [](int place) { return place >= 0; });
    if (any && !layout.find(sum.name)) variables_.push_back(std::move(sum));
  }
}

/// each(name, quantity-making function) for the elements that are numbers of their own.
void Names::visit(const Variable& variable, auto&& each) const {
  const Block& block = layout_.block(variable.block);
  for (std::size_t e = 0; e < block.size(); ++e) {
    if (!block.is_own(e)) continue;
    std::string name = layout_.element_name(variable.block, e);
    std::vector<Element> sum{{variable.block, e}};
    if (variable.is_sum) {
      const int place = variable.shared[e % variable.shared.size()];
      if (place < 0) continue;
      name = variable.name + name.substr(block.name.size());
      sum.push_back({variable.means, static_cast<std::size_t>(place)});
    }
    each(std::move(name), std::move(sum), block, e);
  }
}

std::vector<Quantity> Names::of_variable(std::string_view variable) const {
  std::vector<Quantity> all;
  for (const Variable& one : variables_) {
    if (one.name != variable) continue;
    visit(one, [&](std::string name, std::vector<Element> sum, const Block&, std::size_t) {
      all.push_back({std::move(name), std::move(sum)});
    });
  }
  return all;
}

std::vector<std::string> Names::variables(bool internal) const {
  std::vector<std::string> names;
  for (const Variable& one : variables_) {
    if (internal || !layout_.block(one.block).internal) names.push_back(one.name);
  }
  return names;
}

bool Names::is_derived(std::string_view variable) const {
  return std::ranges::any_of(
      variables_, [&](const Variable& one) { return one.is_sum && one.name == variable; });
}

std::vector<std::string> Names::all() const {
  std::vector<std::string> names;
  for (const std::string& variable : variables()) {
    for (Quantity& one : of_variable(variable)) names.push_back(std::move(one.name));
  }
  return names;
}

/// Elements of this name or, `by_label`, of one label; internal ones only by their whole names.
std::vector<Quantity> Names::matching(std::string_view name, bool by_label) const {
  std::vector<Quantity> found;
  const std::string begin =
      std::string(name.substr(0, name.size() - (name.ends_with(']') ? 1 : 0)));
  for (const Variable& variable : variables_) {
    if (by_label && (variable.is_sum || layout_.block(variable.block).internal)) continue;
    if (!by_label && !name.starts_with(variable.name)) continue;
    visit(variable, [&](std::string whole, std::vector<Element> sum, const Block& block,
                        std::size_t element) {
      const bool meant = by_label
                             ? block.axes.size() == 1 && block.axes.front().labels[element] == name
                             : whole == name || variable.name == name ||
                                   (name.ends_with(']') && whole.starts_with(begin + ","));
      if (meant) found.push_back({std::move(whole), std::move(sum)});
    });
  }
  // A whole name is meant as it stands.
  const auto exact = std::ranges::find(found, name, &Quantity::name);
  if (!by_label && exact != found.end()) return {*exact};
  return found;
}

Quantity Names::find(std::string_view text, const Node& name) const {
  std::vector<Quantity> found = matching(name.text, false);
  if (found.empty()) found = matching(without_blanks_at_commas(name.text), false);
  if (found.empty()) found = matching(name.text, true);
  if (found.size() == 1) return std::move(found.front());
  if (found.empty()) refuse(text, name);
  fail_at(text, name.at,
          fmt::format("'{}' may be {}: write one of these", shown(name.text),
                      list_of(names_of(found), most_listed)));
}

void Names::refuse(std::string_view text, const Node& name) const {
  const std::string variable = name.text.substr(0, name.text.find('['));
  if (is_derived(variable)) {
    const std::string effects = "r_" + variable.substr(5);
    const std::string same = effects + name.text.substr(variable.size());
    if (!matching(same, false).empty()) {
      fail_at(text, name.at,
              fmt::format("{} has the columns alone that b has, too: write '{}'", variable,
                          shown(same)));
    }
  }
  fail_at(text, name.at,
          fmt::format("no parameter is called '{}'; {}the variables are {}", shown(name.text),
                      hint(*this, name.text), list_of(variables())));
}

}  // namespace tarn::launcher::expressions
