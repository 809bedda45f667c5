// Matches the arguments of a call to names.
#include "data/formula/values/call.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "data/formula/language/token.hpp"
#include "tarn/text.hpp"

namespace tarn::formula {

Call::Call(const Node& node, std::string_view formula, std::vector<std::string> parameters,
           bool has_rest)
    : node_(node), formula_(formula) {
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    const std::string& name = node.argument_names[i];
    if (name.empty()) continue;
    if (std::ranges::find(parameters, name) == parameters.end()) {
      fail_at(formula, node.arguments[i].at,
              fmt::format("{}() has no argument '{}'; {}it takes {}", node.text, name,
                          did_you_mean(name, parameters), list_of(parameters)));
    }
    if (given(name) != nullptr) {
      fail_at(formula, node.arguments[i].at,
              fmt::format("the argument '{}' of {}() stands twice", name, node.text));
    }
    given_.emplace_back(name, &node.arguments[i]);
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < node.arguments.size(); ++i) {
    if (!node.argument_names[i].empty()) continue;
    while (!has_rest && next < parameters.size() && given(parameters[next]) != nullptr) ++next;
    if (has_rest) {
      rest_.push_back(&node.arguments[i]);
    } else if (next == parameters.size()) {
      fail_at(formula, node.arguments[i].at, fmt::format("{}() has too many arguments", node.text));
    } else {
      given_.emplace_back(parameters[next++], &node.arguments[i]);
    }
  }
}

const Node* Call::given(std::string_view parameter) const {
  for (const auto& [name, argument] : given_) {
    if (name == parameter) return argument;
  }
  return nullptr;
}

const Node& Call::needed(std::string_view parameter) const {
  if (const Node* const argument = given(parameter)) return *argument;
  fail_at(formula_, node_.at, fmt::format("{}() needs the argument '{}'", node_.text, parameter));
}

}  // namespace tarn::formula
