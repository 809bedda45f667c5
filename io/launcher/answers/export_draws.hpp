// Draws as text for other programs.
#pragma once

#include <string>
#include <vector>

#include "answers/selection.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::launcher {

/// CSV with a line for each draw: `.chain`, `.iteration`, `.draw` (from 1, as in tidybayes and
/// posterior), then the quantities under their names.
std::string tidy_csv(const Quantities& chosen, const Draws& draws);

/// The same as a JSON object: `columns` by name, each an array over the draws.
std::string tidy_json(const Quantities& chosen, const io::ChainFile& file, const std::string& name);

/// One chain as CmdStan writes it: a header of comments, names numbered (`b.1`) with what they are
/// called in comments, `lp__` first.
std::string cmdstan_csv(const Quantities& chosen, const io::ChainFile& file, std::size_t chain);

}  // namespace tarn::launcher
