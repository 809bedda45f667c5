// The group log_likelihood, in a copy that is renamed over the file.
#include "tarn/io/log_likelihood.hpp"

#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "chains/checked.hpp"
#include "chains/hdf5.hpp"
#include "chains/output_path.hpp"
#include "chains/schema.hpp"
#include "chains/skeleton.hpp"
#include "tarn/error.hpp"
#include "tarn/io/unfinished_run.hpp"

namespace tarn::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* group_name = "log_likelihood";

/// The response and its rows, as observed_data has them.
struct Observed {
  std::string response, response_original, rows, rows_original;
  std::vector<std::int64_t> numbers;
};

Observed observed_in(const H5::H5File& file, const fs::path& path) {
  Observed found;
  if (hdf5::is_group(file, "observed_data")) {
    const H5::Group group = file.openGroup("observed_data");
    for (const std::string& name : hdf5::links(group)) {
      if (!hdf5::is_dataset(group, name)) continue;
      const H5::DataSet dataset = hdf5::open_dataset(group, name);
      const std::string original = hdf5::attribute_text(dataset, "tarn_name");
      if (hdf5::is_scale(dataset)) {
        found.rows = name;
        found.rows_original = original;
        found.numbers = hdf5::read_integers(dataset);
      } else {
        found.response = name;
        found.response_original = original;
      }
    }
  }
  if (found.response.empty() || found.rows.empty()) {
    throw InputError(fmt::format("'{}' does not hold its data; fit again", path.string()));
  }
  return found;
}

H5::DataSet create(const H5::H5File& file, const Observed& observed, hsize_t chains,
                   hsize_t draws) {
  const H5::Group group = hdf5::create_group(file, group_name);
  describe_origin(group, timestamp());
  const H5::DataSet chain = create_numbered_scale(group, std::string(chain_name), chains);
  const H5::DataSet draw = create_numbered_scale(group, std::string(draw_name), draws);
  const H5::DataSet rows = hdf5::create_unfilled(group, observed.rows, H5::PredType::STD_I64LE,
                                                 {observed.numbers.size()});
  hdf5::make_scale(rows, observed.rows);
  hdf5::write_attribute(rows, "long_name", "row of the data, counted from 1");
  if (!observed.rows_original.empty()) {
    hdf5::write_attribute(rows, "tarn_name", observed.rows_original);
  }
  rows.write(observed.numbers.data(), H5::PredType::NATIVE_INT64);

  const Extent extent{chains, draws, observed.numbers.size()};
  H5::DataSet values = hdf5::create_dataset(group, observed.response, H5::PredType::IEEE_F64LE,
                                            extent, chunk_of(extent));
  hdf5::write_attribute(values, "long_name", "pointwise log likelihood");
  if (!observed.response_original.empty()) {
    hdf5::write_attribute(values, "tarn_name", observed.response_original);
  }
  hdf5::attach_scale(values, chain, 0);
  hdf5::attach_scale(values, draw, 1);
  hdf5::attach_scale(values, rows, 2);
  return values;
}

/// What the copy will take.
double bytes_with(const fs::path& file, const Draws& draws, std::size_t rows) {
  std::error_code error;
  return static_cast<double>(fs::file_size(file, error)) +
         8.0 * static_cast<double>(draws.chains() * draws.draws()) * static_cast<double>(rows);
}

}  // namespace

struct LogLikelihoodWriter::State {
  State(const fs::path& chain_file, const ChainFile& draws, std::size_t rows)
      : chains(draws.posterior().chains()),
        draws_each(draws.posterior().draws()),
        name(fmt::format("'{}'", chain_file.string())),
        copy(chain_file, bytes_with(chain_file, draws.posterior(), rows), true,
             OutputPath::Partial::none) {}

  /// Runs HDF5 calls on the copy.
  template <class Calls>
  void attempt(Calls&& calls) {
    try {
      calls();
      trap.check();
    } catch (const hdf5::Damaged& error) {
      throw DamagedFile(fmt::format("{} is damaged: {}", name, error.getDetailMsg()));
    } catch (const H5::Exception&) {
      throw IoError(
          fmt::format("cannot write the log likelihood into {}: {}; the file is as it "
                      "was; free some space",
                      name, trap.reason()));
    }
  }

  std::size_t chains, draws_each;
  std::string name;  // in quotes
  OutputPath copy;
  hdf5::ErrorTrap trap;
  H5::H5File file;
  H5::DataSet values;
};

LogLikelihoodWriter::LogLikelihoodWriter(const fs::path& file) {
  std::size_t rows = 0;
  const ChainFile draws(file);
  if (file.extension() == ".partial") {
    const auto run = unfinished_run(file);
    throw InputError(
        run && !run->goes_on
            ? fmt::format("'{0}' is unfinished; go on with it (tarn resume {0}), or cut it to the "
                          "draws that are whole (tarn recover {0})",
                          file.string())
            : fmt::format("'{}' is unfinished; wait for its run", file.string()));
  }
  if (const auto data = draws.data()) rows = data->row_numbers.size();
  state_ = std::make_unique<State>(file, draws, rows);
  std::error_code error;
  fs::copy_file(file, state_->copy.building(), error);
  if (error) throw IoError(fmt::format("cannot copy '{}': {}", file.string(), error.message()));
  state_->attempt([&] {
    state_->file = hdf5::open_file(state_->copy.building(), H5F_ACC_RDWR);
    if (hdf5::is_group(state_->file, group_name)) {
      throw InputError(fmt::format("'{}' holds its log likelihood already", file.string()));
    }
    state_->values =
        create(state_->file, observed_in(state_->file, file), state_->chains, state_->draws_each);
  });
}

LogLikelihoodWriter::~LogLikelihoodWriter() = default;

void LogLikelihoodWriter::write(std::size_t first, ConstMatrixRef block) {
  // A column of the block is a draw with its rows side by side, as the file has them.
  const Matrix values = block;
  const hsize_t start[] = {0, 0, first};
  const hsize_t count[] = {state_->chains, state_->draws_each, static_cast<hsize_t>(values.rows())};
  state_->attempt([&] {
    H5::DataSpace there = state_->values.getSpace();
    there.selectHyperslab(H5S_SELECT_SET, count, start);
    state_->values.write(values.data(), H5::PredType::NATIVE_DOUBLE, H5::DataSpace(3, count),
                         there);
  });
}

void LogLikelihoodWriter::finish() {
  state_->attempt([&] {
    state_->values.close();
    state_->file.flush(H5F_SCOPE_GLOBAL);
    state_->file.close();
  });
  state_->copy.publish();
}

}  // namespace tarn::io
