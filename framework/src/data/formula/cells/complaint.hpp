// A column of text where numbers are needed: what its cells say, and what to type.
#pragma once

#include <optional>
#include <string>

#include "data/formula/cells/frame.hpp"
#include "tarn/table.hpp"

namespace tarn::formula {

/// `column 'x' holds numbers with decimal commas: line 17 says '3,14'`, or that it holds text.
std::string holds_text(const Column& column);

/// What makes numbers of such a column: `; read them with --decimal ,`. Empty for labels.
std::string numbers_by(const Column& column);

/// Why a covariate with these cells is no factor without a word: a sentence with what to type, or
/// nothing where they are labels. Of the rows used, which are all that a fit stores.
std::optional<std::string> no_plain_factor(const Column& column, const std::string& label,
                                           const Frame& frame);

}  // namespace tarn::formula
