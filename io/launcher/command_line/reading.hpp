// How data files are read: options, and what of them a fit stores.
#pragma once

#include <nlohmann/json.hpp>

#include "command_line/arguments.hpp"
#include "tarn/io/table_reader.hpp"

namespace tarn::launcher {

/// The options that every command which reads data takes.
std::vector<Option> reading_options();

/// What they say. Throws UsageError for a value that cannot be.
io::TableOptions read_reading(const Arguments& arguments);

nlohmann::ordered_json to_json(const io::TableOptions& reading);

/// The missing codes of a fit, for new data.
io::MissingCodes missing_codes(const nlohmann::ordered_json& config);

}  // namespace tarn::launcher
