// The data of a fit in its chain file: observed_data and constant_data.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <H5Cpp.h>

#include "tarn/io/chain_store.hpp"

namespace tarn::io {

double bytes_of(const FitData& data);

/// SHA-256 of rows, names, numbers, codes and levels.
std::string digest_of(const FitData& data);

/// Makes both groups; `describe` gives each of them the attributes of its origin. Throws
/// H5::Exception.
void write_fit_data(const H5::H5File& file, const FitData& data,
                    const std::function<void(const H5::Group&)>& describe);

/// The second of them alone, under another name.
void write_constant_data(const H5::H5File& file, const char* name, const FitData& data,
                         const std::function<void(const H5::Group&)>& describe);

/// A scale of rows by their numbers in the data, from 1.
H5::DataSet create_row_scale(const H5::Group& group, const std::string& name,
                             const std::vector<std::size_t>& row_numbers);

/// Nothing where the file has no such groups. Throws H5::Exception, such as Damaged where they are
/// not what the format says, or not what tarn_rows_sha256 says.
std::optional<FitData> read_fit_data(const H5::H5File& file);

}  // namespace tarn::io
