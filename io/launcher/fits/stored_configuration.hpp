// What a chain file says of its run, which may have been written by anybody.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tarn/io/chain_store.hpp"

namespace tarn::launcher {

/// The text of a configuration. Throws DamagedFile, which names the file, where it is no JSON or
/// holds values of other types than tarn writes.
nlohmann::ordered_json configuration_in(const std::string& text, const std::filesystem::path& path);

/// The configuration of the run. Throws DamagedFile, too, where it is not the one that was
/// stored.
nlohmann::ordered_json stored_configuration(const io::ChainFile& file,
                                            const std::filesystem::path& path);

/// The formulas of the run, the response's first.
std::vector<std::string> stored_formulas(const nlohmann::ordered_json& config);

/// The seed of the run, 1 where there is none. Throws DamagedFile.
std::uint64_t stored_seed(const io::ChainFile& file, const std::filesystem::path& path);

}  // namespace tarn::launcher
