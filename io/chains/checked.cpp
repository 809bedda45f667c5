// What is read from files that anybody may have made: kinds, ranks and sizes are checked first.
#include "chains/checked.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <hdf5.h>

#include "chains/global_heap.hpp"
#include "tarn/index.hpp"

namespace tarn::io::hdf5 {
namespace {

/// `'b' in posterior`
std::string name_of(const H5::DataSet& dataset) {
  const std::string path = dataset.getObjName();
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos || slash == 0) return fmt::format("'{}'", path.substr(slash + 1));
  return fmt::format("'{}' in {}", path.substr(slash + 1), path.substr(1, slash - 1));
}

haddr_t address(hid_t object) {
  H5O_info_t info;
  check(H5Oget_info2(object, &info, H5O_INFO_BASIC), "H5Oget_info2");
  return info.addr;
}

bool hard_link_to(const H5::Group& group, const std::string& name, H5O_type_t type) {
  if (H5Lexists(group.getId(), name.c_str(), H5P_DEFAULT) <= 0) return false;
  H5L_info_t link;
  check(H5Lget_info(group.getId(), name.c_str(), &link, H5P_DEFAULT), "H5Lget_info");
  if (link.type != H5L_TYPE_HARD) return false;
  H5O_info_t info;
  check(H5Oget_info_by_name2(group.getId(), name.c_str(), &info, H5O_INFO_BASIC, H5P_DEFAULT),
        "H5Oget_info_by_name2");
  return info.type == type;
}

hsize_t file_bytes(const H5::DataSet& dataset) {
  hsize_t bytes = 0;
  const hid_t file = H5Iget_file_id(dataset.getId());
  const herr_t status = H5Fget_filesize(file, &bytes);
  H5Fclose(file);
  check(status, "H5Fget_filesize");
  return bytes;
}

constexpr std::size_t most_attribute = 8192;

/// The most that deflate, the only filter that makes less of numbers, can shrink them.
constexpr double most_deflated = 1032;

/// How many times the values may be larger than what is stored of them.
double expansion(const H5::DataSet& dataset, const H5::DSetCreatPropList& made) {
  double most = 1;
  for (int i = 0; i < made.getNfilters(); ++i) {
    unsigned flags = 0, configuration = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter = H5Pget_filter2(made.getId(), static_cast<unsigned>(i), &flags,
                                               &values, nullptr, 0, nullptr, &configuration);
    if (filter == H5Z_FILTER_DEFLATE) {
      most = most_deflated;
    } else if (filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32) {
      throw Damaged(fmt::format("{} is packed by a filter that chain files do not have (number {})",
                                name_of(dataset), static_cast<int>(filter)));
    }
  }
  return most;
}

/// The values that a dataset claims must be in this file: what is made up of fill values, or lies
/// in other files, has no end.
void check_held(const H5::DataSet& dataset) {
  const H5::DSetCreatPropList made = dataset.getCreatePlist();
  const H5D_layout_t layout = made.getLayout();
  const bool elsewhere = layout != H5D_COMPACT && layout != H5D_CONTIGUOUS && layout != H5D_CHUNKED;
  if (elsewhere || made.getExternalCount() > 0) {
    throw Damaged(fmt::format("{} keeps its values in another file", name_of(dataset)));
  }
  double claimed = static_cast<double>(dataset.getDataType().getSize());
  for (const hsize_t length : extent(dataset)) claimed *= static_cast<double>(length);
  const auto held = static_cast<double>(std::min(dataset.getStorageSize(), file_bytes(dataset)));
  if (claimed > held * expansion(dataset, made)) {
    throw Damaged(
        fmt::format("{} says that it has more values than the file holds of it", name_of(dataset)));
  }
}

template <class Number>
std::vector<Number> read_numbers(const H5::DataSet& dataset, std::optional<hsize_t> length,
                                 const H5::PredType& type) {
  const H5T_class_t kind = dataset.getTypeClass();
  if (kind != H5T_INTEGER && (kind != H5T_FLOAT || std::is_integral_v<Number>)) {
    throw Damaged(fmt::format("{} does not hold {}", name_of(dataset),
                              std::is_integral_v<Number> ? "whole numbers" : "numbers"));
  }
  const std::vector<hsize_t> lengths = extent(dataset);
  if (lengths.size() != 1 || (length && lengths[0] != *length)) {
    throw Damaged(fmt::format("{} has not one dimension{}", name_of(dataset),
                              length ? fmt::format(" of length {}", *length) : ""));
  }
  std::vector<Number> values(lengths[0]);
  dataset.read(values.data(), type);
  return values;
}

/// What HDF5 makes of texts: a limit to all together, and one place to give them back from.
struct TextStore {
  std::size_t room;
  std::vector<std::unique_ptr<char[]>> texts;

  static void* take(std::size_t size, void* store) {
    auto& self = *static_cast<TextStore*>(store);
    if (size > self.room) return nullptr;
    self.room -= size;
    return self.texts.emplace_back(new char[size]).get();
  }
  static void give_back(void*, void*) {}  // with the store
};

}  // namespace

std::string reason_of(const H5::Exception& error, const ErrorTrap& trap) {
  if (const auto* damaged = dynamic_cast<const Damaged*>(&error)) return damaged->getDetailMsg();
  return trap.reason();
}

std::vector<std::string> links(const H5::Group& group) {
  const H5::Group itself = group.openGroup(".");  // a file is no group to the next call
  const hid_t id = H5Gget_create_plist(itself.getId());
  const H5::PropList list(id);  // its own copy
  H5Pclose(id);
  unsigned order = 0;
  check(H5Pget_link_creation_order(list.getId(), &order), "H5Pget_link_creation_order");
  const H5_index_t index = (order & H5P_CRT_ORDER_TRACKED) ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  // One by one: libhdf5's own iterators crash where a bit is wrong.
  H5G_info_t all;
  check(H5Gget_info(itself.getId(), &all), "H5Gget_info");
  std::vector<std::string> names;
  for (hsize_t i = 0; i < all.nlinks; ++i) {
    H5L_info_t link;
    check(H5Lget_info_by_idx(itself.getId(), ".", index, H5_ITER_INC, i, &link, H5P_DEFAULT),
          "H5Lget_info_by_idx");
    if (link.type != H5L_TYPE_HARD) continue;
    const ssize_t length =
        H5Lget_name_by_idx(itself.getId(), ".", index, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
    check(length < 0 ? -1 : 0, "H5Lget_name_by_idx");
    std::string name(as_size(length), '\0');
    check(H5Lget_name_by_idx(itself.getId(), ".", index, H5_ITER_INC, i, name.data(),
                             name.size() + 1, H5P_DEFAULT) < 0
              ? -1
              : 0,
          "H5Lget_name_by_idx");
    names.push_back(std::move(name));
  }
  return names;
}

bool is_group(const H5::Group& parent, const std::string& name) {
  return hard_link_to(parent, name, H5O_TYPE_GROUP);
}

bool is_dataset(const H5::Group& group, const std::string& name) {
  return hard_link_to(group, name, H5O_TYPE_DATASET);
}

H5::DataSet open_dataset(const H5::Group& group, const std::string& name) {
  if (!is_dataset(group, name)) {
    throw Damaged(
        fmt::format("there is no dataset '{}' in its group {}", name, group.getObjName()));
  }
  H5::DataSet dataset = group.openDataSet(name);
  check_held(dataset);
  return dataset;
}

std::vector<double> read_reals(const H5::DataSet& dataset, std::optional<hsize_t> length) {
  return read_numbers<double>(dataset, length, H5::PredType::NATIVE_DOUBLE);
}

std::vector<std::int64_t> read_integers(const H5::DataSet& dataset, std::optional<hsize_t> length) {
  return read_numbers<std::int64_t>(dataset, length, H5::PredType::NATIVE_INT64);
}

std::vector<std::string> read_texts(const H5::DataSet& dataset) {
  if (dataset.getTypeClass() != H5T_STRING || extent(dataset).size() > 1) {
    throw Damaged(fmt::format("{} is no list of texts", name_of(dataset)));
  }
  if (dataset.getStrType().isVariableStr() &&
      dataset.getCreatePlist().getLayout() == H5D_CONTIGUOUS) {
    return texts_in_one_piece(dataset);
  }
  const H5::DataSpace space = dataset.getSpace();
  const auto count = as_size(space.getSimpleExtentNpoints());
  TextStore store{file_bytes(dataset) + count, {}};
  H5::DSetMemXferPropList list = small_buffer();
  check(
      H5Pset_vlen_mem_manager(list.getId(), TextStore::take, &store, TextStore::give_back, &store),
      "H5Pset_vlen_mem_manager");
  std::vector<char*> starts(count, nullptr);
  dataset.read(starts.data(), text_type(), H5::DataSpace::ALL, H5::DataSpace::ALL, list);
  std::vector<std::string> texts;
  texts.reserve(count);
  for (const char* start : starts) texts.emplace_back(start != nullptr ? start : "");
  return texts;
}

std::string attribute_text(const H5::H5Object& object, const std::string& name) {
  if (!object.attrExists(name)) return "";
  const H5::Attribute attribute = object.openAttribute(name);
  if (attribute.getSpace().getSimpleExtentNpoints() != 1) return "";
  switch (attribute.getTypeClass()) {
    case H5T_STRING: {
      // libhdf5 would follow its place in the file's heap without end where that is damaged.
      if (attribute.getStrType().isVariableStr()) {
        throw Damaged(fmt::format(
            "its attribute {} is text of variable length, which chain files do not have; store it "
            "with a fixed length (in h5py as numpy.bytes_)",
            name));
      }
      std::string text;
      attribute.read(attribute.getStrType(), text);
      text.resize(std::min(text.size(), text.find('\0')));
      if (text.size() > most_attribute) {
        throw Damaged(fmt::format("its attribute {} is longer than 8 kB", name));
      }
      return text;
    }
    case H5T_INTEGER: {
      std::int64_t number = 0;
      attribute.read(H5::PredType::NATIVE_INT64, &number);
      return std::to_string(number);
    }
    default:
      return "";
  }
}

bool is_scale(const H5::DataSet& dataset) {
  return attribute_text(dataset, "CLASS") == "DIMENSION_SCALE";
}

void Scales::add(const H5::DataSet& scale, const std::string& name) {
  // From the scale to the variables: the list from a variable to its scales, DIMENSION_LIST, is of
  // variable length, where libhdf5 believes what it finds.
  constexpr const char* list_name = "REFERENCE_LIST";
  if (!scale.attrExists(list_name)) return;
  const H5::Attribute list = scale.openAttribute(list_name);
  if (list.getTypeClass() != H5T_COMPOUND) {
    throw Damaged(fmt::format("{} does not say where it belongs", name_of(scale)));
  }
  struct Use {
    hobj_ref_t variable;  // the address of what it refers to; nothing is opened
    int axis;
  };
  H5::CompType type(sizeof(Use));
  type.insertMember("dataset", HOFFSET(Use, variable), H5::PredType::STD_REF_OBJ);
  type.insertMember("dimension", HOFFSET(Use, axis), H5::PredType::NATIVE_INT);
  std::vector<Use> uses(as_size(list.getSpace().getSimpleExtentNpoints()), Use{HADDR_UNDEF, -1});
  list.read(type, uses.data());
  for (const Use& use : uses) names_.emplace(std::pair(use.variable, use.axis), name);
}

std::vector<std::string> Scales::on(const H5::DataSet& variable) const {
  std::vector<std::string> names(extent(variable).size());
  const haddr_t place = address(variable.getId());
  for (std::size_t axis = 0; axis < names.size(); ++axis) {
    const auto known = names_.find({place, static_cast<int>(axis)});
    if (known != names_.end()) names[axis] = known->second;
  }
  return names;
}

}  // namespace tarn::io::hdf5
