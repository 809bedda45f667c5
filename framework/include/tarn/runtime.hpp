// The loop: one thread per chain, one writer, progress, interrupts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "tarn/plugin.hpp"

namespace tarn {

struct RunPlan {
  std::size_t chains = 4;
  std::size_t warmup = 1000;
  std::size_t draws = 1000;  // kept, per chain
  std::size_t thin = 1;      // transitions per kept draw
  std::uint64_t seed = 0;
  std::size_t threads = 0;  // at most so many chains at once; 0: one per processor
  std::optional<std::chrono::duration<double>> max_time = {};  // from `since` on
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
};

/// Consecutive draws of one chain. Columns are draws.
struct DrawBatch {
  std::size_t chain = 0;  // its place in the run, from 0
  std::size_t first = 0;
  Matrix theta;        // layout.size() x count
  Matrix statistics;   // number of statistics x count
  double seconds = 0;  // wall time of this chain's kept draws so far
};

/// Where a chain stands: all that it needs, beside the names of its random streams, to go on with
/// the bits of a run that was never broken off.
struct ChainState {
  std::size_t number = 0;      // of the chain, from 0: names its streams
  std::size_t warmed_up = 0;   // transitions of the warm-up
  std::size_t draws = 0;       // kept
  Vector theta;                // after the last of them; empty: the chain has not begun
  std::vector<double> tuning;  // Sampler::tuning(); frozen once the warm-up is over
  double seconds = 0;          // wall time of the kept draws
};

/// Takes the draws; called from one thread only, in order within each chain.
class DrawSink {
 public:
  virtual ~DrawSink();
  virtual void write(const DrawBatch& batch) = 0;

  /// The chain at this place of the run stands here: every second or so of the warm-up, at its end,
  /// and where it is broken off. After the warm-up the last draw is all that changes.
  virtual void checkpoint(std::size_t chain, const ChainState& state);

  /// What it takes, in seconds, to finish with the draws that are there: a run with a `max_time`
  /// stops so much earlier.
  virtual double seconds_to_finish() const;

  /// Whether the draws that are there are enough: then the run stops.
  virtual bool enough() const;
};

struct RunProgress {
  std::size_t done = 0;  // transitions over all chains, warm-up included
  std::size_t total = 0;
  std::size_t divergences = 0;
  double seconds = 0;
};

/// How a run ended.
struct RunOutcome {
  enum class End { complete, interrupted, out_of_time, enough };
  End end = End::complete;
  std::size_t draws = 0;              // kept by every chain that did not fail
  std::vector<std::size_t> failed;    // places of chains that failed, from 0
  std::vector<std::string> failures;  // one sentence for each of them
  double warmup_seconds = 0;          // wall time of the slowest chain
  double sampling_seconds = 0;
};

/// Draws per batch: the chain file's chunk length.
std::size_t batch_length(std::size_t draws) noexcept;

/// A run that is set up: the first chain's model and sampler are made, so that what a draw holds is
/// known. What it is made from must outlive it.
class Run {
 public:
  /// Throws what making the model and the sampler throws: tarn's errors as they are, others as
  /// PluginError.
  Run(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
      const Settings& sampler_settings, const RunPlan& plan);
  ~Run();

  const Layout& layout() const noexcept;
  std::span<const Statistic> statistics() const noexcept;

  /// Numbers of Sampler::tuning().
  std::size_t tuning_size() const;

  /// Before go(): the chains go on from where they stood. One state for each chain, in any numbers
  /// (those that failed may be missing); draws before `draws` are not made again. Throws InputError
  /// where a state does not fit the run.
  void resume(std::vector<ChainState> states);

  /// How the sampler will draw, in its own words; may be empty.
  std::string plan() const;

  /// Runs all chains, once. Where there are more chains than threads they take turns, so that all
  /// are equally far when the run is interrupted. An exception of a plugin stops its chain (named
  /// in `failures`), an exception of the sink or of `progress` stops the run and is rethrown. Same
  /// seed, same draws, whatever the number of threads. `progress` is called from this thread,
  /// first when the chains begin.
  ///
  /// A run that is told to stop waits half a second for calls of plugins to return, then leaves
  /// those chains where their last draws are, and out where such a call has taken most of the run
  /// (named in `failures`).
  RunOutcome go(DrawSink& sink, const std::function<void(const RunProgress&)>& progress,
                std::stop_token stop);

  /// Whether a plugin is still in a call that go() waits for no more, also where go() has thrown.
  /// What the run is made from is then still in use: end the process without destroying it (_Exit).
  bool unreturned() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Sets up and goes.
RunOutcome run(const ModelType& model, const ModelInput& input, const SamplerType& sampler,
               const Settings& sampler_settings, const RunPlan& plan, DrawSink& sink,
               const std::function<void(const RunProgress&)>& progress = {},
               std::stop_token stop = {});

}  // namespace tarn
