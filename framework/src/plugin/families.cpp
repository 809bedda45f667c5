// A family by its name, and whether a response can be of it.
#include <algorithm>

#include <fmt/format.h>

#include "base/guard.hpp"
#include "tarn/error.hpp"
#include "tarn/formula.hpp"
#include "tarn/registry.hpp"
#include "tarn/text.hpp"

namespace tarn {
namespace {

constexpr std::size_t rows_at_once = 4096;

struct Named {
  std::string name;
  std::string link;  // empty: the default
};

/// R's functions Gamma and Beta have a capital, so that other programs' families have it, too.
std::string as_ours(std::string_view name) {
  return name == "Gamma" ? "gamma" : name == "Beta" ? "beta" : std::string(name);
}

/// "poisson" or "poisson(log)".
Named read(std::string_view text) {
  const std::size_t open = text.find('(');
  if (open == std::string_view::npos) return {as_ours(text), ""};
  if (!text.ends_with(')') || open == 0) {
    throw UsageError(
        fmt::format("--family {}: a family is written as NAME or NAME(LINK)", shown(text)));
  }
  return {as_ours(text.substr(0, open)),
          std::string(text.substr(open + 1, text.size() - open - 2))};
}

Link link_of(const FamilyType& type, const std::string& name) {
  if (name.empty()) return type.links.front();
  std::vector<std::string> names;
  for (const Link link : type.links) names.emplace_back(to_string(link));
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw UsageError(fmt::format("family '{}' has no link '{}'; {}it has: {}", type.name,
                                 shown(name), did_you_mean(name, names), list_of(names)));
  }
  return type.links[as_size(found - names.begin())];
}

/// Whether it is one number, whose predictor has a link.
bool may_have_formula(const Block& block) {
  return block.axes.empty() &&
         (block.support == Support::positive || block.support == Support::unit_interval ||
          block.support == Support::real);
}

/// On the left of further formulas are parameters of the family.
void check_predictors(const Design& design, const std::string& family) {
  if (design.predictors.empty()) return;
  std::vector<std::string> names;
  for (const FamilyParameter& parameter : design.family->parameters(design)) {
    if (may_have_formula(parameter.block)) names.push_back(parameter.block.name);
  }
  for (const PredictorDesign& predictor : design.predictors) {
    if (std::ranges::find(names, predictor.parameter) != names.end()) continue;
    const std::string has =
        names.empty() ? fmt::format("it has none that may have a formula{}",
                                    design.known_errors ? ": its standard errors are known" : "")
                      : fmt::format("{}those that may have a formula: {}",
                                    did_you_mean(predictor.parameter, names), list_of(names));
    throw InputError(fmt::format("'{} ~ ...': family '{}' has no parameter '{}' to predict; {}",
                                 shown(predictor.parameter), family, shown(predictor.parameter),
                                 has));
  }
}

void check_rows(const Design& design, const std::string& name,
                std::span<const std::size_t> row_numbers) {
  // A normal response is any finite number, which the design has seen to.
  if (query<GaussianRows>(*design.family) != nullptr) return;
  for_each_block(*design.rows, rows_at_once, [&](const Rows& rows) {
    for (Eigen::Index i = 0; i < rows.y.size(); ++i) {
      const double trials = rows.trials.size() > 0 ? rows.trials[i] : 1;
      const auto reason = guarded("family", name, "refuses()",
                                  [&] { return design.family->refuses(rows.y[i], trials); });
      if (!reason) continue;
      throw InputError(fmt::format("row {}: {} is {}; {}", row_numbers[rows.first + as_size(i)],
                                   design.response, rows.y[i], *reason));
    }
  });
}

}  // namespace

std::shared_ptr<const Family> make_family(const Registry& registry, std::string_view text) {
  const Named wanted = read(text);
  const FamilyType& type = *registry.family(wanted.name).type;
  const Link link = link_of(type, wanted.link);
  return guarded("family", type.name, "its constructor", [&] { return type.make(link); });
}

ResponseKind response_kind(const Registry& registry, std::string_view text) {
  return registry.family(read(text).name).type->response;
}

void set_family(const Registry& registry, std::string_view text, FormulaOptions& options) {
  const FamilyType& type = *registry.family(read(text).name).type;
  options.response = type.response;
  options.intercept = type.intercept;
}

void set_family(const Registry& registry, std::string_view text, Design& design,
                std::span<const std::size_t> row_numbers) {
  const FamilyType& type = *registry.family(read(text).name).type;
  design.family_name = type.name;
  design.family = make_family(registry, text);
  check_predictors(design, type.name);
  std::vector<Takes> takes = type.takes;
  takes.push_back(Takes::gaps);  // a row is independent of the others given its predictor
  takes.push_back(Takes::group_centering);
  if (const auto reason = not_taken(takes, design)) {
    throw InputError(fmt::format("family '{}' cannot have this response: {}", type.name, *reason));
  }
  check_rows(design, type.name, row_numbers);
}

std::optional<std::string> needs_gaussian(const Design& design) {
  if (design.family_name == "gaussian") return std::nullopt;
  return fmt::format("it has a likelihood of its own, and takes no family '{}'",
                     design.family_name);
}

}  // namespace tarn
