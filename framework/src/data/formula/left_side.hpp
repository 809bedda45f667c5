// The response of a formula and what stands behind its bar.
#pragma once

#include <string_view>

#include "data/formula/build.hpp"
#include "tarn/family.hpp"

namespace tarn::formula {

/// `y | weights(w) + se(s) + trials(n)`: read into the rows and the design. Errors are InputError
/// with a caret, or with the row.
class LeftSide {
 public:
  LeftSide(const Parsed& formula, Built& built, DesignRows& rows, Scope& scope)
      : formula_(formula), built_(built), rows_(rows), scope_(scope) {}

  /// Rows of weight 0 are dropped.
  void read(ResponseKind kind);

  /// Over new rows, which may lack the response.
  void read_new();

  /// se() and trials().
  void read_parts();

 private:
  Expression two_values(const Node& response, const Column& column);
  void read_weights();
  template <class Test>
  void require(std::string_view name, const Expression& expression, std::string_view what,
               Test test) const;

  const Parsed& formula_;
  Built& built_;
  DesignRows& rows_;
  Scope& scope_;
};

}  // namespace tarn::formula
