// The few things that HDF5's C++ library lacks: locks off, tracked order, scales, reasons of
// errors.
#include "chains/hdf5.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <hdf5.h>
#include <hdf5_hl.h>
#include <unistd.h>

#include "chains/file_driver.hpp"
#include "files/failures.hpp"
#include "tarn/index.hpp"

namespace tarn::io::hdf5 {

void check(herr_t status, const char* call) {
  if (status < 0) throw H5::Exception(call, "HDF5 refused");
}

namespace {

constexpr unsigned tracked = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;

/// From `..., errno = 28, error message = 'No space left on device', ...`: 28, else 0.
int system_error(std::string_view description) {
  constexpr std::string_view key = "errno = ";
  const std::size_t start = description.find(key);
  int error = 0;
  if (start != std::string_view::npos) {
    std::from_chars(description.data() + start + key.size(),
                    description.data() + description.size(), error);
  }
  return error;
}

/// The innermost of this thread.
thread_local ErrorTrap* innermost = nullptr;

}  // namespace

ErrorTrap::ErrorTrap() : outer_(std::exchange(innermost, this)) {
  H5::Exception::getAutoPrint(printer_, &printer_data_);
  if (printer_ != &ErrorTrap::remember) printer_ = nullptr;  // HDF5 never speaks to the user itself
  H5E_auto2_t keep = &ErrorTrap::remember;
  H5::Exception::setAutoPrint(keep, this);
}

ErrorTrap::~ErrorTrap() {
  innermost = outer_;
  H5Eset_auto2(H5E_DEFAULT, printer_, printer_data_);  // the C++ call throws
}

void ErrorTrap::note(int error) {
  if (innermost == nullptr || innermost->error_ != 0) return;
  innermost->error_ = error;
  innermost->reason_ = words(error);
}

void ErrorTrap::check() const {
  if (error_ != 0) throw H5::Exception("tarn", reason_);
}

void ErrorTrap::fail(const std::string& reason) {
  if (reason_.empty()) reason_ = reason;
  throw H5::Exception("tarn", reason_);
}

void ErrorTrap::fail(int error) {
  error_ = error;
  fail(words(error));
}

herr_t ErrorTrap::remember(hid_t stack, void* trap) {
  auto& self = *static_cast<ErrorTrap*>(trap);
  if (!self.reason_.empty()) return 0;
  const auto innermost_first = [](unsigned depth, const H5E_error2_t* error, void* of) -> herr_t {
    auto& found = *static_cast<ErrorTrap*>(of);
    const std::string_view description = error->desc != nullptr ? error->desc : "";
    if (const int refused = system_error(description)) {
      found.error_ = refused;
      found.reason_ = words(refused);
    } else if (depth == 0) {
      found.reason_ = description;
    }
    return 0;
  };
  return H5Ewalk2(stack, H5E_WALK_UPWARD, innermost_first, trap);
}

std::string ErrorTrap::reason() const {
  return reason_.empty() ? "the HDF5 library gave no reason" : reason_;
}

H5::FileAccPropList access() {
  H5::FileAccPropList list;
  list.setLibverBounds(H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
  check(H5Pset_driver(list.getId(), driver(), nullptr), "H5Pset_driver");
  // Numbers lie at multiples of their length, so that none is half in a block that was written and
  // half in one that was not.
  list.setAlignment(sizeof(double), sizeof(double));
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
  check(H5Pset_file_locking(list.getId(), false, true), "H5Pset_file_locking");
#else
  setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
#endif
  return list;
}

H5::H5File create_file(const std::filesystem::path& path) {
  H5::FileCreatPropList list;
  check(H5Pset_link_creation_order(list.getId(), tracked), "H5Pset_link_creation_order");
  check(H5Pset_attr_creation_order(list.getId(), tracked), "H5Pset_attr_creation_order");
  return H5::H5File(path.string(), H5F_ACC_EXCL, list, access());
}

H5::H5File open_file(const std::filesystem::path& path, unsigned flags) {
  check(H5PLset_loading_state(0), "H5PLset_loading_state");
  return H5::H5File(path.string(), flags, H5::FileCreatPropList::DEFAULT, access());
}

H5::Group create_group(const H5::H5File& file, const std::string& name) {
  const H5::PropList list(H5P_GROUP_CREATE);
  check(H5Pset_link_creation_order(list.getId(), tracked), "H5Pset_link_creation_order");
  check(H5Pset_attr_creation_order(list.getId(), tracked), "H5Pset_attr_creation_order");
  const hid_t id = H5Gcreate2(file.getId(), name.c_str(), H5P_DEFAULT, list.getId(), H5P_DEFAULT);
  check(id < 0 ? -1 : 0, "H5Gcreate2");
  H5::Group group(id);  // counts one reference more
  H5Idec_ref(id);
  return group;
}

int hold_space(const H5::H5File& file, double end, double from) {
  if (end <= from) return 0;
  const int status = ::fallocate(descriptor_of(file), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                                 static_cast<off_t>(end - from));
  return status != 0 && (errno == ENOSPC || errno == EDQUOT) ? errno : 0;
}

int sync(const H5::H5File& file) { return ::fdatasync(descriptor_of(file)) == 0 ? 0 : errno; }

namespace {

H5::DataSet create(const H5::Group& group, const std::string& name, const H5::DataType& type,
                   const std::vector<hsize_t>& extent, const std::vector<hsize_t>& chunk,
                   const void* fill, H5D_fill_time_t fill_time) {
  H5::DSetCreatPropList list;
  list.setAttrCrtOrder(tracked);
  check(H5Pset_obj_track_times(list.getId(), false), "H5Pset_obj_track_times");
  list.setAllocTime(H5D_ALLOC_TIME_EARLY);
  list.setFillTime(fill_time);
  if (!chunk.empty()) list.setChunk(static_cast<int>(chunk.size()), chunk.data());
  if (fill != nullptr) list.setFillValue(type, fill);
  const H5::DataSpace space = extent.empty()
                                  ? H5::DataSpace(H5S_SCALAR)
                                  : H5::DataSpace(static_cast<int>(extent.size()), extent.data());
  return group.createDataSet(name, type, space, list);
}

}  // namespace

H5::DataSet create_dataset(const H5::Group& group, const std::string& name,
                           const H5::DataType& type, const std::vector<hsize_t>& extent,
                           const std::vector<hsize_t>& chunk, const void* fill) {
  return create(group, name, type, extent, chunk, fill, H5D_FILL_TIME_ALLOC);
}

H5::DataSet create_unfilled(const H5::Group& group, const std::string& name,
                            const H5::DataType& type, const std::vector<hsize_t>& extent,
                            const std::vector<hsize_t>& chunk, const void* fill) {
  return create(group, name, type, extent, chunk, fill, H5D_FILL_TIME_NEVER);
}

H5::StrType text_type() {
  H5::StrType type(H5::PredType::C_S1, H5T_VARIABLE);
  type.setCset(H5T_CSET_UTF8);
  return type;
}

void make_scale(const H5::DataSet& dataset, const std::string& name) {
  check(H5DSset_scale(dataset.getId(), name.c_str()), "H5DSset_scale");
}

void attach_scale(const H5::DataSet& variable, const H5::DataSet& scale, unsigned axis) {
  check(H5DSattach_scale(variable.getId(), scale.getId(), axis), "H5DSattach_scale");
}

std::vector<hsize_t> extent(const H5::DataSet& dataset) {
  const H5::DataSpace space = dataset.getSpace();
  std::vector<hsize_t> lengths(as_size(space.getSimpleExtentNdims()));
  if (!lengths.empty()) space.getSimpleExtentDims(lengths.data());
  return lengths;
}

void write_attribute(const H5::H5Object& object, const char* name, std::string_view text) {
  constexpr std::size_t most = 8000;
  if (text.size() > most) {
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);  // between two characters
  }
  H5::StrType type(H5::PredType::C_S1, text.size() + 1);
  type.setCset(H5T_CSET_UTF8);
  object.createAttribute(name, type, H5::DataSpace(H5S_SCALAR)).write(type, std::string(text));
}

void write_attribute(const H5::H5Object& object, const char* name, std::int64_t number) {
  const hsize_t one = 1;
  object.createAttribute(name, H5::PredType::STD_I64LE, H5::DataSpace(1, &one))
      .write(H5::PredType::NATIVE_INT64, &number);
}

H5::DSetMemXferPropList small_buffer() {
  H5::DSetMemXferPropList list;
  list.setBuffer(std::size_t{16} << 10, nullptr, nullptr);
  return list;
}

void write_texts(const H5::DataSet& dataset, const std::vector<std::string>& texts) {
  std::vector<const char*> starts;
  starts.reserve(texts.size());
  for (const std::string& text : texts) starts.push_back(text.c_str());
  dataset.write(starts.data(), text_type(), H5::DataSpace::ALL, H5::DataSpace::ALL, small_buffer());
}

}  // namespace tarn::io::hdf5
