// How HDF5 reaches files that are written: what the system refuses it never sees.
#pragma once

#include <H5Cpp.h>

namespace tarn::io::hdf5 {

/// What a property list of file access names to open a file for writing. libhdf5 does not survive a
/// write that fails: closing fails, too, and the process may crash when it ends. So from the first
/// refusal on, what it still writes is kept in memory and it is told that all is well, the file
/// stays as it is, and the ErrorTrap of this thread is told the truth.
hid_t writing_driver();

/// The descriptor of an open file.
int descriptor_of(const H5::H5File& file);

}  // namespace tarn::io::hdf5
