// Draws to HDF5: frozen metadata first, then raw data, checkpoint by checkpoint.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "chains/batch.hpp"
#include "chains/checked.hpp"
#include "chains/checkpoint_clock.hpp"
#include "chains/digests.hpp"
#include "chains/fit_data.hpp"
#include "chains/hdf5.hpp"
#include "chains/output_path.hpp"
#include "chains/schema.hpp"
#include "chains/skeleton.hpp"
#include "chains/trim.hpp"
#include "files/failures.hpp"
#include "tarn/error.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/memory.hpp"

namespace tarn::io {
namespace {

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
        bool force, const Continued* continued, bool to_disk)
      : plan(std::move(what)),
        theta_length(length),
        durable(to_disk),
        out(std::move(path), plan.file_bytes(), force,
            continued != nullptr && continued->replaces_partial ? OutputPath::Partial::continued
                                                                : OutputPath::Partial::fresh,
            durable),
        received(plan.chains, 0),
        seconds(plan.chains, 0.0),
        digests(plan.digests(), plan.chains),
        states(plan.states.value_or(StateLayout(0, 0)), plan.chains) {
    for (const Variable& variable : plan.posterior.variables) offsets.push_back(variable.offset);
    create(provenance);
    if (continued != nullptr) copy(*continued);
    out.show();
  }

  void create(const Provenance& provenance);

  /// Runs HDF5 calls on the open file. After an error it is closed as its last checkpoint left it.
  template <class Calls>
  void on_file(Calls&& calls);
  [[noreturn]] void fail(const hdf5::ErrorTrap& trap, const H5::Exception& error);

  void copy(const Continued& continued);
  void take(const DrawBatch& batch);
  void check_fits(const DrawBatch& batch) const;
  void flush(hdf5::ErrorTrap& trap) const;
  void checkpoint(hdf5::ErrorTrap& trap);
  void note_stored();
  void close();
  void publish_trimmed(const std::vector<std::size_t>& chains, std::size_t draws);

  Plan plan;
  std::size_t theta_length;
  bool durable;
  OutputPath out;
  std::unique_ptr<Skeleton> file;  // null once closed
  std::vector<std::int64_t> received;
  std::vector<double> seconds;
  RunningDigests digests;
  StateWriter states;
  std::vector<std::size_t> offsets;  // of the posterior's variables
  CheckpointClock clock;
  std::chrono::duration<double> writing{0};
  bool stored = false;  // something to go on from
  std::optional<std::filesystem::path> left;
};

void ChainWriter::State::create(const Provenance& provenance) {
  hdf5::ErrorTrap trap;
  try {
    file = std::make_unique<Skeleton>(out.building(), plan, provenance, trap);
  } catch (const H5::Exception& error) {
    throw IoError(fmt::format(
        "cannot reserve {} for the draws in '{}': {}; free some space, choose another place with "
        "-o, or keep fewer draws (--draws, --thin)",
        bytes_text(plan.draw_bytes()), out.partial().string(), hdf5::reason_of(error, trap)));
  }
}

template <class Calls>
void ChainWriter::State::on_file(Calls&& calls) {
  hdf5::ErrorTrap trap;
  try {
    if (file == nullptr) trap.fail("it was given up after an earlier error");
    calls(trap);
    trap.check();
  } catch (const H5::Exception& error) {
    fail(trap, error);
  }
}

/// A file that nothing can be gone on from is not left behind.
void ChainWriter::State::fail(const hdf5::ErrorTrap& trap, const H5::Exception& error) {
  close();
  const std::string what = fmt::format("cannot write draws to '{}': {}", out.partial().string(),
                                       hdf5::reason_of(error, trap));
  if (stored) {
    throw IoError(fmt::format("{}; what was stored before is safe there: {}, then tarn resume {}",
                              what, remedy(trap.error()), out.partial().string()));
  }
  out.give_up();
  throw IoError(
      fmt::format("{}; nothing was stored yet, and no file is made: {}, then the same "
                  "command again",
                  what, remedy(trap.error())));
}

void ChainWriter::State::check_fits(const DrawBatch& batch) const {
  const auto count = as_size(batch.theta.cols());
  const bool fits = batch.chain < plan.chains && as_size(batch.theta.rows()) == theta_length &&
                    as_size(batch.statistics.rows()) == plan.statistics.variables.size() &&
                    batch.statistics.cols() == batch.theta.cols() &&
                    static_cast<std::int64_t>(batch.first) == received[batch.chain] &&
                    batch.first + count <= plan.draws;
  if (!fits) throw std::logic_error("a batch of draws that does not fit its chain file");
}

void ChainWriter::State::flush(hdf5::ErrorTrap& trap) const {
  file->file.flush(H5F_SCOPE_GLOBAL);
  trap.check();
  if (!durable) return;
  if (const int error = hdf5::sync(file->file)) trap.fail(error);
}

/// The order makes a digest count only after its draws are in the file, and a draw only after its
/// digest.
void ChainWriter::State::checkpoint(hdf5::ErrorTrap& trap) {
  const CheckpointClock::Time started = CheckpointClock::now();
  flush(trap);
  if (digests.plan().length() > 0) {
    digests.write(file->digests);
    flush(trap);
  }
  file->draws_done.write(received.data(), H5::PredType::NATIVE_INT64);
  file->sampling_seconds.write(seconds.data(), H5::PredType::NATIVE_DOUBLE);
  flush(trap);
  if (std::ranges::any_of(received, [](auto n) { return n > 0; })) note_stored();
  clock.record(started);
}

void ChainWriter::State::note_stored() {
  stored = true;
  out.keep();
}

void ChainWriter::State::take(const DrawBatch& batch) {
  check_fits(batch);
  if (batch.theta.cols() == 0) return;
  const Matrix statistics = write_batch(*file, plan, batch);
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
  on_file([&](hdf5::ErrorTrap& trap) {
    for (std::size_t chain = 0; chain < plan.chains; ++chain) {
      const ChainState& state = continued.states.at(chain);
      for (std::size_t first = 0; first < state.draws; first += step) {
        const auto count = as_index(std::min(step, state.draws - first));
        DrawBatch batch{chain, first, Matrix(as_index(theta_length), count),
                        Matrix(as_index(statistics.layout().size()), count), state.seconds};
        draws.read_draws(chain, first, batch.theta);
        statistics.read_draws(chain, first, batch.statistics);
        take(batch);
      }
      if (state.theta.size() > 0) states.write(file->states, chain, state);
    }
    checkpoint(trap);
    stored = stored || states.any();
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
  hdf5::ErrorTrap trap;
  try {
    copy_trimmed(out.partial(), trimmed.path(), chains, draws, trap);
  } catch (const H5::Exception& error) {
    throw IoError(fmt::format(
        "cannot write '{0}': {1}; all draws are safe in '{2}': {3}, then tarn resume {2}",
        out.final().string(), hdf5::reason_of(error, trap), out.partial().string(),
        remedy(trap.error())));
  }
  out.publish(trimmed);
}

ChainWriter::ChainWriter(std::filesystem::path out, const Layout& layout,
                         const std::vector<Statistic>& statistics, std::size_t chains,
                         std::size_t draws, const Provenance& provenance, bool force,
                         const Continued* continued, bool durable)
    : state_(std::make_unique<State>(std::move(out),
                                     plan_of(layout, statistics, chains, draws, provenance),
                                     layout.size(), provenance, force, continued, durable)) {}

ChainWriter::~ChainWriter() {
  if (state_->file == nullptr) return;
  try {
    state_->on_file([&](hdf5::ErrorTrap& trap) {
      state_->checkpoint(trap);
      state_->close();
    });
    if (!state_->stored) discard();
  } catch (const std::exception&) {
    // The draws of the last checkpoint are safe; there is nobody left to tell.
  }
}

void ChainWriter::write(const DrawBatch& batch) {
  State& run = *state_;
  const auto begun = std::chrono::steady_clock::now();
  bool committed = false;
  run.on_file([&](hdf5::ErrorTrap& trap) {
    run.take(batch);
    committed = batch.first == 0 || run.clock.due();
    if (committed) run.checkpoint(trap);
  });
  run.writing += std::chrono::steady_clock::now() - begun;
  if (committed) run.out.check_still_ours();
}

void ChainWriter::checkpoint(std::size_t chain, const ChainState& state) {
  State& run = *state_;
  if (!run.plan.states) return;
  run.on_file([&](hdf5::ErrorTrap& trap) {
    run.flush(trap);  // draws before a state that speaks of them
    run.states.write(run.file->states, chain, state);
    run.flush(trap);
    run.note_stored();
  });
  run.out.check_still_ours();
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
  run.on_file([&](hdf5::ErrorTrap& trap) {
    run.checkpoint(trap);
    run.close();
  });
  const bool whole = chains.size() == run.plan.chains && as_size(least) == run.plan.draws;
  if (least == 0 || (!whole && seconds_to_finish() > seconds)) {
    run.left = run.out.partial();
    return std::nullopt;
  }
  whole ? run.out.publish() : run.publish_trimmed(chains, as_size(least));
  return run.out.final();
}

const std::filesystem::path& ChainWriter::partial() const noexcept { return state_->out.partial(); }

std::optional<std::filesystem::path> ChainWriter::left() const { return state_->left; }

void ChainWriter::discard() noexcept {
  try {
    if (state_->file != nullptr) state_->on_file([&](auto&) { state_->close(); });
  } catch (const std::exception&) {
    // The file goes away in any case.
  }
  state_->out.give_up();
}

}  // namespace tarn::io
