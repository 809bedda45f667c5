// Chain files whose run goes on, was stopped, or was killed: what their readers are told.
#pragma once

#include <filesystem>

#include "fits/load.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"

namespace tarn::launcher {

/// Says on standard error that draws are missing, or that a run has left or is writing
/// PATH.partial; and what to type to go on.
void say_if_unfinished(const std::filesystem::path& path, const io::ChainFile& file);
void say_if_unfinished(const LoadedFit& fit);

/// A file in which not every chain has a draw.
InputError no_draws_yet(const std::filesystem::path& path);

/// Whether `later` holds all that `earlier` does, and more draws of the same run were planned or
/// made: only then may it take its place. False where either cannot be read.
bool goes_on_from(const std::filesystem::path& earlier, const std::filesystem::path& later);

}  // namespace tarn::launcher
