// A run that is set up is drawn, stored, and told of: what fit, resume and extend share.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "command_line/arguments.hpp"
#include "drawing/effective_target.hpp"
#include "drawing/interrupt.hpp"
#include "fitting/stopwatch.hpp"
#include "tarn/io/chain_store.hpp"
#include "tarn/registry.hpp"
#include "tarn/runtime.hpp"

namespace tarn::launcher {

struct Timings {
  Seconds read;         // files to columns
  Seconds set_up;       // columns to a model and a sampler that are ready for draws
  Seconds create = {};  // the chain file
  Seconds draw = {};    // warm-up and draws of all chains, written
};

struct Drawing {
  const Registry& registry;
  Run& run;
  io::ChainWriter& writer;
  Interrupt& interrupt;
  const RunPlan& plan;
  std::optional<std::size_t> target;  // effective draws that are enough
  Timings timings;
  const Vector& observed;  // the response of the rows used
  bool quiet, json;
  const io::Continued* continued = nullptr;  // what is there already
};

/// What ends a run before its last draw: --max-time, --target-ess.
std::vector<Option> stopping_options();
Option durable_option();
std::optional<std::size_t> target_of(const Arguments& arguments);

/// Draws of an approximation are worth what its points are, whatever their number. Throws
/// UsageError for a sampler that declares such.
void check_target(const Run& run, const std::string& sampler);

/// When a process that has no draws yet ends: see Interrupt.
std::optional<Interrupt::Clock::time_point> late(const RunPlan& plan);

/// Throws IoError where judging the draws needs more memory than there is; says what is large
/// unless `quiet`.
void check_size(const Run& run, const RunPlan& plan, bool quiet);

/// Draws until the end, whatever it is; prints the summary unless it was interrupted. Leaves a file
/// and says how to go on with it, or throws and leaves none.
ExitCode carry_out(Drawing drawing);

}  // namespace tarn::launcher
