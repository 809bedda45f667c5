// A batch of draws into its place in the file.
#include "chains/batch.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "tarn/index.hpp"

namespace tarn::io {
namespace {

void write_posterior(const Skeleton& file, const Plan& plan, const DrawBatch& batch) {
  Matrix scratch;
  for (std::size_t v = 0; v < file.posterior.size(); ++v) {
    const Variable& variable = plan.posterior.variables[v];
    // Copied together and written from a space of the file's rank: HDF5 is many times slower
    // between spaces of different shapes.
    scratch = batch.theta.middleRows(as_index(variable.offset), as_index(variable.size));
    const Extent count = plan.posterior.extent(variable, 1, as_size(batch.theta.cols()));
    Extent start(count.size(), 0);
    start[0] = batch.chain;
    start[1] = batch.first;
    const H5::DataSpace target = file.posterior[v].getSpace();
    target.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
    const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
    file.posterior[v].write(scratch.data(), H5::PredType::NATIVE_DOUBLE, memory, target);
  }
}

/// Gives back what was stored.
template <class Number>
Vector write_statistic(const H5::DataSet& dataset, const DrawBatch& batch, std::size_t index,
                       const H5::PredType& type) {
  const auto row = batch.statistics.row(as_index(index));
  std::vector<Number> values(as_size(row.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = row[as_index(i)];
    if constexpr (std::is_floating_point_v<Number>) {
      values[i] = value;
    } else if (type == H5::PredType::NATIVE_INT8) {
      values[i] = value != 0;
    } else {
      // Outside the type's range there is no number to store: -1 says unset.
      constexpr double most = std::numeric_limits<Number>::max();
      values[i] = std::abs(value) <= most ? static_cast<Number>(std::lround(value)) : Number{-1};
    }
  }
  const hsize_t start[] = {batch.chain, batch.first}, part[] = {1, values.size()};
  const H5::DataSpace target = dataset.getSpace();
  target.selectHyperslab(H5S_SELECT_SET, part, start);
  dataset.write(values.data(), type, H5::DataSpace(2, part), target);
  return Eigen::Map<const Eigen::Vector<Number, Eigen::Dynamic>>(values.data(),
                                                                 as_index(values.size()))
      .template cast<double>();
}

}  // namespace

Matrix write_batch(const Skeleton& file, const Plan& plan, const DrawBatch& batch) {
  write_posterior(file, plan, batch);
  Matrix stored(batch.statistics.rows(), batch.statistics.cols());
  for (std::size_t i = 0; i < file.statistics.size(); ++i) {
    switch (plan.statistics.variables[i].type) {
      case Variable::Type::real:
        stored.row(as_index(i)) =
            write_statistic<double>(file.statistics[i], batch, i, H5::PredType::NATIVE_DOUBLE);
        break;
      case Variable::Type::integer:
        stored.row(as_index(i)) =
            write_statistic<std::int32_t>(file.statistics[i], batch, i, H5::PredType::NATIVE_INT32);
        break;
      case Variable::Type::boolean:
        stored.row(as_index(i)) =
            write_statistic<std::int8_t>(file.statistics[i], batch, i, H5::PredType::NATIVE_INT8);
        break;
    }
  }
  return stored;
}

}  // namespace tarn::io
