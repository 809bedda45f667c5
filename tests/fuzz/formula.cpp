// Any text as a formula: refused in words, or printed as a text that means the same.
#include "data/formula/language/parser.hpp"
#include "data/formula/language/terms.hpp"
#include "data/formula/language/token.hpp"
#include "fuzzing.hpp"
#include "tarn/error.hpp"

namespace {

using tarn::formula::Node;

/// Numbers are printed with 15 digits, as R does.
bool same(const Node& a, const Node& b) {
  if (a.kind != b.kind || a.arguments.size() != b.arguments.size()) return false;
  if (a.kind == Node::Kind::number) {
    return tarn::formula::number_text(a.number) == tarn::formula::number_text(b.number);
  }
  if (a.text != b.text || a.argument_names != b.argument_names) return false;
  // Quotes that change nothing are not printed.
  const bool all_columns = a.is_name(".") && a.quoted != b.quoted;
  if (all_columns || tarn::formula::is_constant_name(a) != tarn::formula::is_constant_name(b)) {
    return false;
  }
  for (std::size_t i = 0; i < a.arguments.size(); ++i) {
    if (!same(a.arguments[i], b.arguments[i])) return false;
  }
  return true;
}

bool same(const std::optional<Node>& a, const std::optional<Node>& b) {
  return a.has_value() == b.has_value() && (!a || same(*a, *b));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace formula = tarn::formula;
  using tarn::fuzz::require;
  try {
    const formula::Parsed parsed = formula::parse(tarn::fuzz::text_of(data, size));
    const std::string text = formula::normalised(parsed);
    try {
      const formula::Parsed again = formula::parse(text);
      require(same(parsed.response, again.response) && same(parsed.weights, again.weights) &&
                  same(parsed.errors, again.errors) && same(parsed.trials, again.trials) &&
                  same(parsed.terms, again.terms),
              "a formula means the same once it is printed: " + text);
      tarn::fuzz::require_equal(text, formula::normalised(again), "printing twice changes nothing");
    } catch (const tarn::InputError& error) {
      require(false, "a formula that was printed can be read: " + text + "\n" + error.what());
    }
    const std::string others[] = {"x", "y", "z", "g"};
    const formula::Expanded expanded = formula::expand(parsed, others);
    formula::used_columns(formula::Formula{parsed, expanded});
    formula::right_columns(expanded);
    formula::grouping_columns(parsed);
  } catch (const tarn::InputError&) {
  }
  return 0;
}
