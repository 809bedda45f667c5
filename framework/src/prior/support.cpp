// Which densities a parameter may have.
#include "prior/support.hpp"

#include <fmt/format.h>

#include "prior/density_table.hpp"

namespace tarn {
namespace {

/// "half_normal, exponential or uniform".
std::string choice_of(Support support) {
  const std::vector<std::string> names = density_names(support);
  std::string text;
  for (std::size_t k = 0; k < names.size(); ++k) {
    text += (k == 0 ? "" : k + 1 == names.size() ? " or " : ", ") + names[k];
  }
  return text;
}

bool is_block(Support support) {
  return support == Support::simplex || support == Support::correlation ||
         support == Support::covariance;
}

}  // namespace

std::optional<std::string> misfit(const Parameter& parameter, const Density& density) {
  const std::string& key = parameter.keys.front();
  if (density.scales_with_sigma()) {
    if (parameter.scalable) return std::nullopt;
    return fmt::format(
        "scaled_normal is for coefficients of models with a sigma; '{}' takes another density",
        key);
  }
  if (!density.of_number() || (is_block(parameter.support) && density.proper())) {
    if (density.support() != parameter.support) {
      return fmt::format("{} is a density of {}, but '{}' is {}", density.text(),
                         to_string(density.support()), key, to_string(parameter.support));
    }
    const std::string why =
        parameter.elements > 0 ? density.misfit(as_index(parameter.elements)) : "";
    if (why.empty()) return std::nullopt;
    return fmt::format("{} of '{}'", why, key);
  }
  if (!density.proper()) return std::nullopt;
  switch (parameter.support) {
    case Support::positive:
      if (density.lower() >= 0) return std::nullopt;
      return fmt::format("{} reaches below zero, where '{}' cannot be; use {}", density.text(), key,
                         choice_of(parameter.support));
    case Support::unit_interval:
      if (density.lower() >= 0 && density.upper() <= 1) return std::nullopt;
      return fmt::format("{} reaches beyond 0 and 1, between which '{}' lies; use {}",
                         density.text(), key, choice_of(parameter.support));
    case Support::minus_one_to_one:
      if (density.lower() >= -1 && density.upper() <= 1) return std::nullopt;
      return fmt::format("{} reaches beyond -1 and 1, between which '{}' lies; use {}",
                         density.text(), key, choice_of(parameter.support));
    default:
      return std::nullopt;
  }
}

}  // namespace tarn
