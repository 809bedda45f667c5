// Any text as an expression of parameters: refused in words, or finite numbers in every draw.
#include <cmath>
#include <string>

#include "expressions/evaluate.hpp"
#include "expressions/pattern.hpp"
#include "fuzzing.hpp"
#include "run/draws_view.hpp"
#include "tarn/error.hpp"

namespace {

using namespace tarn;
using namespace tarn::launcher::expressions;

Layout make_layout() {
  const Axis term{"g_term", {"Intercept", "Days"}};
  Layout layout;
  layout.add({.name = "b", .axes = {{"coefficient", {"Intercept", "Days", "log(x)", "x:w"}}}});
  layout.add({.name = "sigma", .support = Support::positive});
  layout.add({.name = "sd_g", .axes = {term}, .support = Support::positive});
  layout.add({.name = "r_g", .axes = {{"g", {"a", "b, c", "d]"}}, term}});
  return layout;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tarn::fuzz::require;
  static const Layout layout = make_layout();
  static const Matrix values = Matrix::NullaryExpr(
      static_cast<Eigen::Index>(layout.size()), 5,
      [](Eigen::Index i, Eigen::Index k) { return 0.5 * static_cast<double>(i - 3 * k); });
  static const Names names(layout);
  const std::string text(tarn::fuzz::text_of(data, size));
  hint(names, text);
  try {
    const Expression expression(text, names);
    const DrawsView draws(layout, {{values.data(), values.rows(), values.cols()}});
    const Vector result = expression.values(draws);
    require(result.allFinite(), "every draw has a value");
    if (!expression.is_condition()) return 0;
    require(((result.array() == 0) || (result.array() == 1)).all(), "a condition is true or false");
    if (expression.is_comparison()) {
      require(!expression.difference_text().empty(), "a difference has a name");
      expression.difference(draws);
    }
  } catch (const tarn::Error&) {
  }
  return 0;
}
