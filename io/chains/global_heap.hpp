// Texts of variable length, read from the file's bytes: libhdf5 believes the lengths that it finds
// in its global heap, and reads or writes beyond its memory where they are wrong.
#pragma once

#include <string>
#include <vector>

#include <H5Cpp.h>

namespace tarn::io::hdf5 {

/// All texts of a dataset that is in one piece. Together they are not more than the file has bytes.
/// Throws Damaged.
std::vector<std::string> texts_in_one_piece(const H5::DataSet& dataset);

}  // namespace tarn::io::hdf5
