// A file of predictions: one variable over chain, draw and row, and the rows themselves.
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "chains/fit_data.hpp"
#include "chains/hdf5.hpp"
#include "chains/names.hpp"
#include "chains/output_path.hpp"
#include "chains/skeleton.hpp"
#include "tarn/error.hpp"
#include "tarn/io/prediction_store.hpp"

namespace tarn::io {
namespace {

template <class Calls>
void attempt(const std::filesystem::path& file, Calls&& calls) {
  hdf5::ErrorTrap trap;
  try {
    calls(trap);
    trap.check();
  } catch (const H5::Exception&) {
    throw IoError(
        fmt::format("cannot write the predictions to '{}': {}; free some space, or choose "
                    "another place with -o",
                    file.string(), trap.reason()));
  }
}

double bytes_needed(const PredictionsOf& what) {
  return 8.0 * static_cast<double>(what.chains) * static_cast<double>(what.draws) *
             static_cast<double>(what.data.row_numbers.size()) +
         2 * bytes_of(what.data) + 1e6;
}

void describe_file(const H5::H5File& file, const PredictionsOf& what,
                   const std::string& created_at) {
  hdf5::write_attribute(file, "tarn_format_version", format_version);
  describe_origin(file, created_at);
  hdf5::write_attribute(file, "name", what.name);
  hdf5::write_attribute(file, "tarn_seed", std::to_string(what.seed));
  hdf5::write_attribute(file, "tarn_predicted_from", what.fit_sha);
}

}  // namespace

struct PredictionWriter::State {
  State(std::filesystem::path path, const PredictionsOf& of, bool force)
      : chains(of.chains),
        draws(of.draws),
        rows(of.data.row_numbers.size()),
        out(std::move(path), bytes_needed(of), force, OutputPath::Partial::none) {
    attempt(out.final(), [&](hdf5::ErrorTrap& trap) { create(of, trap); });
  }

  void create(const PredictionsOf& of, hdf5::ErrorTrap& trap) {
    file = hdf5::create_file(out.building());
    if (const int full = hdf5::hold_space(file, bytes_needed(of))) {
      trap.fail(full);
    }
    const std::string created_at = timestamp();
    describe_file(file, of, created_at);
    const H5::Group group =
        hdf5::create_group(file, of.out_of_sample ? "predictions" : "posterior_predictive");
    describe_origin(group, created_at);
    Names names{};
    const std::string variable = names.claim(plain_name(of.variable));
    const H5::DataSet chain = create_numbered_scale(group, names.claim("chain"), chains);
    const H5::DataSet draw = create_numbered_scale(group, names.claim("draw"), draws);
    const H5::DataSet row = create_row_scale(group, names.claim("row"), of.data.row_numbers);
    const Extent extent{chains, draws, rows};
    values =
        hdf5::create_dataset(group, variable, H5::PredType::IEEE_F64LE, extent, chunk_of(extent));
    hdf5::write_attribute(values, "long_name", of.describes);
    if (variable != of.variable) hdf5::write_attribute(values, "tarn_name", of.variable);
    hdf5::attach_scale(values, chain, 0);
    hdf5::attach_scale(values, draw, 1);
    hdf5::attach_scale(values, row, 2);
    const auto describe = [&](const H5::Group& made) { describe_origin(made, created_at); };
    if (of.out_of_sample) {
      write_constant_data(file, "predictions_constant_data", of.data, describe);
    } else {
      write_fit_data(file, of.data, describe);
    }
    file.flush(H5F_SCOPE_GLOBAL);
  }

  std::size_t chains, draws, rows;
  OutputPath out;
  H5::H5File file;
  H5::DataSet values;
};

PredictionWriter::PredictionWriter(std::filesystem::path out, const PredictionsOf& what, bool force)
    : state_(std::make_unique<State>(std::move(out), what, force)) {}

PredictionWriter::~PredictionWriter() = default;

void PredictionWriter::write(std::size_t first, ConstMatrixRef draws) {
  attempt(state_->out.final(), [&](hdf5::ErrorTrap&) {
    const hsize_t count[] = {1, state_->draws, static_cast<hsize_t>(draws.cols())};
    const H5::DataSpace memory(3, count);
    H5::DataSpace place = state_->values.getSpace();
    for (std::size_t chain = 0; chain < state_->chains; ++chain) {
      const RowMatrix part =
          draws.middleRows(as_index(chain * state_->draws), as_index(state_->draws));
      const hsize_t start[] = {chain, 0, first};
      place.selectHyperslab(H5S_SELECT_SET, count, start);
      state_->values.write(part.data(), H5::PredType::NATIVE_DOUBLE, memory, place);
    }
  });
}

void PredictionWriter::finish() {
  attempt(state_->out.final(), [&](hdf5::ErrorTrap&) {
    state_->values.close();
    state_->file.close();
  });
  state_->out.publish();
}

}  // namespace tarn::io
