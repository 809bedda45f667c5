// Names of parameters as the summary prints them, and what they stand for in a draw.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "expressions/node.hpp"
#include "tarn/layout.hpp"

namespace tarn::launcher::expressions {

/// One number of a draw.
struct Element {
  std::size_t block;
  std::size_t element;
};

/// A quantity: one number of a draw, or two that are added (`coef_g` is b + r_g).
struct Quantity {
  std::string name;  // whole: b[Days], where Days was written
  std::vector<Element> sum;
};

/// The variables of a layout, and `coef_<g>` for each `r_<g>` that shares a column with b. The
/// layout must outlive it.
class Names {
 public:
  explicit Names(const Layout& layout);

  /// What a name of an expression stands for: an element (`b[Days]`), a variable of one number
  /// (`sigma`), labels whose rest is the only one (`r_county[AITKIN]`), or a label alone that only
  /// one element has (`Days`). Throws UsageError with a caret and the nearest names, or the
  /// candidates where there are several.
  Quantity find(std::string_view text, const Node& name) const;

  /// All elements of a variable, `coef_<g>` too; none where there is no such variable.
  std::vector<Quantity> of_variable(std::string_view variable) const;

  /// Of all variables, derived ones last; `internal`: those too that are shown on request only.
  std::vector<std::string> variables(bool internal = false) const;

  /// Whether a variable is made here.
  bool is_derived(std::string_view variable) const;

  /// Every whole name, but for internal ones.
  std::vector<std::string> all() const;

 private:
  struct Variable {
    std::string name;
    std::size_t block;        // r_<g> of a derived one
    bool is_sum = false;      // coef_<g>
    std::size_t means = 0;    // the block b of these
    std::vector<int> shared;  // of each column of r_<g>: its element of b, -1 where there is none
  };
  void visit(const Variable& variable, auto&& each) const;
  std::vector<Quantity> matching(std::string_view name, bool by_label) const;
  [[noreturn]] void refuse(std::string_view text, const Node& name) const;

  const Layout& layout_;
  std::vector<Variable> variables_;
};

}  // namespace tarn::launcher::expressions
