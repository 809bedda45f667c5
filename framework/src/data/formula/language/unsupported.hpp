// Functions of R, mgcv and brms that tarn does not have, each with what to write instead.
#pragma once

#include <string>
#include <string_view>

namespace tarn::formula {

/// A sentence for a function that no formula can call; empty for all others.
std::string unsupported_function(std::string_view name);

/// The same for what brms has after the response's bar: `y | cens(c)`.
std::string unsupported_addition(std::string_view name);

}  // namespace tarn::formula
