// What is read from files that anybody may have made: kinds, ranks and sizes are checked first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "chains/hdf5.hpp"

namespace tarn::io::hdf5 {

/// The file is not what the format says; the detail is a clause, such as `'b' in posterior holds
/// text where numbers belong`.
class Damaged : public H5::Exception {
 public:
  explicit Damaged(const std::string& how) : H5::Exception("tarn", how) {}
};

/// Why reading failed: the clause of Damaged, or what HDF5 gave as its reason.
std::string reason_of(const H5::Exception& error, const ErrorTrap& trap);

/// Names of a group's hard links, in the order of their creation where that was tracked. Others,
/// which may lead out of the file or in circles, are left out.
std::vector<std::string> links(const H5::Group& group);

bool is_group(const H5::Group& parent, const std::string& name);
bool is_dataset(const H5::Group& group, const std::string& name);

/// A dataset behind a hard link, whose values lie in this file and are as many as it says. Throws
/// Damaged.
H5::DataSet open_dataset(const H5::Group& group, const std::string& name);

/// All values of a dataset of one dimension; `length`: how many there must be, or any number.
std::vector<double> read_reals(const H5::DataSet& dataset, std::optional<hsize_t> length = {});
std::vector<std::int64_t> read_integers(const H5::DataSet& dataset,
                                        std::optional<hsize_t> length = {});

/// Text of a dataset of one dimension or none, together not more than the file has bytes.
std::vector<std::string> read_texts(const H5::DataSet& dataset);

/// Text as it is, a number in decimal; "" if the attribute is absent or neither.
std::string attribute_text(const H5::H5Object& object, const std::string& name);

bool is_scale(const H5::DataSet& dataset);

/// The scales of a group, and where each belongs: HDF5 finds the name of what is on an axis only by
/// a walk through the file.
class Scales {
 public:
  void add(const H5::DataSet& scale, const std::string& name);

  /// Names of the scales on each axis of a variable; "" where there is none.
  std::vector<std::string> on(const H5::DataSet& variable) const;

 private:
  std::map<std::pair<haddr_t, int>, std::string> names_;  // by variable and axis
};

}  // namespace tarn::io::hdf5
