// The data of a fit in its chain file: observed_data and constant_data.
#include "chains/fit_data.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "chains/checked.hpp"
#include "chains/hdf5.hpp"
#include "chains/names.hpp"
#include "data/sha256.hpp"
#include "tarn/index.hpp"

namespace tarn::io {
namespace {

constexpr const char* observed_group = "observed_data";
constexpr const char* constant_group = "constant_data";
constexpr const char* row_axis = "row";
constexpr std::string_view level_suffix = "_level", count_suffix = "_count";

/// A group over the rows, whose scale numbers them as the data did.
class RowGroup {
 public:
  RowGroup(const H5::H5File& file, const char* name, const std::string& row_name,
           const std::vector<std::size_t>& row_numbers)
      : group_(hdf5::create_group(file, name)),
        rows_(create_row_scale(group_, row_name, row_numbers)) {}

  const H5::Group& group() const { return group_; }

  H5::DataSet add(const std::string& name, const std::string& original, const H5::DataType& type,
                  const H5::DataSet& scale) const {
    H5::DataSet dataset = hdf5::create_unfilled(group_, name, type, hdf5::extent(scale));
    if (name != original) hdf5::write_attribute(dataset, "tarn_name", original);
    hdf5::attach_scale(dataset, scale, 0);
    return dataset;
  }

  const H5::DataSet& rows() const { return rows_; }

 private:
  H5::Group group_;
  H5::DataSet rows_;
};

/// A column of text: the number of each row's level, and a scale with the levels that `count` hangs
/// on.
struct LevelNames {
  std::string scale, count;
};

std::vector<std::int64_t> counts_of(const Column& column) {
  std::vector<std::int64_t> counts(column.levels.size(), 0);
  for (const std::int32_t code : column.codes) {
    if (code >= 0) ++counts[as_size(code)];
  }
  return counts;
}

std::string original_name(const H5::DataSet& dataset, const std::string& name) {
  const std::string original = hdf5::attribute_text(dataset, "tarn_name");
  return original.empty() ? name : original;
}

}  // namespace

double bytes_of(const FitData& data) {
  const auto rows = static_cast<double>(data.table.rows);
  double bytes = 2 * 8 * rows + 8 * rows;  // two scales and the response
  for (const Column& column : data.table.columns) {
    bytes += (column.is_text ? 4.0 : 8.0) * rows + 8192;
    for (const std::string& level : column.levels)
      bytes += 72.0 + static_cast<double>(level.size());
  }
  return bytes;
}

void write_fit_data(const H5::H5File& file, const FitData& data,
                    const std::function<void(const H5::Group&)>& describe) {
  Names observed_names{};
  const std::string response = observed_names.claim(plain_name(data.response));
  const RowGroup observed(file, observed_group, observed_names.claim(row_axis), data.row_numbers);
  describe(observed.group());
  observed.add(response, data.response, H5::PredType::IEEE_F64LE, observed.rows())
      .write(data.observed.data(), H5::PredType::NATIVE_DOUBLE);
  write_constant_data(file, constant_group, data, describe);
}

void write_constant_data(const H5::H5File& file, const char* group_name, const FitData& data,
                         const std::function<void(const H5::Group&)>& describe) {
  // Variables have the first choice of names, then the dimensions.
  Names names{};
  std::vector<std::string> variables;
  for (const Column& column : data.table.columns) {
    variables.push_back(names.claim(plain_name(column.name)));
  }
  std::vector<LevelNames> levels;
  const std::string row_name = names.claim(row_axis);
  for (const std::string& name : variables) {
    levels.push_back({names.claim(name + std::string(level_suffix)),
                      names.claim(name + std::string(count_suffix))});
  }
  const RowGroup constant(file, group_name, row_name, data.row_numbers);
  describe(constant.group());
  std::vector<H5::DataSet> scales(variables.size());
  for (std::size_t c = 0; c < variables.size(); ++c) {
    const Column& column = data.table.columns[c];
    if (!column.is_text) continue;
    scales[c] = hdf5::create_dataset(constant.group(), levels[c].scale, hdf5::text_type(),
                                     {column.levels.size()});
    hdf5::make_scale(scales[c], levels[c].scale);
    hdf5::write_texts(scales[c], column.levels);
  }
  for (std::size_t c = 0; c < variables.size(); ++c) {
    const Column& column = data.table.columns[c];
    if (!column.is_text) {
      constant.add(variables[c], column.name, H5::PredType::IEEE_F64LE, constant.rows())
          .write(column.numbers.data(), H5::PredType::NATIVE_DOUBLE);
      continue;
    }
    const H5::DataSet codes =
        constant.add(variables[c], column.name, H5::PredType::STD_I32LE, constant.rows());
    hdf5::write_attribute(codes, "long_name",
                          fmt::format("level of {}, from 0; see {}", column.name, levels[c].scale));
    hdf5::write_attribute(codes, "tarn_levels", levels[c].scale);
    codes.write(column.codes.data(), H5::PredType::NATIVE_INT32);
    const H5::DataSet counts =
        constant.add(levels[c].count, levels[c].count, H5::PredType::STD_I64LE, scales[c]);
    hdf5::write_attribute(counts, "long_name", fmt::format("rows of each {}", column.name));
    hdf5::write_attribute(counts, "tarn_counts", variables[c]);
    counts.write(counts_of(column).data(), H5::PredType::NATIVE_INT64);
  }
}

H5::DataSet create_row_scale(const H5::Group& group, const std::string& name,
                             const std::vector<std::size_t>& row_numbers) {
  H5::DataSet scale =
      hdf5::create_unfilled(group, name, H5::PredType::STD_I64LE, {row_numbers.size()});
  hdf5::make_scale(scale, name);
  hdf5::write_attribute(scale, "long_name", "row of the data, counted from 1");
  if (name != row_axis) hdf5::write_attribute(scale, "tarn_name", row_axis);
  const std::vector<std::int64_t> numbers(row_numbers.begin(), row_numbers.end());
  scale.write(numbers.data(), H5::PredType::NATIVE_INT64);
  return scale;
}

namespace {

/// Rows are numbered as they lay in the data: from 1, upwards.
std::vector<std::size_t> read_row_numbers(const H5::DataSet& scale) {
  const std::vector<std::int64_t> numbers = hdf5::read_integers(scale);
  std::int64_t before = 0;
  for (const std::int64_t number : numbers) {
    if (number <= before)
      throw hdf5::Damaged("the row numbers in observed_data do not grow from 1");
    before = number;
  }
  return {numbers.begin(), numbers.end()};
}

void read_observed(const H5::Group& group, FitData& data) {
  std::optional<H5::DataSet> response;
  for (const std::string& name : hdf5::links(group)) {
    if (!hdf5::is_dataset(group, name)) continue;
    const H5::DataSet dataset = hdf5::open_dataset(group, name);
    if (hdf5::is_scale(dataset)) {
      data.row_numbers = read_row_numbers(dataset);
    } else {
      response = dataset;
      data.response = original_name(dataset, name);
    }
  }
  if (!response || data.row_numbers.empty()) {
    throw hdf5::Damaged("there is no response in observed_data");
  }
  const std::vector<double> values = hdf5::read_reals(*response, data.row_numbers.size());
  data.observed = Eigen::Map<const Vector>(values.data(), as_index(values.size()));
}

Column read_column(const H5::Group& group, const std::string& name, const H5::DataSet& dataset,
                   std::size_t rows) {
  Column column;
  column.name = original_name(dataset, name);
  const std::string levels = hdf5::attribute_text(dataset, "tarn_levels");
  column.is_text = !levels.empty();
  if (!column.is_text) {
    column.numbers = hdf5::read_reals(dataset, rows);
    return column;
  }
  column.levels = hdf5::read_texts(hdf5::open_dataset(group, levels));
  const auto count = static_cast<std::int64_t>(column.levels.size());
  column.codes.reserve(rows);
  for (const std::int64_t code : hdf5::read_integers(dataset, rows)) {
    if (code < 0 || code >= count) {
      throw hdf5::Damaged(
          fmt::format("'{}' in constant_data names levels that are not there", name));
    }
    column.codes.push_back(static_cast<std::int32_t>(code));
  }
  auto sorted = column.levels;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    throw hdf5::Damaged(fmt::format("two levels of '{}' in constant_data are the same", name));
  }
  return column;
}

template <class Number>
std::string_view bytes(const Number* values, std::size_t count) {
  return {reinterpret_cast<const char*>(values), count * sizeof(Number)};
}

}  // namespace

std::string digest_of(const FitData& data) {
  Sha256 digest;
  const std::vector<std::int64_t> rows(data.row_numbers.begin(), data.row_numbers.end());
  digest.field(bytes(rows.data(), rows.size())).field(data.response);
  digest.field(bytes(data.observed.data(), as_size(data.observed.size())));
  for (const Column& column : data.table.columns) {
    digest.field(column.name).field(column.is_text ? "text" : "numbers");
    if (!column.is_text) {
      digest.field(bytes(column.numbers.data(), column.numbers.size()));
      continue;
    }
    digest.field(bytes(column.codes.data(), column.codes.size()));
    for (const std::string& level : column.levels) digest.field(level);
  }
  return digest.hex();
}

std::optional<FitData> read_fit_data(const H5::H5File& file) {
  const std::string promised = hdf5::attribute_text(file, "tarn_rows_sha256");
  if (!hdf5::is_group(file, observed_group) || !hdf5::is_group(file, constant_group)) {
    if (!promised.empty()) throw hdf5::Damaged("its data are missing");
    return {};
  }
  FitData data;
  read_observed(file.openGroup(observed_group), data);
  data.table.rows = data.row_numbers.size();
  const H5::Group constant = file.openGroup(constant_group);
  for (const std::string& name : hdf5::links(constant)) {
    if (!hdf5::is_dataset(constant, name)) continue;
    const H5::DataSet dataset = hdf5::open_dataset(constant, name);
    if (hdf5::is_scale(dataset) || dataset.attrExists("tarn_counts")) continue;
    data.table.columns.push_back(read_column(constant, name, dataset, data.table.rows));
  }
  if (!promised.empty() && digest_of(data) != promised) {
    throw hdf5::Damaged("its data are not those that were stored (their SHA-256 differs)");
  }
  return data;
}

}  // namespace tarn::io
