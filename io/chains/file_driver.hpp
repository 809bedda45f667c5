// A file driver for HDF5 that hides failed writes from it and reports them to the writer.
#pragma once

#include <H5Cpp.h>

namespace tarn::io::hdf5 {

/// What a property list of file access names. libhdf5 does not survive a write that fails: closing
/// fails, too, and the process may crash when it ends. So from the first refusal on, what it still
/// writes is kept in memory and it is told that all is well, the file stays as it is, and the
/// ErrorTrap of this thread is told the truth. A file that is opened twice is two files to HDF5,
/// each with buffers of its own, as in two processes.
hid_t driver();

/// The descriptor of an open file.
int descriptor_of(const H5::H5File& file);

}  // namespace tarn::io::hdf5
