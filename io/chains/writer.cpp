// Draws to HDF5: frozen metadata first, then raw data, checkpoint by checkpoint.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "chains/checked.hpp"
#include "chains/checkpoint_clock.hpp"
#include "chains/digests.hpp"
#include "chains/fit_data.hpp"
#include "chains/hdf5.hpp"
#include "chains/output_path.hpp"
#include "chains/schema.hpp"
#include "chains/skeleton.hpp"
#include "chains/trim.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/memory.hpp"

namespace tarn::io {
namespace {

/// Runs HDF5 calls; what they refuse becomes an IoError: `cannot DOING: REASON; REMEDY`.
template <class Calls>
void attempt(const std::string& doing, const std::string& remedy, Calls&& calls) {
  hdf5::ErrorTrap trap;
  try {
    calls(trap);
  } catch (const H5::Exception& error) {
    throw IoError(fmt::format("cannot {}: {}; {}", doing, hdf5::reason_of(error, trap), remedy));
  }
}

Plan plan_of(const Layout& layout, const std::vector<Statistic>& statistics, std::size_t chains,
             std::size_t draws, const Provenance& provenance) {
  if (chains == 0 || draws == 0) {
    throw UsageError(
        "a chain file needs at least one chain and one draw: raise --chains or --draws");
  }
  Plan plan{schema_of(layout), schema_of(statistics), chains, draws,
            provenance.data ? bytes_of(*provenance.data) : 0};
  if (provenance.tuning) plan.states.emplace(layout.size(), *provenance.tuning);
  return plan;
}

}  // namespace

struct ChainWriter::State {
  State(std::filesystem::path path, Plan what, std::size_t length, const Provenance& provenance,
        bool force, const Continued* continued)
      : plan(std::move(what)),
        theta_length(length),
        out(std::move(path), plan.file_bytes(), force,
            continued != nullptr && continued->replaces_partial ? OutputPath::Partial::continued
                                                                : OutputPath::Partial::fresh),
        received(plan.chains, 0),
        seconds(plan.chains, 0.0),
        digests(plan.digests(), plan.chains),
        states(plan.states.value_or(StateLayout(0, 0)), plan.chains) {
    for (const Variable& variable : plan.posterior.variables) offsets.push_back(variable.offset);
    attempt(fmt::format("reserve {} for the draws in '{}'", bytes_text(plan.draw_bytes()),
                        out.partial().string()),
            "free some space, choose another place with -o, or keep fewer draws (--draws, --thin)",
            [&](hdf5::ErrorTrap& trap) {
              file = std::make_unique<Skeleton>(out.building(), plan, provenance, trap);
            });
    if (continued != nullptr) copy(*continued);
    out.show();
  }

  /// Runs HDF5 calls on the open file. After an error it is closed as its last checkpoint left it.
  template <class Calls>
  void on_file(Calls&& calls);

  void copy(const Continued& continued);
  void take(const DrawBatch& batch);
  void check_fits(const DrawBatch& batch) const;
  void write_posterior(const DrawBatch& batch);
  Matrix write_statistics(const DrawBatch& batch);
  template <class Number>
  Vector write_statistic(const DrawBatch& batch, std::size_t index, const H5::PredType& type);
  void checkpoint();
  void close();
  void publish_trimmed(const std::vector<std::size_t>& chains, std::size_t draws);
  bool any_draw() const {
    return std::ranges::any_of(received, [](auto n) { return n > 0; });
  }

  Plan plan;
  std::size_t theta_length;
  OutputPath out;
  std::unique_ptr<Skeleton> file;  // null once closed
  std::vector<std::int64_t> received;
  std::vector<double> seconds;
  RunningDigests digests;
  StateWriter states;
  std::vector<std::size_t> offsets;  // of the posterior's variables
  Matrix scratch;
  CheckpointClock clock;
  std::chrono::duration<double> writing{0};
  std::optional<std::filesystem::path> left;
};

template <class Calls>
void ChainWriter::State::on_file(Calls&& calls) {
  attempt(fmt::format("write draws to '{}'", out.partial().string()),
          "the draws before are safe there", [&](hdf5::ErrorTrap& trap) {
            if (file == nullptr) trap.fail("it was given up after an earlier error");
            trap.abandon_on_error(file->file);
            try {
              calls();
            } catch (const H5::Exception&) {
              close();
              throw;
            }
          });
}

void ChainWriter::State::check_fits(const DrawBatch& batch) const {
  const auto count = static_cast<std::size_t>(batch.theta.cols());
  const bool fits =
      batch.chain < plan.chains && static_cast<std::size_t>(batch.theta.rows()) == theta_length &&
      static_cast<std::size_t>(batch.statistics.rows()) == plan.statistics.variables.size() &&
      batch.statistics.cols() == batch.theta.cols() &&
      static_cast<std::int64_t>(batch.first) == received[batch.chain] &&
      batch.first + count <= plan.draws;
  if (!fits) throw std::logic_error("a batch of draws that does not fit its chain file");
}

void ChainWriter::State::write_posterior(const DrawBatch& batch) {
  for (std::size_t v = 0; v < file->posterior.size(); ++v) {
    const Variable& variable = plan.posterior.variables[v];
    // Copied together and written from a space of the file's rank: HDF5 is many times slower
    // between spaces of different shapes.
    scratch = batch.theta.middleRows(static_cast<Eigen::Index>(variable.offset),
                                     static_cast<Eigen::Index>(variable.size));
    const Extent count =
        plan.posterior.extent(variable, 1, static_cast<std::size_t>(batch.theta.cols()));
    Extent start(count.size(), 0);
    start[0] = batch.chain;
    start[1] = batch.first;
    const H5::DataSpace target = file->posterior[v].getSpace();
    target.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
    const H5::DataSpace memory(static_cast<int>(count.size()), count.data());
    file->posterior[v].write(scratch.data(), H5::PredType::NATIVE_DOUBLE, memory, target);
  }
}

/// Gives back what was stored.
template <class Number>
Vector ChainWriter::State::write_statistic(const DrawBatch& batch, std::size_t index,
                                           const H5::PredType& type) {
  const auto row = batch.statistics.row(static_cast<Eigen::Index>(index));
  std::vector<Number> values(static_cast<std::size_t>(row.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = row[static_cast<Eigen::Index>(i)];
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
  const H5::DataSet& dataset = file->statistics[index];
  const H5::DataSpace target = dataset.getSpace();
  target.selectHyperslab(H5S_SELECT_SET, part, start);
  dataset.write(values.data(), type, H5::DataSpace(2, part), target);
  return Eigen::Map<const Eigen::Vector<Number, Eigen::Dynamic>>(
             values.data(), static_cast<Eigen::Index>(values.size()))
      .template cast<double>();
}

Matrix ChainWriter::State::write_statistics(const DrawBatch& batch) {
  Matrix stored(batch.statistics.rows(), batch.statistics.cols());
  for (std::size_t i = 0; i < file->statistics.size(); ++i) {
    switch (plan.statistics.variables[i].type) {
      case Variable::Type::real:
        stored.row(static_cast<Eigen::Index>(i)) =
            write_statistic<double>(batch, i, H5::PredType::NATIVE_DOUBLE);
        break;
      case Variable::Type::integer:
        stored.row(static_cast<Eigen::Index>(i)) =
            write_statistic<std::int32_t>(batch, i, H5::PredType::NATIVE_INT32);
        break;
      case Variable::Type::boolean:
        stored.row(static_cast<Eigen::Index>(i)) =
            write_statistic<std::int8_t>(batch, i, H5::PredType::NATIVE_INT8);
        break;
    }
  }
  return stored;
}

/// The order makes a digest count only after its draws are in the file, and a draw only after its
/// digest.
void ChainWriter::State::checkpoint() {
  const CheckpointClock::Time started = CheckpointClock::now();
  file->file.flush(H5F_SCOPE_GLOBAL);
  if (digests.plan().length() > 0) {
    digests.write(file->digests);
    file->file.flush(H5F_SCOPE_GLOBAL);
  }
  file->draws_done.write(received.data(), H5::PredType::NATIVE_INT64);
  file->sampling_seconds.write(seconds.data(), H5::PredType::NATIVE_DOUBLE);
  file->file.flush(H5F_SCOPE_GLOBAL);
  if (any_draw() || states.any()) out.keep();
  clock.record(started);
}

void ChainWriter::State::take(const DrawBatch& batch) {
  check_fits(batch);
  if (batch.theta.cols() == 0) return;
  write_posterior(batch);
  const Matrix statistics = write_statistics(batch);
  digests.add(batch.chain, batch.first, batch.theta, offsets, statistics);
  received[batch.chain] += batch.theta.cols();
  seconds[batch.chain] = batch.seconds;
}

/// Before anybody sees the file: where it replaces the one that it goes on from, no draw is missing
/// at any moment.
void ChainWriter::State::copy(const Continued& continued) {
  const Draws& draws = continued.file.posterior();
  const Draws& statistics = continued.file.statistics();
  const std::size_t step = batch_length(plan.draws);
  on_file([&] {
    for (std::size_t chain = 0; chain < plan.chains; ++chain) {
      const ChainState& state = continued.states.at(chain);
      for (std::size_t first = 0; first < state.draws; first += step) {
        const auto count = static_cast<Eigen::Index>(std::min(step, state.draws - first));
        DrawBatch batch{chain, first, Matrix(static_cast<Eigen::Index>(theta_length), count),
                        Matrix(static_cast<Eigen::Index>(statistics.layout().size()), count),
                        state.seconds};
        draws.read_draws(chain, first, batch.theta);
        statistics.read_draws(chain, first, batch.statistics);
        take(batch);
      }
      if (state.theta.size() > 0) states.write(file->states, chain, state);
    }
    checkpoint();
  });
}

void ChainWriter::State::close() {
  if (file == nullptr) return;
  H5::H5File last = file->file;
  file.reset();
  last.close();
}

void ChainWriter::State::publish_trimmed(const std::vector<std::size_t>& chains,
                                         std::size_t draws) {
  out.check_still_ours();
  HiddenFile trimmed(out.final(), "trimmed");
  trimmed.clear();
  attempt(fmt::format("write the trimmed copy '{}'", trimmed.path().string()),
          fmt::format("all draws are safe in '{}'", out.partial().string()),
          [&](hdf5::ErrorTrap& trap) {
            copy_trimmed(out.partial(), trimmed.path(), chains, draws, trap);
          });
  out.publish(trimmed);
}

ChainWriter::ChainWriter(std::filesystem::path out, const Layout& layout,
                         const std::vector<Statistic>& statistics, std::size_t chains,
                         std::size_t draws, const Provenance& provenance, bool force,
                         const Continued* continued)
    : state_(std::make_unique<State>(std::move(out),
                                     plan_of(layout, statistics, chains, draws, provenance),
                                     layout.size(), provenance, force, continued)) {}

ChainWriter::~ChainWriter() {
  if (state_->file == nullptr) return;
  if (!state_->any_draw() && !state_->states.any()) {
    discard();
    return;
  }
  try {
    state_->on_file([&] {
      state_->checkpoint();
      state_->close();
    });
  } catch (const IoError&) {
    // The draws of the last checkpoint are safe; there is nobody left to tell.
  }
}

void ChainWriter::write(const DrawBatch& batch) {
  State& run = *state_;
  const auto begun = std::chrono::steady_clock::now();
  run.on_file([&] {
    run.take(batch);
    if (batch.first == 0 || run.clock.due()) run.checkpoint();
  });
  run.writing += std::chrono::steady_clock::now() - begun;
}

void ChainWriter::checkpoint(std::size_t chain, const ChainState& state) {
  State& run = *state_;
  if (!run.plan.states) return;
  run.on_file([&] {
    run.states.write(run.file->states, chain, state);
    run.file->file.flush(H5F_SCOPE_GLOBAL);
    run.out.keep();
  });
}

/// A trimmed copy reads everything twice and writes it once.
double ChainWriter::seconds_to_finish() const { return 3 * state_->writing.count(); }

std::optional<std::filesystem::path> ChainWriter::finish(
    const std::vector<std::size_t>& failed_chains, std::size_t most, double seconds) {
  State& run = *state_;
  std::vector<std::size_t> chains;
  auto least = static_cast<std::int64_t>(std::min(run.plan.draws, most));
  for (std::size_t chain = 0; chain < run.plan.chains; ++chain) {
    if (std::ranges::find(failed_chains, chain) != failed_chains.end()) continue;
    chains.push_back(chain);
    least = std::min(least, run.received[chain]);
  }
  if (chains.empty() || (least == 0 && !run.states.any())) {
    discard();
    return std::nullopt;
  }
  run.on_file([&] {
    run.checkpoint();
    run.close();
  });
  const bool whole =
      chains.size() == run.plan.chains && static_cast<std::size_t>(least) == run.plan.draws;
  if (least == 0 || (!whole && seconds_to_finish() > seconds)) {
    run.left = run.out.partial();
    return std::nullopt;
  }
  whole ? run.out.publish() : run.publish_trimmed(chains, static_cast<std::size_t>(least));
  return run.out.final();
}

const std::filesystem::path& ChainWriter::partial() const noexcept { return state_->out.partial(); }

std::optional<std::filesystem::path> ChainWriter::left() const { return state_->left; }

void ChainWriter::discard() noexcept {
  try {
    if (state_->file != nullptr) state_->on_file([&] { state_->close(); });
  } catch (const IoError&) {
    // The file goes away in any case.
  }
  state_->out.give_up();
}

}  // namespace tarn::io
