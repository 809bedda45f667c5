// Texts of variable length, read from the file's bytes: libhdf5 believes the lengths that it finds
// in its global heap, and reads or writes beyond its memory where they are wrong.
#include "chains/global_heap.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <string_view>

#include <fmt/format.h>
#include <hdf5.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chains/checked.hpp"
#include "tarn/index.hpp"

namespace tarn::io::hdf5 {
namespace {

constexpr std::uint64_t undefined = ~std::uint64_t{0};

template <class Number>
Number number_at(const char* bytes) {
  Number number;  // the file is little-endian, as all machines that tarn runs on
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

[[noreturn]] void refuse() { throw Damaged("its labels or other texts cannot be found"); }

/// The bytes of a file. Not more of them are read than there are.
class Bytes {
 public:
  explicit Bytes(const H5::DataSet& dataset) {
    const hid_t file = H5Iget_file_id(dataset.getId());
    void* handle = nullptr;
    const hid_t made = H5Fget_create_plist(file);
    std::size_t address = 0, length = 0;
    hsize_t before = 0;
    const bool known = H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) >= 0 &&
                       H5Pget_sizes(made, &address, &length) >= 0 &&
                       H5Pget_userblock(made, &before) >= 0;
    H5Pclose(made);
    H5Fclose(file);
    if (!known || address != 8 || length != 8) refuse();
    descriptor_ = *static_cast<int*>(handle);
    base_ = before;
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) refuse();
    size_ = room_ = static_cast<std::uint64_t>(status.st_size);
  }

  std::uint64_t base() const { return base_; }

  std::string read(std::uint64_t place, std::uint64_t length) {
    if (place > size_ || length > size_ - place || length > room_) refuse();
    room_ -= length;
    std::string bytes(length, '\0');
    for (std::size_t done = 0; done < length;) {
      const ssize_t got = ::pread(descriptor_, bytes.data() + done, length - done,
                                  static_cast<off_t>(place + done));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) refuse();
      done += as_size(got);
    }
    return bytes;
  }

 private:
  int descriptor_ = -1;
  std::uint64_t base_ = 0, size_ = 0, room_ = 0;
};

/// A part of the heap: objects by their number.
struct Collection {
  std::string bytes;
  std::map<std::uint32_t, std::string_view> objects;

  Collection(Bytes& file, std::uint64_t place) {
    constexpr std::uint64_t head = 16;
    const std::string start = file.read(place, head);
    const auto length = number_at<std::uint64_t>(start.data() + 8);
    if (start.compare(0, 5, std::string_view("GCOL\1", 5)) != 0 || length < head) refuse();
    bytes = file.read(place, length);
    for (std::uint64_t at = head; at + head <= length;) {
      const auto index = number_at<std::uint16_t>(bytes.data() + at);
      const auto size = number_at<std::uint64_t>(bytes.data() + at + 8);
      if (index == 0) break;  // what is free, to the end
      if (size > length - at - head) refuse();
      objects.emplace(index, std::string_view(bytes).substr(at + head, size));
      at += head + (size + 7) / 8 * 8;
    }
  }
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;
};

}  // namespace

std::vector<std::string> texts_in_one_piece(const H5::DataSet& dataset) {
  constexpr std::uint64_t element = 16;  // length, address of the collection, number of the object
  const auto count = static_cast<std::uint64_t>(dataset.getSpace().getSimpleExtentNpoints());
  Bytes file(dataset);
  const std::string references = file.read(dataset.getOffset(), count * element);
  std::map<std::uint64_t, Collection> heap;
  std::vector<std::string> texts;
  texts.reserve(count);
  std::uint64_t room = references.size();
  for (std::uint64_t i = 0; i < count; ++i) {
    const char* const reference = references.data() + i * element;
    const auto length = number_at<std::uint32_t>(reference);
    const auto address = number_at<std::uint64_t>(reference + 4);
    if (length == 0 || address == 0 || address == undefined) {
      texts.emplace_back();
      continue;
    }
    const auto [collection, fresh] = heap.try_emplace(address, file, file.base() + address);
    if (fresh) room += collection->second.bytes.size();
    const auto object = collection->second.objects.find(number_at<std::uint32_t>(reference + 12));
    if (object == collection->second.objects.end() || object->second.size() < length ||
        length > room) {
      refuse();
    }
    room -= length;  // two that share an object are more than the file has
    const std::string_view text = object->second.substr(0, length);
    texts.emplace_back(text.substr(0, text.find('\0')));
  }
  return texts;
}

}  // namespace tarn::io::hdf5
