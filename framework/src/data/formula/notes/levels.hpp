// Names of levels that people should look at.
#pragma once

#include <optional>
#include <span>
#include <string>

namespace tarn::formula {

/// `levels of g differ only in case, blanks or Unicode form: 'A' and 'a' ...`
std::optional<std::string> look_alikes(const std::string& factor,
                                       std::span<const std::string> levels);

/// A level that is named Total among others, which it may be the sum of.
std::optional<std::string> total_level(const std::string& factor,
                                       std::span<const std::string> levels);

}  // namespace tarn::formula
