// The arguments of a call, matched to names as R does.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/formula/language/node.hpp"

namespace tarn::formula {

class Call {
 public:
  /// Arguments with a name first, then the others in the order of `parameters`; those that are left
  /// go to `rest`, if the call has one. Throws InputError with a caret for what has no place.
  Call(const Node& node, std::string_view formula, std::vector<std::string> parameters,
       bool has_rest = false);

  /// nullptr: not given.
  const Node* given(std::string_view parameter) const;

  /// Throws InputError where it is not given.
  const Node& needed(std::string_view parameter) const;

  /// Arguments without a name that have no parameter, in their order.
  const std::vector<const Node*>& rest() const noexcept { return rest_; }

 private:
  const Node& node_;
  std::string_view formula_;
  std::vector<std::pair<std::string, const Node*>> given_;
  std::vector<const Node*> rest_;
};

}  // namespace tarn::formula
