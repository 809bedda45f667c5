// The few things that HDF5's C++ library lacks: locks off, tracked order, scales, reasons of
// errors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <H5Cpp.h>

namespace tarn::io::hdf5 {

/// Throws H5::Exception where a call of the C library failed.
void check(herr_t status, const char* call);

/// While it lives, HDF5 prints nothing on this thread and the reason of the first error is kept:
/// HDF5's own, or a write that the system refused, of which HDF5 learns nothing.
class ErrorTrap {
 public:
  ErrorTrap();
  ~ErrorTrap();
  ErrorTrap(const ErrorTrap&) = delete;
  ErrorTrap& operator=(const ErrorTrap&) = delete;

  /// Throws H5::Exception where a write was refused. What was written after that is lost.
  void check() const;

  /// As if HDF5 had failed for this reason, or for an error of the system.
  [[noreturn]] void fail(const std::string& reason);
  [[noreturn]] void fail(int error);

  /// The operating system's words where it refused, else HDF5's own; never empty.
  std::string reason() const;

  /// The operating system's number of its refusal, else 0.
  int error() const noexcept { return error_; }

  /// Tells the innermost trap of this thread, if there is one, what the system refused.
  static void note(int error);

 private:
  static herr_t remember(hid_t stack, void* trap);

  ErrorTrap* outer_;
  H5E_auto2_t printer_ = nullptr;
  void* printer_data_ = nullptr;
  std::string reason_;
  int error_ = 0;
};

/// Bounds that HDF5 1.8 can read, and no file locks: readers may look while a run writes.
H5::FileAccPropList access();

/// Opens a file to be read, or one of our own to be written; nothing that it names is loaded.
H5::H5File open_file(const std::filesystem::path& path, unsigned flags = H5F_ACC_RDONLY);

/// A new file, which must not be there yet, or group; links and attributes remember their order.
/// ErrorTrap::check() says whether what was written is there.
H5::H5File create_file(const std::filesystem::path& path);
H5::Group create_group(const H5::H5File& file, const std::string& name);

/// Keeps the bytes up to `end` on the disk for a new file, which fills them later; where the file
/// system cannot, does nothing. The error number of a disk that is full, else 0.
int hold_space(const H5::H5File& file, double end, double from = 0);

/// What HDF5 has written is on the disk. 0 or an error number.
int sync(const H5::H5File& file);

/// A dataset of fixed extent whose space is taken and filled at once; chunked if `chunk` is not
/// empty. `fill` points to one value of `type`, or is null (zeros).
H5::DataSet create_dataset(const H5::Group& group, const std::string& name,
                           const H5::DataType& type, const std::vector<hsize_t>& extent,
                           const std::vector<hsize_t>& chunk = {}, const void* fill = nullptr);

/// The same, not filled: what was never written is undefined. `fill` is what readers are told.
H5::DataSet create_unfilled(const H5::Group& group, const std::string& name,
                            const H5::DataType& type, const std::vector<hsize_t>& extent,
                            const std::vector<hsize_t>& chunk = {}, const void* fill = nullptr);

/// Variable-length UTF-8, for data; attributes hold fixed-length text instead.
H5::StrType text_type();

void make_scale(const H5::DataSet& dataset, const std::string& name);
void attach_scale(const H5::DataSet& variable, const H5::DataSet& scale, unsigned axis);

std::vector<hsize_t> extent(const H5::DataSet& dataset);

/// At most 8 kB of text are stored.
void write_attribute(const H5::H5Object& object, const char* name, std::string_view text);
void write_attribute(const H5::H5Object& object, const char* name, std::int64_t number);

void write_texts(const H5::DataSet& dataset, const std::vector<std::string>& texts);

/// HDF5 clears a buffer of 1 MB for each dataset of text, which costs more than a few labels.
H5::DSetMemXferPropList small_buffer();

}  // namespace tarn::io::hdf5
